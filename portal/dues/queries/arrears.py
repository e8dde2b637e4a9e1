"""Who has owed dues for so long that the membership gives less."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, func, or_, select

from portal.core.db import db
from portal.core.merging import names_of, older_names, winners
from portal.dues.models import Invoice, InvoiceKind, InvoiceLine
from portal.dues.queries.invoices import due_on, owed, unpaid_from
from portal.dues.queries.reopened import is_late_since, late_since
from portal.members.access_table import Counted, Taking
from portal.members.models import Organization, OverlayKind, SeatOrder
from portal.members.overlays import is_under

ORDER_ENDS_DAYS = 30  # after it was due, an order of seats that nobody paid is over


def _is_more_than_seats() -> ColumnElement[bool]:
    """Seats beyond the included ones are not there before they are paid: owing them shuts nobody.

    True of invoices with a line of anything else. A number and no EXISTS: PostgreSQL would join
    the lines of every invoice before it looks for the few that are owed.
    """
    others = select(func.count(InvoiceLine.id)).where(
        InvoiceLine.invoice_id == Invoice.id, InvoiceLine.income != "seats"
    )
    return others.correlate(Invoice).scalar_subquery() > 0


def _counts(day: date) -> tuple[ColumnElement[bool], ...]:
    """True of unpaid dues that may take something; what is held, paused or excused may not."""
    spared = is_under("invoice", Invoice.id, list(OverlayKind), day)
    return Invoice.kind == InvoiceKind.DUES, owed() > 0, ~spared, _is_more_than_seats()


def _first_day(counted: Counted) -> ColumnElement[date]:
    return unpaid_from() if counted is Counted.INVOICED else due_on()


def is_unpaid_for(taking: Taking, day: date) -> ColumnElement[bool]:
    """True of dues that are unpaid for as long as a row of the access table says."""
    late = is_late_since(taking.since(day), _first_day(taking.counted))
    return and_(late, *_counts(day))


def owes_too_long(
    day: date, firm_id: SQLColumnExpression[Any], taking: Taking
) -> ColumnElement[bool]:  # fmt: skip
    """True of firms with dues unpaid for as long as a row of the access table says.

    Asked of the firm's own number and of those merged into it apart: one condition over both
    would make PostgreSQL read the invoices of everybody.
    """
    late = is_unpaid_for(taking, day)
    return or_(
        exists().where(Invoice.organization_id == firm_id, late),
        exists().where(Invoice.organization_id.in_(older_names(Organization, firm_id)), late),
    )


def forgotten_orders(day: date) -> Select[SeatOrder]:
    """Orders of seats that nobody paid in time; what is held, paused or excused is not."""
    spared = is_under("invoice", Invoice.id, list(OverlayKind), day)
    query = select(SeatOrder).join(Invoice, Invoice.number == SeatOrder.invoice_number)
    return query.where(
        SeatOrder.paid_on.is_(None), SeatOrder.withdrawn_on.is_(None), ~spared,
        due_on() < day - timedelta(days=ORDER_ENDS_DAYS), owed() == Invoice.total_minor,
    )  # fmt: skip


def overdue_days(firm_id: int, day: date) -> int:
    """How long the oldest unpaid dues of a firm are overdue, what is held or paused left out."""
    return unpaid_days(day, firm_id).get(firm_id, (0, 0))[0]


def unpaid_days(day: date, firm_id: int | None = None) -> dict[int, tuple[int, int]]:
    """How many days the oldest dues are overdue, and since the oldest one's invoice.

    By firm, of one or of all; firms that owe nothing are left out. One statement, and one more
    for the names of merged firms.
    """
    firm = Invoice.organization_id
    due, invoiced = (late_since(_first_day(one)) for one in (Counted.DUE, Counted.INVOICED))
    query = select(firm, func.min(due), func.min(invoiced)).group_by(firm)
    query = query.where(firm.is_not(None), *_counts(day))
    if firm_id is not None:
        query = query.where(firm.in_(names_of(Organization, firm_id)))
    merged = winners(Organization)
    found: dict[int, tuple[int, int]] = {}
    for number, due_since, unpaid_since in db.session.execute(query):
        overdue, unpaid = max(0, (day - due_since).days), max(0, (day - unpaid_since).days)
        now = merged.get(number or 0, number or 0)
        before = found.get(now, (0, 0))
        found[now] = max(before[0], overdue), max(before[1], unpaid)
    return found
