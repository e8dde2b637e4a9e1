"""The stage of every renewal at once: what `pipeline.stage_on` says of each, said in SQL."""

from datetime import date, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, select
from sqlalchemy.orm import aliased

from portal.core.db import db
from portal.core.keeping import kept
from portal.dues.models import Invoice, Posting
from portal.dues.queries.invoices import due_on, owed
from portal.members.models import Membership, MembershipClass, Organization, Term
from portal.members.queries import policies
from portal.renewals.models import Renewal, Resignation
from portal.renewals.pipeline import Stage
from portal.renewals.queries.terms import longest, widest


def with_what_follows(query: Select, day: date, ahead_days: int | None = None) -> Select:
    """Of every open membership the terms that end about now, with all that decides their stage."""
    first, last = day - timedelta(days=longest()), day + timedelta(days=ahead_days or widest())
    stands = Resignation.withdrawn_at.is_(None)
    return (
        query.select_from(Term)
        .join(Term.membership)
        .join(Membership.organization)
        .outerjoin(Renewal, Renewal.term_id == Term.id)
        .outerjoin(Invoice, Invoice.id == Renewal.invoice_id)
        .outerjoin(Resignation, (Resignation.membership_id == Membership.id) & stands)
        .where(Term.cancelled_at.is_(None), Membership.ended_on.is_(None))
        .where(Term.end_on.between(first, last))
        .order_by(Term.end_on, Organization.name, Term.id)
    )


def has_next() -> ColumnElement[bool]:
    """True where a later term of the membership counts."""
    later = aliased(Term)
    return exists().where(
        later.membership_id == Term.membership_id, later.cancelled_at.is_(None),
        later.start_on > Term.start_on,
    )  # fmt: skip


def stage_of(day: date) -> ColumnElement[str]:
    """Of the rows of `with_what_follows`; the first rule that fits wins."""
    known = policies()

    def by_class(days: dict[MembershipClass, int]) -> ColumnElement[date]:
        at = {kind: literal(day + timedelta(days=many)) for kind, many in days.items()}
        return case(*((Membership.kind == kind, on) for kind, on in at.items()))

    closed = by_class({kind: -one.window_after_days for kind, one in known.items()})
    opens = by_class({kind: one.window_before_days - 1 for kind, one in known.items()})
    last = case((Resignation.decision_id.is_not(None), Term.grace_until_on), else_=Term.end_on)
    left, is_invoiced = func.coalesce(owed(), 0), Invoice.id.is_not(None)
    return case(
        (Resignation.leaves_on <= last, Stage.LEAVING),
        (and_(has_next(), is_invoiced, left != 0), Stage.PROVISIONAL),
        (has_next(), Stage.RENEWED),
        (and_(is_invoiced, left == 0), Stage.PAID),
        (Term.end_on < closed, Stage.CLOSED),
        (and_(Term.end_on < day, Term.grace_until_on < day), Stage.LAPSED),
        (Term.end_on < day, Stage.GRACE),
        (and_(is_invoiced, due_on() < day), Stage.OVERDUE),
        (is_invoiced, Stage.INVOICED),
        (Term.end_on <= opens, Stage.OFFERED),
        else_=Stage.NOT_OPEN,
    )  # fmt: skip


def stages(day: date) -> list[tuple[int, Stage]]:
    """Of each term on the board its number and its stage, by its end."""
    query = with_what_follows(select(Term.id, stage_of(day)), day)
    return [(key, Stage(found)) for key, found in db.session.execute(query)]


def terms_by_stage(day: date) -> dict[str, list[int]]:
    """The terms at each stage, and under "" all whose renewal is open; kept until an act."""
    return kept(
        ("stages", day), (Term, Renewal, Resignation, Posting), partial(_terms_by_stage, day)
    )


def _terms_by_stage(day: date) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {one: [] for one in ["", *Stage]}
    for key, stage in stages(day):
        found[stage].append(key)
        if stage is not Stage.NOT_OPEN:
            found[""].append(key)
    return found
