"""Invoices and credit notes as PDF, and the payment code that European banking apps read."""

import io

import segno
from markupsafe import Markup

from portal.association.queries import association
from portal.core import documents
from portal.core.filters import day
from portal.core.mail import Attachment
from portal.core.money import Money
from portal.dues.models import CreditNote, Invoice
from portal.dues.queries import bill
from portal.dues.references import in_fours


def attachment(number: str, body: bytes) -> Attachment:
    return Attachment(f"{number}.pdf", "application/pdf", body)


def _common(invoice: Invoice) -> dict[str, object]:
    here = association()
    return {
        "from": {
            "name": here.name, "address": here.address, "tax_id": here.tax_id,
            "contact": f"{here.contact_name}, {here.contact_email}",
        },
        "to": invoice.bill_to,
        "order": invoice.purchase_order,
        "is_demo": here.is_demo,
        "lines": [
            {"text": line.text, "formula": line.formula, "net": _amount(invoice, line.net_minor)}
            for line in invoice.lines
        ],
        "currency": invoice.currency,
        "net": _amount(invoice, invoice.net_minor),
        "tax": _amount(invoice, invoice.tax_minor),
        "tax_text": invoice.tax_text,
        "total": str(invoice.total),
    }  # fmt: skip


def _amount(invoice: Invoice, minor: int) -> str:
    return Money(minor, invoice.currency).figures


def invoice_pdf(invoice: Invoice) -> bytes:
    """The invoice as it was issued, with what is still owed today."""
    here, now = association(), bill(invoice)
    facts = _common(invoice) | {
        "title": "Invoice", "number": invoice.number, "on": day(invoice.issued_on),
        "due": day(now.due_on), "reference": in_fours(invoice.reference),
        "state": now.words, "balance": str(now.balance), "is_owed": bool(now.balance),
        "paid": str(now.paid) if now.sums.paid else "",
        "bank": {
            "name": here.name, "bank": here.bank_name, "iban": in_fours(here.iban),
            "bic": here.bic,
        },
    }  # fmt: skip
    return documents.pdf("invoice", facts)


def credit_note_pdf(note: CreditNote) -> bytes:
    """What it takes back, line by line; tax alone has no line."""
    lines = [
        {"text": one.invoice_line.text, "formula": "", "net": _amount(note.invoice, one.net_minor)}
        for one in note.lines
    ]
    facts = _common(note.invoice) | {
        "title": "Credit note", "number": note.number, "on": day(note.issued_on),
        "takes_back": note.invoice.number, "taken_on": day(note.invoice.issued_on),
        "reason": note.reason, "lines": lines, "net": _amount(note.invoice, note.net_minor),
        "tax": _amount(note.invoice, note.tax_minor), "total": str(note.total),
        "is_whole": note.total_minor == note.invoice.total_minor,
    }  # fmt: skip
    return documents.pdf("credit_note", facts)


def transfer_text(invoice: Invoice, owed: Money) -> str:
    """What a transfer must say, as EPC069-12 words it; empty where that does not serve."""
    here = association()
    if owed.currency != "EUR" or not 1 <= owed.minor <= 99_999_999_999 or not here.iban:
        return ""
    lines = ("BCD", "002", "1", "SCT", here.bic, here.name[:70], here.iban.replace(" ", ""))
    return "\n".join((*lines, f"EUR{owed.units}", "", invoice.reference))


def transfer_code(invoice: Invoice, owed: Money) -> Markup:
    """The same as an SVG that banking apps read."""
    text = transfer_text(invoice, owed)
    return _as_svg(segno.make(text, error="m", micro=False)) if text else Markup("")


def _as_svg(code: segno.QRCode) -> Markup:
    out = io.BytesIO()
    code.save(out, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2)
    svg = out.getvalue().decode()
    named = 'role="img" aria-label="Payment code for a European banking app"'
    return Markup(svg.replace("<svg", f"<svg {named}", 1))  # noqa: S704 - made of squares, by us
