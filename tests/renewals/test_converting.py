"""G23 on real terms: a trial becomes a membership before its end, and what was not used is off."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions as actions_of_dues
from portal.dues import queries as books
from portal.dues.models import CreditNote, CreditReason, Invoice
from portal.members import queries as members
from portal.members.standing import Standing
from portal.renewals import actions, queries
from portal.renewals.jobs import look_after_memberships
from tests.make import make_contact
from tests.renewals.making import next_of, pay, terms_of
from tests.renewals.test_trials import admit, adopt, lines, term_now

PAGE = "/firm/membership/convert"
G23 = [("dues", 120900), ("dues", -24885), ("entry", 25000)]


@pytest.fixture
def term(at):
    """1 April to 30 September 2026, paid; it is 1 July."""
    at(2026, 4, 1, 12)
    adopt()
    pay(admit())
    at(2026, 7, 1, 12)
    return term_now()


@pytest.fixture
def payer(browser, term):
    firm = term.membership.organization
    return browser.sign_in(make_contact(firm, "dues_contact", email="payer@test.example"))


def convert(term):
    invoice = actions.convert(term)
    db.session.commit()
    return invoice


def net(invoice):
    return sum(minor for income, minor in lines(invoice) if income == "dues")


def test_G23_the_unused_days_of_the_trial_are_taken_off(term):
    invoice = convert(term)
    assert lines(invoice) == G23
    assert net(invoice) == 96015
    assert invoice.total_minor == 121015 + 25413


def test_the_price_and_the_day_are_seen_before_the_button(browser, payer, term):
    assert "become a member now" in browser.get("/firm/membership")
    page = browser.get(PAGE)
    for words in ("1,209.00", "248.85", "1\N{NO-BREAK SPACE}Jul", "31\N{NO-BREAK SPACE}Dec"):
        assert words in page
    assert db.session.query(Invoice).count() == 1
    answer = browser.post(PAGE, day="2026-07-01")
    invoice = queries.renewal_of(term).invoice
    assert answer.location.endswith(f"/invoices/{invoice.id}")
    assert lines(invoice) == G23
    browser.get(PAGE, status=303)  # it is out: the page leads to it
    assert "The trial goes on until this is paid" in browser.get("/firm/membership")


def test_sent_twice_it_is_one_invoice(browser, payer, term):
    browser.post(PAGE, page="/firm/membership", day="2026-07-01")
    browser.post(PAGE, page="/firm/membership", day="2026-07-01")
    assert convert(term).id == queries.renewal_of(term).invoice_id
    assert db.session.query(Invoice).count() == 2


@pytest.mark.parametrize("seen", ["2026-06-30", "", "x"])
def test_a_price_of_another_day_is_shown_again_and_not_charged(browser, payer, term, seen):
    page = browser.post(PAGE, status=200, day=seen).text
    assert "The day has changed" in page
    assert db.session.query(Invoice).count() == 1


def test_paying_ends_the_trial_and_begins_the_membership_of_that_day(at, term):
    invoice = convert(term)
    assert terms_of(term) == [(date(2026, 4, 1), date(2026, 9, 30))]
    at(2026, 7, 20, 12)
    pay(invoice)
    assert terms_of(term)[-1] == (date(2026, 7, 1), date(2026, 12, 31))
    trial, following = term.membership.terms
    assert (trial.ended_early_on, trial.end_reason) == (date(2026, 6, 30), "superseded")
    assert (following.is_trial, following.renews_id) == (False, trial.id)
    firm = term.membership.organization
    assert members.state_of(firm).standing is Standing.IN_FORCE
    assert actions.compare(term.membership).difference.is_nothing
    assert list(books.ledger_faults()) == []
    actions.renew(invoice)
    assert len(terms_of(term)) == 2
    at(2026, 12, 1, 12)
    invoice = actions.issue(actions.open_window(next_of(term)))
    assert lines(invoice) == [("dues", 241800)]


def test_what_is_not_paid_by_the_end_is_taken_back_and_the_usual_invoice_comes(at, term):
    first = convert(term)
    at(2026, 9, 30, 12)
    look_after_memberships()
    assert queries.renewal_of(term).invoice_id == first.id
    at(2026, 10, 1, 12)
    look_after_memberships()
    look_after_memberships()
    db.session.expire_all()
    assert not books.balance(first)
    second = queries.renewal_of(term).invoice
    assert lines(second) == [("dues", 60450), ("entry", 25000)]
    assert db.session.query(CreditNote).count() == 1
    pay(second)
    assert terms_of(term)[-1] == (date(2026, 10, 1), date(2026, 12, 31))
    assert term_dates(term) == (date(2026, 9, 30), None)


def term_dates(term):
    trial = term.membership.terms[0]
    return trial.end_on, trial.ended_early_on


def test_paid_after_the_end_and_before_anybody_looked_it_counts_from_its_day(at, term):
    invoice = convert(term)
    at(2026, 10, 15, 12)
    pay(invoice)
    assert terms_of(term)[-1] == (date(2026, 7, 1), date(2026, 12, 31))


def test_who_leaves_with_the_trial_is_not_charged_for_more(term):
    invoice = convert(term)
    left = actions.resign(term.membership, date(2026, 7, 1), "Enough", None)
    db.session.commit()
    assert left.leaves_on == date(2026, 9, 30)
    assert not books.balance(invoice)
    with pytest.raises(Refused, match="take that back"):
        actions.convert(term)


def test_who_is_a_member_already_leaves_as_members_do(at, term):
    pay(convert(term))
    left = actions.resign(term.membership, date(2026, 7, 1), "Enough", None)
    assert left.leaves_on == date(2026, 12, 31)
    assert term_dates(term) == (date(2026, 9, 30), date(2026, 6, 30))


def test_the_trial_is_taken_off_as_it_was_sold(at, term):
    adopt(amount=99000, since=date(2026, 6, 1))
    assert lines(convert(term)) == G23
    pay(queries.renewal_of(term).invoice)
    db.session.expire_all()
    assert actions.compare(term.membership).difference.is_nothing


def test_not_on_its_first_day_nor_after_its_end_nor_beside_the_usual_invoice(at, term):
    for day in ((2026, 4, 1, 12), (2026, 10, 1, 12)):
        at(*day)
        with pytest.raises(Refused, match="no trial running"):
            actions.convert(term)
        db.session.rollback()
        assert not actions.may_convert(term)
    at(2026, 8, 5, 12)
    actions.issue(actions.open_window(term))
    db.session.commit()
    with pytest.raises(Refused, match="pay that one"):
        actions.convert(term)
    db.session.rollback()


def test_nothing_is_paid_out_for_a_trial_that_is_worth_more_than_the_dues(at):
    at(2026, 10, 1, 12)
    adopt(amount=900000)
    pay(admit())
    at(2026, 12, 1, 12)
    with pytest.raises(Refused, match="let the trial run out"):
        actions.convert(term_now())


def test_the_page_is_for_who_pays(browser, term):
    manager = make_contact(term.membership.organization, "staff", email="m@test.example")
    browser.sign_in(manager)
    browser.get(PAGE, status=403)


def test_what_was_given_back_of_the_trial_is_not_given_back_again(term):
    """G23 after a goodwill credit of 30,000 on the trial: 92 of 183 days of what is left."""
    (trial,) = db.session.scalars(select(Invoice)).all()
    actions_of_dues.credit(trial, "Goodwill", CreditReason.GOODWILL, {trial.lines[0].id: 30000})
    db.session.commit()
    assert lines(convert(term)) == [("dues", 120900), ("dues", -9803), ("entry", 25000)]


def test_a_trial_that_was_credited_whole_has_nothing_to_be_taken_off(term):
    (trial,) = db.session.scalars(select(Invoice)).all()
    actions_of_dues.credit(trial, "Goodwill", CreditReason.GOODWILL)
    db.session.commit()
    assert lines(convert(term)) == [("dues", 120900), ("entry", 25000)]
