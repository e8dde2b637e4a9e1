"""What a body or a fact does to a membership: overlays laid and lifted, terms that end.

The caller commits.
"""

from dataclasses import dataclass
from datetime import date

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.search import index
from portal.core.states import Refused
from portal.members.models import Decision, Membership, Overlay, OverlayKind, Term
from portal.members.standing import firm_state
from portal.members.terms import TermEvent, TermState, refuse_unless_may, state_on


@dataclass(frozen=True)
class Laying:
    """What is laid on a thing, from a day to a day (None: until it is lifted), and by whom."""

    kind: OverlayKind
    reason: str
    from_on: date
    until_on: date | None = None
    scope: str = ""
    by: Person | None = None


def lay(subject_kind: str, subject_id: int, laying: Laying) -> Overlay:
    """Lay an overlay on a thing. Raises `Refused` when it ends before it began."""
    if laying.until_on and laying.until_on < laying.from_on:
        raise Refused("It cannot end before it begins.")
    found = Overlay(
        subject_kind=subject_kind, subject_id=subject_id, kind=laying.kind, scope=laying.scope,
        from_on=laying.from_on, until_on=laying.until_on, reason=laying.reason,
        made_at=clock.now(), made_by=laying.by.id if laying.by else None,
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    audit.record(
        f"overlay.{laying.kind}", f"{subject_kind}:{subject_id}", scope=laying.scope,
        from_on=laying.from_on, until_on=laying.until_on, reason=laying.reason,
    )  # fmt: skip
    return found


def suspend(membership: Membership, laying: Laying, body: str) -> Overlay:
    """Suspend as a body decided; the decision is kept in the register.

    Raises `Refused` unless the membership has a term that is live on the first day.
    """
    dates = [term.dates() for term in membership.terms]
    state = firm_state(dates, laying.from_on)
    refuse_unless_may(
        TermEvent.SUSPEND, TermState(state.standing) if state.is_live else TermState.LAPSED
    )
    found = lay("membership", membership.id, laying)
    firm = membership.organization
    found.decision = Decision(
        body=body, decided_on=laying.from_on, text=laying.reason,
        title=f"{firm.name}: {laying.scope} suspended",
    )  # fmt: skip
    db.session.flush()
    index.changed("firm", firm.id)
    return found


def lift(overlay: Overlay, why: str) -> None:
    """End an overlay now; twice is the same as once."""
    if overlay.lifted_at:
        return
    overlay.lifted_at = clock.now()
    subject = f"{overlay.subject_kind}:{overlay.subject_id}"
    audit.record("overlay.lifted", subject, kind=overlay.kind, scope=overlay.scope, why=why)
    if overlay.subject_kind == "membership":
        firm_id = db.session.get_one(Membership, overlay.subject_id).organization_id
        index.changed("firm", firm_id)


def end_term_early(term: Term, last_day: date, why: str, *, in_grace: bool = False) -> None:
    """The term's last day is earlier than it was sold for, or its grace is over before its time.

    Raises `Refused` outside the term, and outside its grace where that is asked for.
    """
    refuse_unless_may(TermEvent.END_EARLY, state_on(term.dates(), today()))
    if not term.start_on <= last_day <= (term.grace_until_on if in_grace else term.end_on):
        raise Refused("The last day must be one of the term's own days.")
    term.ended_early_on, term.end_reason = last_day, why
    index.changed("firm", term.membership.organization_id)
    audit.record("term.ended_early", term, last_day=last_day, why=why)


def cancel_term(term: Term, why: str) -> None:
    """Take a provisional term away as if it had not begun: the one before it decides again."""
    refuse_unless_may(TermEvent.CANCEL, state_on(term.dates(), today()))
    term.cancelled_at, term.end_reason = clock.now(), why
    audit.record("term.cancelled", term, why=why, renewed=term.renews_id)
    term.renews_id = None  # so that the term before it can be renewed after all
    index.changed("firm", term.membership.organization_id)


def end_membership(membership: Membership, last_day: date, reason: str) -> None:
    """Close the membership: a firm that comes back later joins anew. Twice is as once."""
    if membership.ended_on is None:
        membership.ended_on, membership.end_reason = last_day, reason
        audit.record("membership.ended", membership, last_day=last_day, reason=reason)
