"""A trial from the application to the term after it: start, end, price, and who is told what."""

from datetime import date

import pytest

from portal.core.db import db
from portal.joining import actions as joining
from portal.members import queries as members
from portal.members.models import Term
from portal.members.standing import Standing
from portal.renewals import actions
from portal.renewals.models import Renewal
from portal.renewals.prices import quote_next
from tests.dues.books import FEE, SEATS, book, make_tariff
from tests.dues.kept import mails
from tests.joining.applying import DECLARATION, make_application
from tests.make import make_contact, make_person
from tests.renewals.making import fte, issue, next_of, pay, terms_of

TRIAL = {"kind": "trial", "classes": "*", "months": 6, "amount": 49500}
YEARLY = {"period": {"kind": "anniversary", "months": 12}}


def adopt(amount=49500, since=date(2020, 1, 1), **facts):
    rules = [*book()["rules"], FEE, SEATS, {**TRIAL, "amount": amount}]
    facts = {"proration": "months", "tax_percent": "21"} | facts
    return make_tariff(book=book(*rules, **facts), effective_from=since)


def admit(headcount=60):
    """Approved on the day, with a trial chosen; its invoice."""
    application = make_application(upto="under_review")
    application.answers |= {"metrics": fte(headcount)}
    application.answers = {**application.answers, "choices": {"trial": True}}
    db.session.commit()
    invoice = joining.approve(application, make_person("membership"))
    db.session.commit()
    return invoice


def term_now():
    return db.session.query(Term).one()


@pytest.fixture
def term(at):
    """G22: 1 April to 30 September 2026, paid."""
    at(2026, 4, 1, 12)
    adopt()
    pay(admit())
    return term_now()


def lines(invoice):
    return [(line.income, line.net_minor) for line in invoice.lines]


def test_the_trial_has_one_price_and_its_own_days(at):
    at(2026, 4, 1, 12)
    adopt()
    invoice = admit()
    assert lines(invoice) == [("dues", 49500)]
    assert invoice.total_minor == 49500 + 10395
    assert invoice.leaves_on == date(2026, 9, 30)
    pay(invoice)
    term = term_now()
    assert (term.start_on, term.end_on, term.is_trial) == (
        date(2026, 4, 1), date(2026, 9, 30), True,
    )  # fmt: skip
    assert term.price_snapshot["seats"]["included"] == 5


def test_a_free_trial_begins_when_the_firm_is_admitted(at):
    at(2026, 4, 1, 12)
    adopt(amount=0)
    assert admit().total_minor == 0
    assert term_now().is_trial


def test_then_come_the_dues_of_the_rest_of_the_year_and_the_joining_fee_once(at, term):
    at(2026, 8, 5, 12)
    invoice = issue(term)
    assert lines(invoice) == [("dues", 60450), ("entry", 25000)]
    pay(invoice)
    following = next_of(term)
    assert terms_of(term)[-1] == (date(2026, 10, 1), date(2026, 12, 31))
    assert not following.is_trial
    at(2026, 12, 1, 12)
    assert lines(issue(following)) == [("dues", 241800)]


def test_the_books_agree_with_what_was_sold(at, term):
    assert actions.compare(term.membership).difference.is_nothing
    at(2026, 8, 5, 12)
    pay(issue(term))
    db.session.expire_all()
    assert actions.compare(term.membership).difference.is_nothing


def test_a_rolling_year_begins_after_the_trial(at):
    at(2026, 4, 1, 12)
    adopt(**YEARLY)
    pay(admit())
    at(2026, 8, 5, 12)
    found = quote_next(Renewal(term=term_now()))
    assert (found.starts_on, found.ends_on) == (date(2026, 10, 1), date(2027, 9, 30))
    assert [line.net for line in found.lines] == [241800, 25000]


def test_who_grows_in_a_trial_pays_for_it_after(at, term):
    at(2026, 6, 1, 12)
    (made,) = actions.change(term, fte(130), "We grew", None)
    assert made.invoice is None
    assert quote_next(Renewal(term=term)).lines[0].net == 75625


def test_it_lapses_when_nobody_pays_what_follows(at, term):
    at(2026, 8, 5, 12)
    issue(term)
    at(2026, 10, 15, 12)
    db.session.expire_all()
    assert members.state_of(term.membership.organization).standing is Standing.GRACE
    at(2026, 11, 1, 12)
    db.session.expire_all()
    assert members.state_of(term.membership.organization).standing is Standing.LAPSED


def test_who_does_not_go_on_leaves_with_the_trial_until_its_last_day(at, term):
    at(2026, 9, 30, 12)
    assert actions.last_day(term.membership, date(2026, 9, 30)) == date(2026, 9, 30)


def test_the_applicant_chooses_it_and_sees_its_price(browser, at):
    at(2026, 4, 1, 12)
    adopt()
    application = make_application(upto="draft")
    where = f"/join/a/{application.token}/declaration"
    assert "Begin with a trial: 6 months for" in browser.get(where)
    browser.post(where, **DECLARATION, trial="y")
    check = browser.get(f"/join/a/{application.token}/check")
    assert "Trial membership" in check
    assert "598.95" in check
    browser.post(where, **DECLARATION)
    assert "Trial membership" not in browser.get(f"/join/a/{application.token}/check")


def test_a_tariff_without_a_trial_offers_none(browser, at):
    at(2026, 4, 1, 12)
    make_tariff()
    application = make_application(upto="draft")
    where = f"/join/a/{application.token}/declaration"
    assert "trial" not in browser.get(where)
    browser.post(where, **DECLARATION, trial="y")
    assert "Trial membership" not in browser.get(f"/join/a/{application.token}/check")


def test_the_firm_and_staff_see_what_happens_at_its_end(browser, another_browser, at, term):
    at(2026, 8, 5, 12)
    firm = term.membership.organization
    payer = make_contact(firm, "dues_contact", email="payer@test.example")
    db.session.commit()
    browser.sign_in(payer)
    page = browser.get("/firm/membership")
    assert "This is a trial until" in page
    assert "Who does not pay them by" in page
    another_browser.sign_in(make_person("finance"))
    assert "On trial" in another_browser.get(f"/staff/members/{firm.id}/life")


def test_the_mail_that_opens_the_renewal_says_what_follows_the_trial(at, term):
    at(2026, 8, 5, 12)
    actions.open_window(term)
    db.session.commit()
    texts = [one.text for one in mails("renewals/opened")]
    assert texts
    assert all("This was a trial" in one and "30 Sep 2026" in one for one in texts)
