"""Expelling a firm as a body decided, what follows from it, and taking it back.

The caller commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.states import Refused
from portal.dues import queries as dues
from portal.dues.models import Invoice
from portal.dues.queries import Bill
from portal.members.models import Decision, Membership, Term
from portal.members.standing import firm_state
from portal.renewals import queries
from portal.renewals.actions.billing import tell
from portal.renewals.actions.leaving import (
    EXPELLED,
    RESIGNED,
    claims_after,
    ends_for,
    leave_terms,
    renew_again,
)
from portal.renewals.models import Resignation

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Expulsion:
    """What a body decided of a firm. `first_on` is the first day without membership."""

    decision: Decision
    first_on: date
    heard: str
    reason: str
    by: Person | None = None


@dataclass(frozen=True)
class Following:
    """What an expulsion does to the money: nothing is given back of a term that runs."""

    last: date
    term: Term | None  # in which the last day falls
    owed: Sequence[Bill]  # and goes on being owed
    credited: Sequence[Invoice]  # for later days; what was paid of it becomes credit


def what_follows(membership: Membership, first_on: date) -> Following:
    """Told before it is decided. Raises `Refused` for a day on which it cannot be."""
    _refuse_day(membership, first_on)
    last = first_on - A_DAY
    credited = claims_after(membership, last, EXPELLED)
    found = db.session.scalars(dues.invoices_of([membership.organization_id])).unique()
    owed = [one for one in dues.bills(found) if one.balance and one.invoice not in credited]
    return Following(last, queries.term_on(membership.id, last), owed, credited)


def _refuse_day(membership: Membership, first_on: date) -> None:
    terms = [one for one in membership.terms if one.cancelled_at is None]
    state = firm_state((one.dates() for one in terms), today())
    if membership.ended_on or not state.is_live:
        raise Refused("The membership is not live: there is nothing to be expelled from.")
    if first_on <= terms[0].start_on:
        raise Refused("On that day it was no member yet: enter a later day.")
    last = max(ends_for(one, EXPELLED) for one in terms) + A_DAY
    if first_on > last:
        raise Refused(f"It ends by itself before that: enter {last} or an earlier day.")


def expel(membership: Membership, told: Expulsion) -> Resignation:
    """Note that a firm was expelled; a resignation that stood before is replaced.

    Raises `Refused` when it was expelled before, for a day before the decision, and for one on
    which the firm is no member.
    """
    db.session.get_one(Membership, membership.id, with_for_update=True)
    before = queries.resignation_of(membership)
    if before and before.decision_id:
        raise Refused("It is expelled already: take that back first.")
    _refuse_day(membership, told.first_on)
    last, now = told.first_on - A_DAY, clock.now()
    if told.first_on < told.decision.decided_on:
        raise Refused("The first day without membership is not before the decision.")
    if before and before.leaves_on < last:
        raise Refused(f"It leaves before that by itself: its last day is {before.leaves_on}.")
    if before:
        before.withdrawn_at = now
        db.session.flush()
    made = Resignation(
        membership=membership, told_on=told.decision.decided_on, leaves_on=last, heard=told.heard,
        decision=told.decision, reason=told.reason, made_at=now,
        made_by=told.by.id if told.by else None,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    leave_terms(membership, last, EXPELLED)
    audit.record("membership.expelled", membership, decision=told.decision.title, leaves_on=last,
                 heard=told.heard, reason=told.reason)  # fmt: skip
    _tell("expelled", made)
    return made


def _tell(what: str, made: Resignation) -> None:
    firm = made.membership.organization
    tell(
        f"{what}:{made.id}", f"renewals/{what}", firm, f"organization:{firm.id}", expulsion=made,
        kind=queries.class_among(made.membership),
    )  # fmt: skip


def take_back_expulsion(made: Resignation, why: str) -> None:
    """The firm stays; a resignation that was replaced stands again. Twice is as once.

    Raises `Refused` once it took effect: then the firm comes back by joining.
    """
    membership = made.membership
    db.session.get_one(Membership, membership.id, with_for_update=True)
    db.session.refresh(made)
    if made.withdrawn_at:
        return
    if today() > made.leaves_on:
        raise Refused("It took effect already. The firm can come back by joining.")
    before = queries.replaced_by(made)
    made.withdrawn_at = clock.now()
    for term in membership.terms:
        if term.ended_early_on == made.leaves_on and term.end_reason == EXPELLED:
            term.ended_early_on = term.end_reason = None
    renew_again(made)
    db.session.flush()
    if before:
        before.withdrawn_at = None
        db.session.flush()
        leave_terms(membership, before.leaves_on, RESIGNED)
    audit.record("membership.expulsion_taken_back", membership, why=why)
    _tell("not_expelled", made)
