"""Invoices and credit notes as PDF, and the payment code that European banking apps read."""

import io
from typing import Any

import segno
from markupsafe import Markup

from portal.association.queries import association
from portal.core.filters import day
from portal.core.mail import Document
from portal.core.money import Money
from portal.dues.models import CreditNote, Invoice
from portal.dues.queries import Bill
from portal.dues.references import in_fours


def letterhead() -> dict[str, Any]:
    """The association as its papers name it today: kept with each that it issues."""
    here = association()
    return {
        "name": here.name, "address": here.address, "tax_id": here.tax_id,
        "contact": f"{here.contact_name}, {here.contact_email}", "bank": here.bank_name,
        "iban": here.iban, "bic": here.bic, "is_demo": here.is_demo,
    }  # fmt: skip


def _common(invoice: Invoice, paper: Invoice | CreditNote) -> dict[str, Any]:
    sender = paper.issued_by or letterhead()
    return {
        "from": sender, "to": invoice.bill_to, "order": invoice.purchase_order,
        "is_demo": sender["is_demo"], "number": paper.number, "on": day(paper.issued_on),
        "dated": paper.issued_on.isoformat(), "currency": invoice.currency,
        "net": _amount(invoice, paper.net_minor), "tax": _amount(invoice, paper.tax_minor),
        "tax_text": invoice.tax_text, "total": str(paper.total),
    }  # fmt: skip


def _amount(invoice: Invoice, minor: int) -> str:
    return Money(minor, invoice.currency).figures


def of_invoice(now: Bill) -> Document:
    """The invoice as it was issued, with what is still owed today."""
    invoice = now.invoice
    facts = _common(invoice, invoice) | {
        "title": "Invoice", "due": day(now.due_on), "reference": in_fours(invoice.reference),
        "state": now.words, "balance": str(now.balance), "is_owed": bool(now.balance),
        "paid": str(now.paid) if now.sums.paid else "",
        "lines": [
            {"text": line.text, "formula": line.formula, "net": _amount(invoice, line.net_minor)}
            for line in invoice.lines
        ],
    }  # fmt: skip
    facts["iban"] = in_fours(facts["from"]["iban"])
    return Document(f"{invoice.number}.pdf", "invoice", facts)


def of_note(note: CreditNote) -> Document:
    """What it takes back, line by line; tax alone has no line."""
    lines = [
        {"text": one.invoice_line.text, "formula": "", "net": _amount(note.invoice, one.net_minor)}
        for one in note.lines
    ]
    facts = _common(note.invoice, note) | {
        "title": "Credit note", "takes_back": note.invoice.number,
        "taken_on": day(note.invoice.issued_on), "reason": note.reason, "lines": lines,
        "is_whole": note.total_minor == note.invoice.total_minor,
    }  # fmt: skip
    return Document(f"{note.number}.pdf", "credit_note", facts)


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
