"""Questions about unpaid dues: of whom we remind, and what waits for one of us."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import contains_eager

from portal.core.db import db
from portal.core.merging import leads_to, names_of
from portal.dues.models import AttemptStatus, Invoice, InvoiceKind, InvoiceLine, PaymentAttempt
from portal.dues.queries.arrears import is_unpaid_for
from portal.dues.queries.invoices import due_on, has_disputed_money, owed
from portal.dues.queries.reopened import late_since
from portal.members.adopted import access_on
from portal.members.models import Membership, Organization, OverlayKind
from portal.members.overlays import STOPS_REMINDERS, is_under
from portal.renewals.ladders import Ladder, acting_days
from portal.renewals.models import Resignation
from portal.renewals.queries.ladders import ladders_on


def _owing() -> Select[Invoice]:
    """Dues on which something is owed, with the firm, the oldest first."""
    return (
        select(Invoice)
        .join(Invoice.organization)
        .where(Invoice.kind == InvoiceKind.DUES, owed() > 0)
        .options(contains_eager(Invoice.organization))
        .order_by(due_on(), Invoice.id)
    )


def overdue(day: date, days: int = 1) -> Select[Invoice]:
    """Dues on which something is owed and that have been due for so many days."""
    return _owing().where(due_on() <= day - timedelta(days=days))


def in_arrears(day: date) -> Select[Invoice]:
    """Overdue dues, and those on which the access table has a body decide already."""
    asked = (is_unpaid_for(one, day) for one in access_on(day).proposals)
    return _owing().where(or_(due_on() < day, *asked))


def unpaid_numbers(firm_id: int) -> Select[str]:
    """Of all invoices of a firm on which something is owed."""
    firm = Invoice.organization_id.in_(names_of(Organization, firm_id))
    return select(Invoice.number).where(firm, owed() > 0)


def left_on() -> ColumnElement[date | None]:
    """The last day of whoever owes an invoice: of all memberships on its lines, once all end.

    NULL while one of them stays, and where none of them was resigned.
    """
    resigned = exists().where(Resignation.membership_id == Membership.id, _stands(), _is_of())
    end = func.coalesce(Membership.ended_on, Resignation.leaves_on)
    ends = (
        select(case((func.count() == func.count(end), func.max(end))))
        .select_from(Membership)
        .outerjoin(Resignation, and_(Resignation.membership_id == Membership.id, _stands()))
        .where(_is_of())
        .correlate(Invoice)
    )
    return case((resigned, ends.scalar_subquery()))


def _stands() -> ColumnElement[bool]:
    return Resignation.withdrawn_at.is_(None)


def _is_of() -> ColumnElement[bool]:
    """True of the memberships, beside their resignations, that an invoice charges.

    One whose lines name none, like the first of a firm that joins, charges those that the firm
    had on its days; with no days, all that it ever had.
    """
    line = InvoiceLine
    named = _line(leads_to(Membership, line.membership_id, Membership.id))
    until = func.coalesce(Membership.ended_on, Resignation.leaves_on, date.max)
    then = _line(line.covers_from <= until, line.covers_to >= Membership.since_on)
    is_then = or_(then, ~_line(line.covers_from.is_not(None)))
    firm = leads_to(Organization, Invoice.organization_id, Membership.organization_id)
    return and_(firm, or_(named, and_(is_then, ~_line(line.membership_id.is_not(None)))))


def _line(*has: ColumnElement[bool]) -> ColumnElement[bool]:
    """True of invoices that have a line like this."""
    query = exists().where(InvoiceLine.invoice_id == Invoice.id, *has)
    return query.correlate(Invoice, Membership, Resignation)


def to_remind(day: date) -> Select[Invoice]:
    """Unpaid dues at whatever step: soon due, overdue, or with a card that failed.

    What is held, paused or paid with disputed money is left out, and debts of those who left.
    """
    is_left = func.coalesce(left_on(), date.max) < day
    card_failed = exists().where(
        PaymentAttempt.invoice_id == Invoice.id, PaymentAttempt.status == AttemptStatus.FAILED
    )
    stopped = is_under("invoice", Invoice.id, STOPS_REMINDERS, day)
    is_near = due_on() <= day - timedelta(days=ladders_on([day])[day].earliest)
    return _owing().where(or_(is_near, card_failed), ~stopped, ~is_left, ~has_disputed_money())


def suspended_firms(firm_ids: Iterable[int], day: date) -> set[int]:
    """Of these firms those of which a membership is suspended on a day, in part or wholly."""
    query = select(Membership.organization_id).where(
        Membership.organization_id.in_(list(firm_ids)), Membership.ended_on.is_(None),
        is_under("membership", Membership.id, [OverlayKind.SUSPENSION], day),
    )  # fmt: skip
    return set(db.session.scalars(query))


def _is_so_late(
    since: ColumnElement[date], day: date, first: int, before: int | None
) -> ColumnElement[bool]:
    """True of what is late so many days, and fewer than those before which the next step is."""
    is_there = since <= day - timedelta(days=first)
    return is_there & (since > day - timedelta(days=before)) if before is not None else is_there


def to_act_on(day: date) -> Select[int, date]:
    """Unpaid dues at a step that asks one of us to act, and nothing stops it; since when.

    So are those of which the access table says that a body is to decide.
    """
    under = is_under("invoice", Invoice.id, [*STOPS_REMINDERS, OverlayKind.EXCUSE], day)
    since = late_since()
    steps = ladders_on([day])[day].of(Ladder.INVOICE)
    is_asked = [_is_so_late(since, day, *days) for days in acting_days(steps)]
    is_asked += [is_unpaid_for(one, day) for one in access_on(day).proposals]
    query = _owing().where(or_(false(), *is_asked), ~under)
    return query.with_only_columns(Invoice.id, since.label("since"), maintain_column_froms=True)


def proposed(day: date, invoice_ids: Collection[int]) -> dict[int, str]:
    """Of these invoices those that a body is to decide about by the access table, and which."""
    found: dict[int, str] = {}
    for one in access_on(day).proposals:
        query = select(Invoice.id).where(Invoice.id.in_(invoice_ids), is_unpaid_for(one, day))
        found |= dict.fromkeys(db.session.scalars(query), one.body)
    return found
