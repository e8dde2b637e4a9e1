"""Whether the dues of a term to come are on an invoice already."""

from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from portal.association.queries import today
from portal.core.db import db
from portal.core.merging import names_of
from portal.dues.models import Invoice, InvoiceKind, InvoiceLine
from portal.dues.queries.invoices import owed
from portal.members.models import Organization


def invoices_out(
    organization_id: int, membership_id: int | None = None
) -> list[tuple[Invoice, date]]:
    """A firm's unpaid invoices of dues for days to come, or those of one of its memberships; and
    the first of these days.
    """
    first: Any = func.min(InvoiceLine.covers_from)
    query = select(Invoice, first).join(Invoice.lines)
    query = query.where(
        Invoice.organization_id.in_(names_of(Organization, organization_id)),
        Invoice.kind == InvoiceKind.DUES, InvoiceLine.income == "dues",
        InvoiceLine.covers_from > today(), owed() > 0,
    )  # fmt: skip
    if membership_id is not None:
        mine = InvoiceLine.membership_id == membership_id
        query = query.where(or_(mine, InvoiceLine.membership_id.is_(None)))
    found = db.session.execute(query.group_by(Invoice.id).order_by(Invoice.id))
    return [(invoice, first_day) for invoice, first_day in found]
