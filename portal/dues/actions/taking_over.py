"""Claims that another system issued: they keep their number and their day, and nobody is told."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.dues import ledger, references
from portal.dues.actions.invoices import take_number
from portal.dues.models import Invoice, InvoiceKind, InvoiceLine
from portal.members.models import Organization, Overlay, OverlayKind

SERIES = "IMPORTED"  # gapless like every series; the number on the paper is the old one


@dataclass(frozen=True)
class OldClaim:
    """An open invoice of before; `bill_to` as on our own."""

    number: str
    kind: InvoiceKind
    organization: Organization | None
    bill_to: dict[str, Any]
    currency: str
    issued_on: date
    due_on: date
    net_minor: int
    tax_minor: int
    tax_text: str
    text: str
    reference: str = ""
    purchase_order: str = ""


def take_over(claim: OldClaim) -> Invoice:
    """Issue it as it was, post it on its old day, and hold it: no reminder goes out until staff
    lift the hold. No mail. The caller commits, and has seen that the number is free.
    """
    sequence = take_number(SERIES, claim.issued_on.year)
    ours = references.number(SERIES, claim.issued_on.year, sequence)
    firm = claim.organization
    invoice = Invoice(
        series=SERIES, year=claim.issued_on.year, sequence=sequence, number=claim.number,
        reference=claim.reference or references.rf_reference(ours), kind=claim.kind,
        organization_id=firm.id if firm else None, organization=firm, bill_to=claim.bill_to,
        purchase_order=claim.purchase_order, currency=claim.currency, issued_on=claim.issued_on,
        due_on=claim.due_on, net_minor=claim.net_minor, tax_minor=claim.tax_minor,
        total_minor=claim.net_minor + claim.tax_minor, tax_text=claim.tax_text,
        lines=[_line(claim)],
    )  # fmt: skip
    db.session.add(invoice)
    db.session.flush()
    ledger.post_issue(invoice)
    db.session.add(
        Overlay(
            subject_kind="invoice", subject_id=invoice.id, kind=OverlayKind.HOLD, from_on=today(),
            reason="Imported: nobody is reminded until this hold is lifted.", made_at=clock.now(),
        )
    )  # fmt: skip
    audit.record("invoice.imported", f"invoice:{invoice.id}", number=claim.number,
                 total=invoice.total_minor)  # fmt: skip
    return invoice


def _line(claim: OldClaim) -> InvoiceLine:
    income = "events" if claim.kind is InvoiceKind.EVENT else "dues"
    return InvoiceLine(
        position=1, rule="imported", text=claim.text, formula="As issued before", inputs={},
        income=income, net_minor=claim.net_minor,
    )  # fmt: skip
