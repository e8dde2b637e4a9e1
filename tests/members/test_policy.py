from itertools import product

import pytest

from portal.core.states import Refused
from portal.members.policy import (
    FEATURE_WORDS,
    TABLE,
    Feature,
    Scope,
    Situation,
    access,
    scopes_against,
)
from portal.members.standing import Standing
from portal.members.terms import MAY, TermEvent, TermState, refuse_unless_may

F, S = Feature, Standing
OWN = {F.INVOICES, F.OWN_DATA}
MEMBER = OWN | {F.FULL, F.LISTED, F.MEMBER_PRICE}


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
    assert access(standing, Situation(overdue)) == has


def test_a_vote_between_30_and_89_days_lasts_until_the_published_cut_off():
    assert F.VOTE in access(S.IN_FORCE, Situation(45, before_cut_off=True))
    assert F.VOTE not in access(S.IN_FORCE, Situation(90, before_cut_off=True))


def test_a_vote_also_asks_that_the_firm_takes_part():
    assert F.VOTE not in access(S.IN_FORCE, Situation(takes_part=False))
    assert access(S.IN_FORCE, Situation(takes_part=False)) == MEMBER


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
    assert access(S.IN_FORCE, Situation(suspended=frozenset({scope}))) == left


def test_nothing_takes_a_firm_its_invoices():
    cases = product(Standing, (0, 29, 30, 90, 500), (frozenset(), frozenset(Scope)))
    for standing, overdue, suspended in cases:
        found = access(standing, Situation(overdue, suspended, days_since_end=1000))
        assert F.INVOICES in found, (standing, overdue)


def test_an_ended_membership_keeps_its_own_data_for_90_days():
    assert F.OWN_DATA in access(S.ENDED, Situation(days_since_end=90))
    assert F.OWN_DATA not in access(S.ENDED, Situation(days_since_end=91))
    assert F.OWN_DATA in access(S.LAPSED, Situation(days_since_end=900))


def test_every_standing_has_a_row_and_every_feature_words():
    assert {row.standing for row in TABLE} == set(Standing)
    assert set(FEATURE_WORDS) == set(Feature)
    assert scopes_against(F.LISTED) == [Scope.LISTING, Scope.ALL]


ALLOWED = {
    ("cancel", "scheduled"), ("cancel", "in_force"), ("cancel", "grace"),
    ("end early", "scheduled"), ("end early", "in_force"), ("end early", "grace"),
    ("end early", "lapsed"),
    ("renew", "scheduled"), ("renew", "in_force"), ("renew", "grace"), ("renew", "lapsed"),
    ("change", "scheduled"), ("change", "in_force"),
    ("suspend", "in_force"), ("suspend", "grace"),
}  # fmt: skip


@pytest.mark.parametrize(("event", "state"), list(product(TermEvent, TermState)))
def test_a_term_may_be_given_only_what_its_state_allows(event, state):
    if (event.value, state.value) in ALLOWED:
        refuse_unless_may(event, state)
    else:
        with pytest.raises(Refused, match="cannot be given"):
            refuse_unless_may(event, state)
    assert set(MAY) == set(TermEvent)
