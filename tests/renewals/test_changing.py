from datetime import date

import pytest

from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues.models import CreditNote, Invoice
from portal.dues.number_fields import PREFIX
from portal.dues.queries import balance, ledger_faults
from portal.members.models import MembershipClass
from portal.renewals import actions, queries
from portal.renewals.models import Renewal
from portal.renewals.prices import Size, quote_next, size_now
from tests.make import make_contact
from tests.renewals.making import adopt, fte, issue, make_life, next_of, pay, terms_of

AUGUST = (2026, 8, 17, 9)


def change(term, headcount):
    made = actions.change(term, fte(headcount), "They grew.", None)[0]
    db.session.commit()
    return made


def invoices():
    return db.session.query(Invoice).order_by(Invoice.id).all()


def test_G26_an_upgrade_is_charged_now_for_the_days_that_are_left(at):
    at(*AUGUST)
    made = change(make_life(headcount=40), 60)
    (line,) = made.invoice.lines
    assert line.net_minor == 22596
    assert (line.covers_from, line.covers_to) == (date(2026, 8, 17), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("first", "last", "on", "before", "after", "minor"),
    [
        (date(2026, 3, 15), date(2027, 3, 14), (2026, 12, 1, 9), 20, 200, 51744),  # G27
        (date(2027, 2, 28), date(2028, 2, 28), (2027, 9, 1, 9), 40, 60, 29771),  # G28
        (date(2026, 3, 15), date(2027, 3, 14), (2027, 3, 14, 9), 40, 60, 165),  # G29
    ],
)
def test_G27_G28_G29_of_other_terms(at, first, last, on, before, after, minor):
    at(*on)
    tariff = adopt(period={"kind": "anniversary", "months": 12})
    if first == date(2027, 2, 28):
        term = make_life(headcount=before, start=date(2024, 2, 29), end=date(2025, 2, 27),
                         tariff=tariff)  # fmt: skip
        pay_until(term, last, at)
        term = queries.last_term_of(term.membership.organization_id)
        at(*on)
    else:
        term = make_life(headcount=before, start=first, end=last, tariff=tariff)
    assert (term.start_on, term.end_on) == (first, last)
    assert change(term, after).invoice.net_minor == minor


def pay_until(term, last, at):
    while term.end_on < last:
        at(term.end_on.year, term.end_on.month, term.end_on.day, 9)
        pay(issue(term))
        term = next_of(term)


def test_G30_a_downgrade_gives_nothing_back_and_counts_from_the_next_term(at):
    at(*AUGUST)
    term = make_life(headcount=60)
    made = change(term, 40)
    assert made.invoice is None
    assert invoices() == []
    at(2026, 11, 5, 9)
    assert issue(term).net_minor == 181600


def test_after_a_downgrade_growing_back_costs_nothing_twice(at):
    at(*AUGUST)
    term = make_life(headcount=60)
    change(term, 40)
    at(2026, 9, 1, 9)
    assert change(term, 60).invoice is None
    assert size_now(term) == Size(fte(60), {"contact_centre_fte": ""}, 60, 0)


def buy_seats(term, count):
    invoice = dues.order_seats(term, count, dues.price_of_seats(term, count))
    db.session.commit()
    pay(invoice)
    return invoice


def test_G31_seats_that_are_bought_are_kept_through_a_change_of_size(at):
    at(*AUGUST)
    term = make_life(headcount=40)
    assert buy_seats(term, 3).net_minor == 10697  # G31
    assert size_now(term) == Size(fte(40), {}, 40, 8)
    made = change(term, 60)
    assert [line.income for line in made.invoice.lines] == ["dues"]
    assert (made.seats, size_now(term)) == (8, Size(fte(60), {"contact_centre_fte": ""}, 60, 8))


def test_an_upgrade_stays_for_the_next_term(at):
    at(*AUGUST)
    term = make_life(headcount=40)
    buy_seats(term, 2)
    change(term, 60)
    renewal = Renewal(term=term)
    assert [line.net for line in quote_next(renewal).lines] == [241800, 19000]


def test_a_change_to_what_is_there_already_is_refused(at):
    at(*AUGUST)
    with pytest.raises(Refused, match="nothing changes"):
        change(make_life(headcount=40), 40)


def test_a_term_that_is_over_is_not_changed(at):
    at(2027, 1, 10, 9)
    with pytest.raises(Refused, match="cannot be given this: change"):
        change(make_life(headcount=40), 60)


def test_the_frozen_tariff_prices_a_change_whatever_was_adopted_since(at):
    at(*AUGUST)
    term = make_life(MembershipClass.PROVIDER_FRONT, headcount=40)
    adopt(code="2026b", start=date(2026, 1, 1))
    assert change(term, 60).invoice.net_minor == 22596


def first_invoice(term):
    """What the running term cost, as the books have it."""
    firm = term.membership.organization
    quote = actions.compare(term.membership).should
    made = actions.reconcile(term.membership, "first")
    db.session.commit()
    assert len(made.missing) == len(quote)
    return db.session.query(Invoice).filter_by(organization_id=firm.id).one()


