from itertools import product

import pytest

from portal.core.states import Refused
from portal.members.policy import FEATURE_WORDS, Feature, Scope, scopes_against
from portal.members.terms import MAY, TermEvent, TermState, refuse_unless_may


def test_every_feature_has_words_and_suspensions_that_take_it():
    assert set(FEATURE_WORDS) == set(Feature)
    assert scopes_against(Feature.LISTED) == [Scope.LISTING, Scope.ALL]


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
