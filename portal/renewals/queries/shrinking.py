"""Firms that told us less than they are charged for: it counts from their next term on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import aliased, contains_eager

from portal.association.queries import today
from portal.core.ahead import reading
from portal.core.db import db
from portal.core.merging import leads_to
from portal.dues.models import Declaration
from portal.dues.queries.declarations import declared_by
from portal.dues.rules import plain
from portal.members.models import CLASS_NAMES, Membership, Organization, Term
from portal.members.queries import seats_bought
from portal.renewals.models import Renewal, TermChange
from portal.renewals.prices import (
    Size,
    after,
    changes_by_term,
    changes_of,
    size_at_start,
    size_now,
    size_of_next,
)
from portal.renewals.queries.terms import renewals_of

SOME = 200  # terms whose numbers are read at once


@dataclass(frozen=True)
class Deferred:
    """A term that is charged for more than the firm told us since; the next counts the less."""

    firm_id: int
    firm: str
    class_name: str
    term_id: int
    from_on: date
    charged: Size
    told: Size

    @property
    def words(self) -> str:
        said = []
        for name, before in sorted(self.charged.metrics.items()):
            if Decimal(self.told.metrics.get(name, before)) < Decimal(before):
                said.append(f"{plain(name)} {before} to {self.told.metrics[name]}")
        if self.told.seats < self.charged.seats:
            said.append(f"{self.charged.seats} to {self.told.seats} seats")
        return ", ".join(said)


def deferred(day: date, days: int | None = None) -> list[Deferred]:
    """Of the terms that end on a day or later, or within so many days; by their end."""
    query = (
        select(Term)
        .join(Term.membership)
        .join(Membership.organization)
        .where(Term.end_on >= day, Term.cancelled_at.is_(None), Term.ended_early_on.is_(None))
        .where(Membership.ended_on.is_(None), _may_be_less(), ~_told_ahead())
    )
    if days is not None:
        query = query.where(Term.end_on <= day + timedelta(days=days))
    held = contains_eager(Term.membership)
    loads = held.contains_eager(Membership.organization), held.selectinload(Membership.terms)
    terms = db.session.scalars(query.options(*loads).order_by(Term.end_on, Term.id)).all()
    parts = [terms[first : first + SOME] for first in range(0, len(terms), SOME)]
    return [one for some in parts for one in _deferred(some)]


def _may_be_less() -> ColumnElement[bool]:
    """Something was told inside the term, for the next one, or below what was sold."""
    changed = exists().where(
        TermChange.term_id == Term.id, TermChange.invoice_id.is_(None),
        TermChange.is_correction.is_(False),
    )  # fmt: skip
    asked = exists().where(Renewal.term_id == Term.id, Renewal.seats.is_not(None))
    signed = exists().where(
        leads_to(Organization, Declaration.organization_id, Membership.organization_id)
    )  # fmt: skip
    return or_(changed, asked, signed)


def _told_ahead() -> ColumnElement[bool]:
    """It waits for the end of a later term, which is sold already."""
    later = aliased(Term)
    return exists().where(
        later.membership_id == Term.membership_id, later.start_on > Term.start_on,
        later.cancelled_at.is_(None), TermChange.term_id == later.id,
        TermChange.is_correction.is_(False),
    )  # fmt: skip


def _deferred(terms: Sequence[Term]) -> Iterator[Deferred]:
    ids, firms = [one.id for one in terms], {one.membership.organization_id for one in terms}
    told = [(one, today()) for one in firms]
    renewals = renewals_of(ids)
    with reading({changes_by_term: ids, seats_bought: ids, declared_by: told}):
        found = [_of(one, renewals.get(one.id)) for one in terms]
    yield from (one for one in found if one.words)


def _of(term: Term, renewal: Renewal | None) -> Deferred:
    changes, firm = changes_of(term), term.membership.organization
    charged = [one for one in changes if one.invoice_id or one.is_correction]
    size = after(size_at_start(term, changes), charged)
    return Deferred(
        firm.id, firm.name, CLASS_NAMES[term.membership.kind], term.id,
        term.end_on + timedelta(days=1), replace(size, seats=size_now(term).seats),
        size_of_next(renewal or Renewal(term=term)),
    )  # fmt: skip
