"""Numbers signed while the renewal is out: credited and issued again while wholly unpaid."""

from datetime import date
from decimal import Decimal

import pytest

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.dues import actions as dues
from portal.dues.models import CreditNote, Invoice, PaymentAttempt
from portal.dues.number_fields import PREFIX
from portal.dues.queries import balance, ledger_faults
from portal.members.endings import Laying, lift
from portal.members.models import Organization, OverlayKind
from portal.members.overlays import overlays_of
from portal.renewals import actions, queries
from tests.dues.books import book, flat, make_tariff
from tests.dues.test_declarations import ANSWERS
from tests.make import make_contact, make_person
from tests.renewals.making import fail_card, fte, issue, make_life, next_of, pay, person_of
from tests.renewals.test_races import at_once

APRIL = date(2027, 4, 1)
YEAR = date(2025, 1, 1), date(2025, 12, 31)


@pytest.fixture
def term(at):
    at(2026, 11, 5, 9)
    return make_life(headcount=40)


def sign(term, many):
    told = dues.Told("contact_centre_fte", Decimal(many), YEAR, "All of it")
    firm = term.membership.organization
    dues.sign(firm, [told], person_of(term).id, currency="EUR")
    db.session.commit()


def now(term):
    db.session.expire_all()
    return queries.renewal_of(term).invoice


def count(model):
    return db.session.query(model).count()


def test_a_signed_number_credits_the_unpaid_renewal_and_issues_it_anew(term):
    old = issue(term)
    for _twice in range(2):
        sign(term, 60)
    new = now(term)
    assert (old.net_minor, new.net_minor, balance(old).minor) == (181600, 241800, 0)
    assert (count(Invoice), count(CreditNote)) == (2, 1)
    assert new.due_on >= term.end_on
    sent = [one.template for one in db.session.query(OutgoingMail).filter_by(
        recipient=person_of(term).email)]  # fmt: skip
    assert (sent.count("dues/issued"), sent.count("dues/credited")) == (2, 1)
    pay(new)
    assert next_of(term).price_snapshot["metrics"] == fte(60)
    assert list(ledger_faults()) == []


@pytest.mark.parametrize(("many", "minor"), [(60, 241800), (20, 120900)])
def test_a_change_inside_the_term_does_so_too(term, many, minor):
    issue(term)
    actions.change(term, fte(many), "They told.", None)
    db.session.commit()
    assert now(term).net_minor == minor


def test_so_does_a_number_that_staff_correct(term):
    issue(term)
    told = dues.Told("contact_centre_fte", Decimal(40), YEAR, "All of it")
    one = dues.declare(term.membership.organization, told, person_of(term).id, currency="EUR")
    dues.check(one, "Agency staff left out", make_person("finance").id, Decimal(60))
    db.session.commit()
    assert now(term).net_minor == 241800


def test_a_number_that_staff_found_right_counts_from_when_it_was_signed(term, at):
    told = dues.Told("contact_centre_fte", Decimal(60), YEAR, "All of it")
    one = dues.declare(term.membership.organization, told, person_of(term).id, currency="EUR")
    db.session.commit()
    at(2026, 11, 6, 9)
    actions.change(term, fte(20), "They told.", None)
    issued = issue(term)
    dues.check(one, "The record says so", make_person("finance").id)
    db.session.commit()
    assert (now(term), issued.net_minor) == (issued, 120900)


def test_what_is_issued_anew_is_by_the_tariff_that_the_renewal_was_quoted_by(term):
    old = issue(term)
    taxed = book(flat(999900), tax_percent="20")
    make_tariff(book=taxed, code="of 2027", effective_from=date(2027, 1, 1))
    sign(term, 60)
    new = now(term)
    assert new.net_minor == 241800
    assert new != old
    assert (new.tax_text, new.tax_minor) == (old.tax_text, old.tax_minor)


def test_in_the_same_band_nothing_is_issued_and_the_term_knows_the_new_number(term):
    old = issue(term)
    sign(term, 45)
    assert (now(term), count(CreditNote)) == (old, 0)
    pay(old)
    assert next_of(term).price_snapshot["metrics"] == fte(45)


