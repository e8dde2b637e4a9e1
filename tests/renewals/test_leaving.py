from datetime import date

import pytest

from portal.core import jobs
from portal.core.db import db
from portal.core.states import Refused
from portal.dues.queries import balance, unallocated_of
from portal.members import queries as members
from portal.members.standing import Standing
from portal.renewals import actions, queries
from portal.renewals.models import Renewal, Resignation
from tests.renewals.making import adopt, issue, make_life, next_of, pay, person_of, terms_of

END = date(2026, 12, 31)


def resign(term, told_on, **more):
    made = actions.resign(term.membership, told_on, "We sold the centre.", None, **more)
    db.session.commit()
    return made


def standing(term, at, *day):
    at(*day, 12)
    db.session.expire_all()
    return members.state_of(term.membership.organization).standing


@pytest.mark.parametrize(
    ("told_on", "last"), [(date(2026, 8, 31), END), (date(2026, 9, 1), date(2027, 12, 31))]
)
def test_G41_notice_before_september_leaves_with_the_year(at, told_on, last):
    at(told_on.year, told_on.month, told_on.day, 9)
    assert resign(make_life(), told_on).leaves_on == last


@pytest.mark.parametrize(
    ("told_on", "last"),
    [(date(2027, 2, 12), date(2027, 3, 14)), (date(2027, 2, 13), date(2028, 3, 14))],
)
def test_a_rolling_term_is_left_30_days_before_its_end(at, told_on, last):
    at(2026, 11, 5, 9)
    tariff = adopt(period={"kind": "anniversary", "months": 12})
    term = make_life(start=date(2026, 3, 15), end=date(2027, 3, 14), tariff=tariff)
    assert actions.last_day(term.membership, told_on) == last


def test_who_leaves_with_the_term_is_not_asked_to_renew_and_is_gone_after_it(at, sent):
    at(2026, 8, 20, 9)
    term = make_life()
    resign(term, date(2026, 8, 20))
    at(2026, 11, 20, 9)
    subjects = [one["Subject"] for one in sent()]
    assert db.session.query(Renewal).count() == 0
    assert any("leaves Testhall on 31 Dec 2026" in one.replace("\xa0", " ") for one in subjects)
    assert standing(term, at, 2026, 12, 31) is Standing.IN_FORCE
    at(2027, 1, 2, 9)
    jobs.work()
    db.session.expire_all()
    assert (term.membership.ended_on, term.membership.end_reason) == (END, "resigned")


def test_who_told_too_late_stays_another_year_and_is_charged_for_it(at):
    at(2026, 11, 5, 9)
    term = make_life()
    resign(term, date(2026, 11, 5))
    jobs.work()
    invoice = queries.renewal_of(term).invoice
    pay(invoice)
    assert next_of(term).end_on == date(2027, 12, 31)
    at(2027, 11, 5, 9)
    jobs.work()
    assert queries.renewal_of(next_of(term)) is None


def test_a_day_that_was_agreed_ends_the_term_early(at):
    at(2026, 6, 1, 9)
    term = make_life()
    resign(term, date(2026, 6, 1), last=date(2026, 6, 30))
    assert (term.ended_early_on, term.end_reason) == (date(2026, 6, 30), "resigned")
    assert standing(term, at, 2026, 6, 30) is Standing.IN_FORCE
    assert standing(term, at, 2026, 7, 1) is Standing.ENDED


def test_a_next_term_that_was_paid_goes_and_its_money_is_the_firms(at):
    at(2026, 11, 5, 9)
    term = make_life()
    payment = pay(issue(term))
    assert len(terms_of(term)) == 2
    resign(term, date(2026, 8, 31))
    assert terms_of(term) == [(date(2026, 1, 1), END)]
    assert unallocated_of(payment) == 181600


def test_a_next_term_that_is_not_paid_is_dropped(at):
    at(2026, 11, 5, 9)
    term = make_life()
    invoice = issue(term)
    resign(term, date(2026, 8, 31))
    assert not balance(invoice)


def test_what_is_over_cannot_be_left(at):
    at(2027, 2, 10, 9)
    with pytest.raises(Refused, match="nothing left to leave"):
        resign(make_life(), date(2027, 2, 10))


def test_a_claim_that_was_made_by_hand_for_days_after_it_is_taken_back(at):
    at(2026, 11, 5, 9)
    term = make_life()
    invoice = issue(term)
    renewal = queries.renewal_of(term)
    renewal.invoice = None
    db.session.commit()
    resign(term, date(2026, 8, 31))
    assert not balance(invoice)


def test_saying_it_twice_is_refused(at):
    at(2026, 8, 20, 9)
    term = make_life()
    resign(term, date(2026, 8, 20))
    with pytest.raises(Refused, match="being left already"):
        resign(term, date(2026, 8, 21))


@pytest.mark.parametrize(
    ("state", "event", "works"),
    [
        ("none", "resign", True), ("none", "stay", False),
        ("told", "resign", False), ("told", "stay", True),
        ("withdrawn", "resign", True), ("withdrawn", "stay", True),
        ("over", "resign", False), ("over", "stay", False),
    ],
)  # fmt: skip
def test_every_state_of_a_resignation_and_every_event(at, state, event, works):
    at(2026, 8, 20, 9)
    term = make_life()
    made = None if state == "none" else resign(term, date(2026, 8, 20))
    if state == "withdrawn":
        actions.stay(made, "They stay.")
        db.session.commit()
    if state == "over":
        at(2027, 2, 1, 9)
        jobs.work()
        db.session.expire_all()
    try:
        if event == "resign":
            resign(term, date(2026, 8, 21))
        elif made is None:
            raise Refused("There is none.")
        else:
            actions.stay(made, "They stay.")
        done = True
    except Refused:
        db.session.rollback()
        done = False
    assert done is works


def test_staying_after_all_lets_the_renewal_open(at):
    at(2026, 8, 20, 9)
    term = make_life()
    made = resign(term, date(2026, 8, 20), last=date(2026, 10, 31))
    actions.stay(made, "They stay.")
    db.session.commit()
    assert term.ended_early_on is None
    at(2026, 11, 5, 9)
    jobs.work()
    assert queries.renewal_of(term).invoice


def test_the_firm_sees_its_last_day_before_it_confirms(at, browser):
    at(2026, 8, 20, 9)
    term = make_life()
    browser.sign_in(person_of(term, "manager"))
    page = browser.get("/firm/membership/resign").replace("\xa0", " ")
    assert "its last day as a member is 31 Dec 2026" in page
    browser.post("/firm/membership/resign", reason="", status=200)
    assert db.session.query(Resignation).count() == 0
    browser.post("/firm/membership/resign", reason="We sold the centre.")
    page = browser.get("/firm/membership").replace("\xa0", " ")
    assert "The last day is <strong>31 Dec 2026</strong>" in page
    browser.post("/firm/membership/stay", page="/firm/membership")
    assert "The last day is" not in browser.get("/firm/membership")


def test_a_dues_contact_may_not_resign_for_the_firm(at, browser):
    at(2026, 8, 20, 9)
    browser.sign_in(person_of(make_life()))
    assert "/membership/resign" not in browser.get("/firm/membership")
    browser.get("/firm/membership/resign", status=403)
