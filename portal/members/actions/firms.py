"""Changes to firms and their membership. The caller commits."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.core import audit
from portal.core.db import db
from portal.core.search import index
from portal.core.states import Refused
from portal.members.actions.seats import seat_everybody
from portal.members.models import Membership, MembershipClass, Organization, Term
from portal.members.queries import type_of


def start_membership(
    organization: Organization, kind: MembershipClass, start_on: date, end_on: date,
    price_snapshot: dict[str, Any], renews: Term | None = None,
) -> Term:  # fmt: skip
    """Add a term, and the membership when the firm has none of this class; its people keep seats.

    Raises `Refused` when the firm has a term on any of these days already, or when `renews` was
    renewed before.
    """
    membership = _held_membership(organization, kind, start_on)
    terms = db.session.scalars(
        select(Term).where(Term.membership_id == membership.id).order_by(Term.sequence)
    ).all()
    for term in terms:
        if _covers(term, start_on, end_on):
            raise Refused("The firm is already a member on some of these days.")
        if renews and term.renews_id == renews.id:
            raise Refused("This term was renewed already.")
    term = Term(
        membership=membership, sequence=len(terms) + 1, start_on=start_on, end_on=end_on,
        grace_until_on=end_on + timedelta(days=type_of(kind).grace_days),
        renews_id=renews.id if renews else None, price_snapshot=price_snapshot,
    )  # fmt: skip
    db.session.add(term)
    db.session.flush()
    seat_everybody(term)
    index.changed("firm", organization.id)
    audit.record("term.started", term, firm=organization.name, start=start_on, end=end_on)
    return term


def _held_membership(organization: Organization, kind: MembershipClass, on: date) -> Membership:
    """The open membership, locked, or a new one."""
    query = select(Membership).where(
        Membership.organization_id == organization.id, Membership.kind == kind,
        Membership.ended_on.is_(None),
    )  # fmt: skip
    found = db.session.scalars(query.with_for_update()).one_or_none()
    if found is None:
        found = Membership(organization=organization, kind=kind, since_on=on)
        db.session.add(found)
        db.session.flush()
    return found


def _covers(term: Term, start_on: date, end_on: date) -> bool:
    last = min(term.end_on, term.ended_early_on or term.end_on)
    return term.cancelled_at is None and term.start_on <= end_on and last >= start_on


def update_firm(organization: Organization, **facts: str) -> None:
    """Change what a firm says about itself, and keep what it said before."""
    before = {name: getattr(organization, name) for name in facts}
    changed = {name: value for name, value in facts.items() if before[name] != value}
    for name, value in changed.items():
        setattr(organization, name, value)
    if changed:
        old = {name: before[name] for name in changed}
        index.changed("firm", organization.id)
        audit.record("organization.changed", organization, before=old, after=changed)
