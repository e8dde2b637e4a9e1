"""Whether the dues of a day to come are on an invoice already."""

from datetime import date

from sqlalchemy import select

from portal.core.db import db
from portal.core.merging import names_of
from portal.dues.models import Invoice, InvoiceKind, InvoiceLine
from portal.dues.queries.invoices import STATES, owed
from portal.members.models import Organization


def invoice_out_for(organization_id: int, day: date) -> Invoice | None:
    """A firm's invoice that charges dues for a day, and was not taken back."""
    charges = select(InvoiceLine.id).where(
        InvoiceLine.invoice_id == Invoice.id, InvoiceLine.income == "dues",
        InvoiceLine.covers_from <= day, InvoiceLine.covers_to >= day,
    )  # fmt: skip
    query = select(Invoice).where(
        Invoice.organization_id.in_(names_of(Organization, organization_id)),
        Invoice.kind == InvoiceKind.DUES, charges.exists(),
        ~STATES["credited"](owed()), ~STATES["void"](owed()),
    )  # fmt: skip
    return db.session.scalars(query.order_by(Invoice.id.desc())).first()
