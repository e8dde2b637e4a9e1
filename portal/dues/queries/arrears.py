"""Who has owed dues for so long that the membership gives less."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, func, or_, select

from portal.core.db import db
from portal.core.merging import names_of, older_names
from portal.dues.models import Invoice, InvoiceKind, InvoiceLine
from portal.dues.queries.invoices import due_on, owed
from portal.dues.queries.reopened import is_late_since, late_since
from portal.members.models import Organization, OverlayKind, SeatOrder
from portal.members.overlays import is_under
from portal.members.policy import SHUT_AFTER_DAYS

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


def owes_too_long(day: date, firm_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """True of firms with dues unpaid since 90 days; what is held, paused or excused is not.

    Asked of the firm's own number and of those merged into it apart: one condition over both
    would make PostgreSQL read the invoices of everybody.
    """
    spared = is_under("invoice", Invoice.id, list(OverlayKind), day)
    late = and_(
        Invoice.kind == InvoiceKind.DUES, owed() > 0,
        is_late_since(day - timedelta(days=SHUT_AFTER_DAYS)), ~spared, _is_more_than_seats(),
    )  # fmt: skip
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
    spared = is_under("invoice", Invoice.id, list(OverlayKind), day)
    first = select(func.min(late_since())).where(
        Invoice.organization_id.in_(names_of(Organization, firm_id)),
        Invoice.kind == InvoiceKind.DUES,
        owed() > 0,
        ~spared,
        _is_more_than_seats(),
    )
    since = db.session.scalar(first)
    return max(0, (day - since).days) if since else 0