def part_paid(invoice):
    pay(invoice, 1000)


def at_the_card_page(invoice):
    fail_card(invoice)
    db.session.query(PaymentAttempt).update({"status": "open"})


def in_parts(invoice):
    half = balance(invoice).share(1, 2)
    dues.agree_plan(invoice, [(date(2026, 12, 1), half), (date(2027, 1, 1), half)])


def held(invoice):
    dues.put_on_hold(invoice, "They ask")


def paused(invoice):
    actions.stop_reminding(invoice, Laying(OverlayKind.PAUSE, "Promised.", today(), APRIL))


def paused_from_later_on(invoice):
    actions.stop_reminding(invoice, Laying(OverlayKind.PAUSE, "Promised.", APRIL))


def excused(invoice):
    actions.stop_reminding(invoice, Laying(OverlayKind.EXCUSE, "The board said so.", today()))


TOUCHES = [part_paid, at_the_card_page, in_parts, held, paused, paused_from_later_on, excused]


@pytest.mark.parametrize("touch", TOUCHES)
def test_what_was_touched_stays_as_it_is_and_the_page_says_why(term, browser, touch):
    old = issue(term)
    touch(old)
    db.session.commit()
    browser.sign_in(person_of(term))
    page = browser.get(f"/firm/membership/change?{PREFIX}contact_centre_fte=60")
    assert "stays as it is, as " in page
    sign(term, 60)
    assert (now(term), count(CreditNote)) == (old, 0)


def test_a_pause_that_was_lifted_or_is_over_keeps_nothing_back(at, term):
    old = issue(term)
    for until in (date(2026, 11, 6), None):
        actions.stop_reminding(old, Laying(OverlayKind.PAUSE, "Promised.", today(), until))
    db.session.flush()
    lift(overlays_of("invoice", [old.id])[0], "They paid nothing.")
    at(2026, 11, 9, 9)
    sign(term, 60)
    assert now(term).net_minor == 241800


def test_the_firm_sees_both_sums_before_it_signs(term, browser):
    old = issue(term)
    browser.sign_in(make_contact(term.membership.organization, "dues_contact", "signatory"))
    answers = ANSWERS | {"value_contact_centre_fte": "60"}
    page = browser.post("/firm/declaration", status=200, step="check", **answers).text
    page = page.replace("\N{NO-BREAK SPACE}", " ")
    assert f"{old.number}</a>, for the term from 1 Jan 2027, is taken back" in page
    assert "it was EUR 1,816.00. A new one of EUR 2,418.00 is issued instead, due" in page
    browser.post("/firm/declaration", step="sign", sign="yes", **answers)
    assert now(term).total_minor == 241800


def test_signs_at_one_moment_make_it_anew_once(app, term):
    issue(term)
    firm_id, by = term.membership.organization_id, person_of(term).id
    told = dues.Told("contact_centre_fte", Decimal(60), YEAR, "All of it")

    def press():
        dues.sign(db.session.get_one(Organization, firm_id), [told], by, currency="EUR")
        db.session.commit()

    at_once(app, press, count=3)
    assert (count(Invoice), count(CreditNote)) == (2, 1)
    assert list(ledger_faults()) == []


def test_a_sign_and_a_payment_at_one_moment_lose_no_money(app, term):
    old = issue(term)
    firm_id, by, old_id, whole = (
        term.membership.organization_id, person_of(term).id, old.id, balance(old),
    )  # fmt: skip
    told = dues.Told("contact_centre_fte", Decimal(60), YEAR, "All of it")
    acts, staff_id = ["sign", "pay"], make_person("finance").id

    def press():
        if acts.pop() == "sign":
            dues.sign(db.session.get_one(Organization, firm_id), [told], by, currency="EUR")
        else:
            found = db.session.get_one(Invoice, old_id)
            staff = db.session.get_one(Person, staff_id)
            dues.record_transfer(found, whole, found.issued_on, by=staff)
        db.session.commit()

    at_once(app, press, count=2)
    invoice = now(term)
    is_paid = next_of(term) is not None
    assert (invoice.id == old_id) == is_paid
    assert balance(invoice).minor == (0 if is_paid else 241800)
    assert list(ledger_faults()) == []
