from datetime import date, timedelta

import pytest

from portal.core.db import db
from portal.core.states import Refused
from portal.members import actions, queries
from portal.members.models import MembershipClass
from portal.members.standing import Standing, firm_state
from portal.members.terms import TermDates, TermState, add_months, nth_term, state_on
from tests.make import make_firm, make_membership

FRONT = MembershipClass.PROVIDER_FRONT
YEAR = TermDates(start=date(2026, 1, 1), end=date(2026, 12, 31), grace_days=30)


@pytest.mark.parametrize(
    ("day", "state"),
    [(date(2025, 12, 31), "scheduled"), (date(2026, 1, 1), "in_force"),
     (date(2026, 12, 31), "in_force"), (date(2027, 1, 1), "grace"), (date(2027, 1, 30), "grace"),
     (date(2027, 1, 31), "lapsed")],
)  # fmt: skip
def test_G59_a_term_has_one_state_each_day(day, state):
    assert state_on(YEAR, day) is TermState(state)
    assert firm_state([YEAR], day).standing is Standing(state)


def test_every_day_of_three_years_has_exactly_one_state():
    days = [date(2025, 1, 1) + timedelta(n) for n in range(1200)]
    turns = [state_on(YEAR, day) for day in days]
    order = [one for n, one in enumerate(turns) if n == 0 or turns[n - 1] is not one]
    assert order == ["scheduled", "in_force", "grace", "lapsed"]


@pytest.mark.parametrize(
    ("term", "state"),
    [
        (TermDates(YEAR.start, YEAR.end, 30, is_cancelled=True), TermState.CANCELLED),
        (TermDates(YEAR.start, YEAR.end, 30, ended_early_on=date(2026, 3, 1)), TermState.ENDED),
        (TermDates(date(2025, 1, 1), date(2025, 12, 31), 400, next_start=date(2026, 1, 1)),
         TermState.SUCCEEDED),
    ],
)  # fmt: skip
def test_the_first_rule_that_fits_wins(term, state):
    assert state_on(term, date(2026, 6, 1)) is state


def test_G35_a_leap_day_anchor_returns_to_the_29th():
    found = [nth_term(date(2024, 2, 29), 12, n) for n in range(5)]
    assert found == [
        (date(2024, 2, 29), date(2025, 2, 27)), (date(2025, 2, 28), date(2026, 2, 27)),
        (date(2026, 2, 28), date(2027, 2, 27)), (date(2027, 2, 28), date(2028, 2, 28)),
        (date(2028, 2, 29), date(2029, 2, 27)),
    ]  # fmt: skip


def test_G36_months_are_counted_from_the_anchor_never_stepped():
    found = [nth_term(date(2027, 1, 31), 1, n)[0] for n in range(5)]
    assert [(one.month, one.day) for one in found] == [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31)]
    assert [add_months(date(2028, 1, 31), n).day for n in range(4)] == [31, 29, 31, 30]


def test_G38_three_months_from_the_end_of_november():
    assert nth_term(date(2026, 11, 30), 3, 0) == (date(2026, 11, 30), date(2027, 2, 27))


def start(firm, first, last, **facts):
    return actions.start_membership(firm, FRONT, first, last, {}, **facts)


def test_a_first_term_makes_the_membership_and_the_next_one_joins_it():
    firm = make_firm()
    first = start(firm, date(2026, 1, 1), date(2026, 12, 31))
    second = start(firm, date(2027, 1, 1), date(2027, 12, 31), renews=first)
    db.session.commit()
    assert second.membership is first.membership
    assert [first.sequence, second.sequence] == [1, 2]
    assert first.membership.since_on == date(2026, 1, 1)
    assert first.grace_until_on == date(2027, 1, 30)


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 12, 31), date(2027, 5, 1)), (date(2025, 6, 1), date(2026, 1, 1)),
     (date(2026, 3, 1), date(2026, 3, 1))],
)  # fmt: skip
def test_terms_of_a_membership_never_overlap(first, last):
    firm = make_firm()
    start(firm, date(2026, 1, 1), date(2026, 12, 31))
    with pytest.raises(Refused, match="already a member"):
        start(firm, first, last)


def test_days_after_an_early_end_are_free_again():
    firm = make_firm()
    term = start(firm, date(2026, 1, 1), date(2026, 12, 31))
    term.ended_early_on = date(2026, 5, 31)
    start(firm, date(2026, 6, 1), date(2027, 5, 31))


def test_a_term_is_renewed_once():
    firm = make_firm()
    first = start(firm, date(2026, 1, 1), date(2026, 12, 31))
    start(firm, date(2027, 1, 1), date(2027, 12, 31), renews=first)
    with pytest.raises(Refused, match="renewed already"):
        start(firm, date(2028, 1, 1), date(2028, 12, 31), renews=first)


def test_a_class_of_its_own_has_terms_of_its_own():
    firm = make_firm()
    start(firm, date(2026, 1, 1), date(2026, 12, 31))
    actions.start_membership(
        firm, MembershipClass.TECHNOLOGY, date(2026, 6, 1), date(2026, 12, 31), {}
    )
    db.session.commit()
    assert len(queries.classes_of(firm)) == 2


def test_the_register_filters_by_the_state_that_it_shows(at):
    at(2026, 6, 1)
    spans = {
        Standing.IN_FORCE: (date(2026, 1, 1), date(2026, 12, 31)),
        Standing.GRACE: (date(2025, 6, 1), date(2026, 5, 20)),
        Standing.SCHEDULED: (date(2026, 7, 1), date(2026, 12, 31)),
        Standing.LAPSED: (date(2024, 1, 1), date(2024, 12, 31)),
    }
    firms = {
        standing: make_membership(start=first, end=last).organization
        for standing, (first, last) in spans.items()
    }
    firms[Standing.NONE] = make_firm()
    for standing, firm in firms.items():
        assert queries.state_of(firm).standing is standing
        found = queries.belonging_of([firm.id])[firm.id]
        assert found.state == queries.state_of(firm)
        assert list(found.kinds) == queries.classes_of(firm)
        assert list(db.session.scalars(queries.firms(standing=standing)).unique()) == [firm]
