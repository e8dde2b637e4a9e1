"""What stands between two records of one firm: a resignation, a renewal of days sold already."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core.db import db
from portal.dues.queries.invoices import owed
from portal.members.models import CLASS_NAMES, Membership, Term
from portal.renewals.models import Renewal, Resignation


def _open_at(firm_id: int) -> dict[str, Membership]:
    query = select(Membership).where(
        Membership.organization_id == firm_id, Membership.ended_on.is_(None)
    )
    loads = joinedload(Membership.organization)
    return {one.kind: one for one in db.session.scalars(query.options(loads))}


def futures_differ(keep_id: int, lose_id: int) -> str:
    """Why two firms of one class cannot be merged while one leaves or renews beside the other."""
    mine, theirs = _open_at(keep_id), _open_at(lose_id)
    for kind in mine.keys() & theirs.keys():
        both = mine[kind], theirs[kind]
        for one, other in (both, both[::-1]):
            if words := _leaves(one) or _renews(one, other):
                return words
    return ""


def _leaves(one: Membership) -> str:
    query = select(Resignation).filter_by(membership_id=one.id, withdrawn_at=None)
    found = db.session.scalars(query).first()
    if found is None:
        return ""
    what = "expulsion" if found.decision_id else "resignation"
    return (
        f"{one.organization.name} leaves as {CLASS_NAMES[one.kind]} on {found.leaves_on}, and the "
        f"other record does not say so: have the {what} taken back, or wait for that day."
    )


def _renews(one: Membership, other: Membership) -> str:
    """An unpaid invoice whose days the other record holds: paid, it would sell them twice."""
    query = (
        select(Renewal)
        .join(Renewal.term)
        .join(Renewal.invoice)
        .where(Term.membership_id == one.id, Renewal.dropped_at.is_(None), owed() > 0)
        .options(contains_eager(Renewal.invoice))
    )
    for renewal in db.session.scalars(query).all():
        if _terms(other, Term.end_on >= renewal.starts_on):
            number = renewal.invoice.number if renewal.invoice else ""
            return (
                f"Invoice {number} renews {one.organization.name} for days that the other record "
                "holds: drop that renewal, or credit it, first."
            )
    return ""


def _terms(membership: Membership, *conditions: ColumnElement[bool]) -> Sequence[Term]:
    query = select(Term).where(
        Term.membership_id == membership.id, Term.cancelled_at.is_(None), *conditions
    )
    return db.session.scalars(query).all()