def test_reconciling_issues_what_is_missing_once(at):
    at(2026, 2, 1, 9)
    term = make_life(headcount=40)
    invoice = first_invoice(term)
    assert invoice.net_minor == 181600
    for _ in range(2):
        again = actions.reconcile(term.membership, "again")
        db.session.commit()
        assert again.difference.is_nothing
    assert len(invoices()) == 1


def test_a_corrected_size_is_a_credit_note_and_a_new_invoice(at):
    at(2026, 2, 1, 9)
    term = make_life(headcount=40)
    old = first_invoice(term)
    pay(old)
    actions.correct(term, fte(60), "They had said too little.", None)
    found = actions.reconcile(term.membership, "The size was corrected")
    db.session.commit()
    assert [one.number for one in found.wrong] == [old.number]
    assert [line.net for line in found.missing] == [241800]
    assert db.session.query(CreditNote).one().invoice == old
    assert actions.compare(term.membership).difference.is_nothing
    assert list(ledger_faults()) == []


def test_seats_bought_inside_the_term_are_never_credited_by_it(at):
    at(2026, 2, 1, 9)
    term = make_life(headcount=40)
    first_invoice(term)
    bought = buy_seats(term, 3)
    assert actions.compare(term.membership).difference.is_nothing
    actions.correct(term, fte(60), "They had said too little.", None)
    found = actions.reconcile(term.membership, "The size was corrected")
    db.session.commit()
    assert bought not in found.wrong
    assert size_now(term) == Size(fte(60), {"contact_centre_fte": ""}, 60, 8)


def test_seats_charged_with_the_dues_are_charged_again_when_the_dues_were_wrong(at):
    at(2026, 2, 1, 9)
    term = make_life(headcount=40)
    first_invoice(term)
    buy_seats(term, 3)
    at(2026, 11, 5, 9)
    issue(term)
    actions.correct(term, fte(60), "They had said too little.", None)
    found = actions.reconcile(term.membership, "The size was corrected")
    db.session.commit()
    assert [line.net_minor for line in found.beside] == [28500]
    assert [line.net_minor for line in invoices()[-1].lines] == [241800, 241800, 28500]
    assert actions.compare(term.membership).difference.is_nothing


def test_an_upgrade_inside_the_term_agrees_with_its_invoice(at):
    at(2026, 2, 1, 9)
    term = make_life(headcount=40)
    first_invoice(term)
    at(*AUGUST)
    change(term, 60)
    assert actions.compare(term.membership).difference.is_nothing


def test_a_leaving_that_is_told_late_credits_the_claim_for_days_after(at):
    at(2026, 2, 1, 9)
    term = make_life(headcount=40)
    first_invoice(term)
    at(2026, 11, 5, 9)
    claim = issue(term)
    actions.resign(term.membership, date(2026, 8, 31), "Told in August.", None)
    db.session.commit()
    assert not balance(claim)
    assert actions.compare(term.membership).difference.is_nothing
    assert terms_of(term) == [(date(2026, 1, 1), date(2026, 12, 31))]


def test_more_in_a_term_that_ends_early_is_charged_until_its_last_day(at):
    at(2026, 1, 10, 9)
    term = make_life(headcount=40)
    actions.resign(term.membership, date(2026, 1, 10), "Sold.", None, last=date(2026, 9, 30))
    at(*AUGUST)
    (line,) = change(term, 60).invoice.lines
    assert (line.net_minor, line.covers_to) == (7422, date(2026, 9, 30)), "60200 × 45/365"
    assert "45/365" in line.formula
    assert "to 30 Sep 2026" in line.formula
    seats = buy_seats(term, 3).lines[0]
    assert (seats.net_minor, seats.covers_to) == (3514, date(2026, 9, 30)), "28500 × 45/365"
    found = actions.compare(term.membership)
    assert [one.net for one in found.missing] == [181600], "the growth agrees with its invoice"
    assert found.wrong == []


def test_a_leaving_told_after_the_growth_gives_back_the_days_that_are_not_used(at):
    at(*AUGUST)
    term = make_life(headcount=40)
    grown = change(term, 60).invoice
    actions.resign(term.membership, date(2026, 8, 1), "Told late.", None, last=date(2026, 8, 10))
    found = actions.compare(term.membership)
    assert [one.number for one in found.wrong] == [grown.number]
    assert [one.net for one in found.missing] == [181600]


def test_pages_say_that_a_renewal_which_is_out_stays_as_it_is(browser, at):
    at(*AUGUST)
    term = make_life(headcount=60)
    firm = term.membership.organization
    told = {
        "value_contact_centre_fte": "40", "period_start": "2025-01-01",
        "period_end": "2025-12-31", "scope": "contact_centre_only", "source": "self",
        "step": "check",
    }  # fmt: skip
    at(2026, 11, 5, 9)
    browser.sign_in(make_contact(firm, "dues_contact", "signatory"))
    less = f"/firm/membership/change?{PREFIX}contact_centre_fte=40"

    def pages():
        return (browser.get(less),
                browser.post("/firm/declaration", status=200, **told).text)  # fmt: skip

    assert not [page for page in pages() if "stays as it is" in page]
    invoice = issue(term)
    for page in pages():
        assert f"{invoice.number}</a>, for the term from 1\u00a0Jan\u00a02027" in page
    pay(invoice)
    assert not [page for page in pages() if "stays as it is" in page], "what is paid is settled"
