"""What the database says of each renewal's stage is what the pure function says."""

from datetime import timedelta
from itertools import product

import pytest

from portal.association.queries import today
from portal.core import clock
from portal.core.db import db
from portal.members.models import MembershipClass, MembershipType
from portal.renewals import actions, queries
from portal.renewals.actions import resign
from portal.renewals.pipeline import Stage
from tests.dues.books import make_invoice
from tests.make import save
from tests.renewals.making import adopt, issue, make_life, pay

KINDS = (MembershipClass.PROVIDER_FRONT, MembershipClass.PUBLIC_BODY)


def same(day):
    """What both say on a day, once they were found equal."""
    said = [stage for _, stage in queries.stages(day)]
    assert said == [row.stage(day) for row in queries.board(day)]
    return set(said)


ACTS = ("", "issue", "pay", "part", "resign", "soon due", "undone")


def grow():
    """Firms at every stage: invoiced, paid, paid in part, leaving, with ends near and far."""
    shorter = MembershipType.by_default(MembershipClass.PROVIDER_FRONT)
    shorter.window_after_days = 100
    save(shorter)
    db.session.info.pop("policies", None)
    tariff = adopt()
    for kind, act, days in product(KINDS, ACTS, (-200, -150, -10, 0, 30, 80, 120)):
        end = today() + timedelta(days=days)
        first, name = end - timedelta(days=364), f"{act} {days}"
        term = make_life(kind, start=first, end=end, tariff=tariff, name=name)
        if act == "resign":
            resign(term.membership, today(), "It closes", None, last=max(today(), end))
        elif act == "soon due":
            renewal = actions.open_window(term)
            renewal.starts_on = renewal.ends_on = end
            renewal.invoice = make_invoice(term.membership.organization, due_on=today())
        elif act:
            _invoiced(term, act)
    db.session.commit()


def _invoiced(term, act):
    invoice = issue(term)
    actions.go_on_unpaid(queries.renewal_of(term))
    if act != "issue":
        pay(invoice, 100 if act == "part" else None)
    following = queries.next_term_of(term)
    if act == "undone" and following:
        following.cancelled_at = clock.now()


@pytest.mark.slow
def test_the_database_and_the_pure_function_name_the_same_stage(app):
    grow()
    found = set().union(*(same(today() + timedelta(days=days)) for days in range(-30, 200, 12)))
    assert found == set(Stage)


def test_what_is_kept_is_reckoned_again_after_an_act_and_not_before(app):
    term = make_life(end=today() + timedelta(days=20))
    db.session.commit()
    before = queries.terms_by_stage(today())
    assert before is queries.terms_by_stage(today())
    assert before["offered"] == before[""] == [term.id]
    actions.issue(actions.open_window(term))
    assert queries.terms_by_stage(today())["invoiced"] == [term.id], "before the commit as well"
    db.session.rollback()
    assert queries.terms_by_stage(today()) is before
    issue(term)
    assert queries.terms_by_stage(today())["invoiced"] == [term.id]
    pay(term_invoice(term))
    assert queries.terms_by_stage(today())["renewed"] == [term.id]


def test_an_act_that_changes_a_row_in_its_place_is_heard_as_well(app):
    term = make_life(end=today() + timedelta(days=20))
    made = resign(term.membership, today(), "It closes", None, last=term.end_on)
    db.session.commit()
    assert queries.terms_by_stage(today())["leaving"] == [term.id]
    actions.stay(made, "It stays")
    db.session.commit()
    assert made.withdrawn_at
    assert queries.terms_by_stage(today())["offered"] == [term.id]


def term_invoice(term):
    return queries.renewal_of(term).invoice
