"""The access table, pure: what is shipped, and each variant that the domain (4) names."""

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from portal.members.access_table import (
    ALWAYS,
    LIVE,
    SHIPPED,
    Counted,
    Situation,
    Table,
    Taking,
    access,
    in_effect,
)
from portal.members.policy import Feature, Scope
from portal.members.standing import Standing
from tests.access import ALL, BY_CALENDAR, ON_INVOICE, PROPOSED, VARIANTS

F, S = Feature, Standing
OWN = {F.INVOICES, F.OWN_DATA}
MEMBER = OWN | {F.FULL, F.LISTED, F.MEMBER_PRICE}
VOTER = MEMBER | {F.VOTE}
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("standing", "overdue", "has"),
    [
        (S.SCHEDULED, 0, OWN),
        (S.IN_FORCE, 0, MEMBER | {F.VOTE}),
        (S.IN_FORCE, 1, MEMBER | {F.VOTE}),
        (S.IN_FORCE, 29, MEMBER | {F.VOTE}),
        (S.IN_FORCE, 30, MEMBER),
        (S.IN_FORCE, 89, MEMBER),
        (S.IN_FORCE, 90, OWN),
        (S.IN_FORCE, 400, OWN),
        (S.GRACE, 0, MEMBER),
        (S.GRACE, 89, MEMBER),
        (S.GRACE, 90, OWN),
        (S.LAPSED, 0, OWN | {F.REJOIN}),
        (S.LAPSED, 400, OWN | {F.REJOIN}),
        (S.ENDED, 0, OWN | {F.REJOIN}),
        (S.NONE, 0, OWN),
    ],
)
def test_each_row_of_the_table_gives_what_the_domain_says(standing, overdue, has):
    assert access(SHIPPED, standing, Situation(overdue)) == has


def test_a_vote_between_30_and_89_days_lasts_until_the_published_cut_off():
    assert F.VOTE in access(SHIPPED, S.IN_FORCE, Situation(45, before_cut_off=True))
    assert F.VOTE not in access(SHIPPED, S.IN_FORCE, Situation(90, before_cut_off=True))


def test_a_vote_also_asks_that_the_firm_takes_part():
    assert F.VOTE not in access(SHIPPED, S.IN_FORCE, Situation(takes_part=False))
    assert access(SHIPPED, S.IN_FORCE, Situation(takes_part=False)) == MEMBER


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        (Scope.VOTE, MEMBER),
        (Scope.BENEFITS, OWN | {F.LISTED, F.VOTE}),
        (Scope.LISTING, OWN | {F.FULL, F.MEMBER_PRICE, F.VOTE}),
        (Scope.ALL, OWN),
    ],
)
def test_a_suspension_takes_what_its_scope_says(scope, left):
    assert access(SHIPPED, S.IN_FORCE, Situation(suspended=frozenset({scope}))) == left


def test_nothing_takes_a_firm_its_invoices():
    cases = product(Standing, (0, 29, 30, 90, 500), (frozenset(), frozenset(Scope)))
    for standing, overdue, suspended in cases:
        found = access(SHIPPED, standing, Situation(overdue, suspended, days_since_end=1000))
        assert F.INVOICES in found, (standing, overdue)


def test_an_ended_membership_keeps_its_own_data_for_90_days():
    assert F.OWN_DATA in access(SHIPPED, S.ENDED, Situation(days_since_end=90))
    assert F.OWN_DATA not in access(SHIPPED, S.ENDED, Situation(days_since_end=91))
    assert F.OWN_DATA in access(SHIPPED, S.LAPSED, Situation(days_since_end=900))


def test_a_table_is_read_back_as_it_was_kept():
    for table in VARIANTS.values():
        assert tuple(Taking.kept(one.row()) for one in table.takings) == table.takings


def test_benefits_on_invoice_are_withdrawn_after_45_unpaid_days():
    for days, has in ((0, VOTER), (44, VOTER), (45, OWN), (400, OWN)):
        assert access(ON_INVOICE, S.IN_FORCE, Situation(unpaid_days=days)) == has
    due_long_ago = Situation(overdue_days=15, unpaid_days=44)
    assert access(ON_INVOICE, S.IN_FORCE, due_long_ago) == VOTER
    assert access(ON_INVOICE, S.GRACE, Situation(unpaid_days=45)) == OWN


