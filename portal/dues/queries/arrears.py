"""Who has owed dues for so long that the membership gives less."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, func, select

from portal.core.db import db
from portal.core.merging import leads_to, names_of
from portal.dues.models import Invoice, InvoiceKind
from portal.dues.queries.invoices import owed
from portal.dues.queries.reopened import late_since
from portal.members.models import Organization, OverlayKind
from portal.members.overlays import is_under
from portal.members.policy import SHUT_AFTER_DAYS


def owes_too_long(day: date, firm_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """True of firms with dues unpaid since 90 days; what is held, paused or excused is not."""
    spared = is_under("invoice", Invoice.id, list(OverlayKind), day)
    return exists().where(
        leads_to(Organization, Invoice.organization_id, firm_id), Invoice.kind == InvoiceKind.DUES,
        late_since() <= day - timedelta(days=SHUT_AFTER_DAYS), owed() > 0, ~spared,
    )  # fmt: skip


def overdue_days(firm_id: int, day: date) -> int:
    """How long the oldest unpaid dues of a firm are overdue, what is held or paused left out."""
    spared = is_under("invoice", Invoice.id, list(OverlayKind), day)
    first = select(func.min(late_since())).where(
        Invoice.organization_id.in_(names_of(Organization, firm_id)),
        Invoice.kind == InvoiceKind.DUES,
        owed() > 0,
        ~spared,
    )
    since = db.session.scalar(first)
    return max(0, (day - since).days) if since else 0