SUSPENDED = OWN | {F.LISTED}


@pytest.mark.parametrize(
    ("on", "overdue", "has"),
    [
        (date(2027, 3, 30), 58, VOTER),
        (date(2027, 3, 31), 59, SUSPENDED),  # due on 31 January
        (date(2027, 3, 31), 0, VOTER),  # due on this very day
        (date(2027, 4, 1), 1, SUSPENDED),
        (date(2027, 4, 2), 1, VOTER),  # due on 1 April: until next year's day
        (date(2028, 3, 30), 364, OWN),
        (date(2027, 6, 29), 149, SUSPENDED),
        (date(2027, 6, 30), 150, OWN),
        (date(2028, 1, 5), 339, OWN),  # and it stays so until it is paid
        (date(2028, 2, 29), 0, VOTER),
    ],
)
def test_absolute_dates_suspend_on_31_march_and_lapse_on_30_june(on, overdue, has):
    assert access(BY_CALENDAR, S.IN_FORCE, Situation(overdue, on=on)) == has


def test_a_table_with_a_day_of_the_calendar_asks_which_day_it_is():
    with pytest.raises(ValueError, match="which day"):
        access(BY_CALENDAR, S.IN_FORCE, Situation(5))


def test_a_suspension_proposed_to_the_general_meeting_takes_nothing_before_it_decides():
    for days in (0, 89, 90, 400):
        assert access(PROPOSED, S.IN_FORCE, Situation(days)) == VOTER
    assert [one.body for one in PROPOSED.proposals] == ["general meeting"]
    decided = Situation(95, frozenset({Scope.ALL}))
    assert access(PROPOSED, S.IN_FORCE, decided) == OWN


def test_of_each_unpaid_day_what_is_late_since_then_is_what_the_days_say():
    on = date(2027, 7, 9)
    for table, overdue in product(VARIANTS.values(), range(1, 800)):
        for one in table.takings:
            by_date = on - overdue * DAY <= one.since(on)
            case = Situation(overdue, unpaid_days=overdue, on=on)
            alone = replace(table, takings=(replace(one, body=""),))
            assert (access(alone, S.IN_FORCE, case) < VOTER) is by_date


def at_random(dice):
    """Any table that may be adopted."""
    some = [one for one in ALL if dice.random() < 0.7]
    in_force = ALWAYS | frozenset(some)
    takings = tuple(
        Taking(
            dice.choice(list(Counted)), frozenset(dice.sample(list(ALL), dice.randint(1, 4))),
            dice.randint(1, 200), f"{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
            dice.random() < 0.5, dice.choice(["", "", "board"]),
        )
        for _n in range(dice.randint(0, 4))
    )  # fmt: skip
    grace = frozenset(one for one in in_force if one in ALWAYS or dice.random() < 0.5)
    return Table(date.min, in_force, grace, takings, dice.randint(0, 400))


@pytest.mark.parametrize("seed", range(40))
def test_no_table_ends_a_vote_in_an_open_ballot_or_takes_a_firm_its_invoices(seed):
    dice = random.Random(seed)
    table, on = at_random(dice), date(2027, 1, 1) + dice.randint(0, 700) * DAY
    for standing, days in product(Standing, (0, 1, 44, 45, 90, 200, 900)):
        case = Situation(days, unpaid_days=days + 30, days_since_end=days, had_vote=True, on=on)
        found = access(table, standing, case)
        assert F.INVOICES in found
        assert (F.VOTE in found) is (standing in LIVE)
        decided = replace(case, suspended=frozenset({Scope.VOTE}))
        assert F.VOTE not in access(table, standing, decided)


def test_of_two_tables_the_one_that_began_last_holds():
    next_one = replace(ON_INVOICE, begins=date(2027, 1, 1))
    assert in_effect([SHIPPED, next_one], date(2026, 12, 31)) is SHIPPED
    assert in_effect([SHIPPED, next_one], date(2027, 1, 1)) is next_one
