"""Invoices and credit notes as PDF, and the payment code that European banking apps read."""

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from portal.association.queries import association
from portal.core import qr
from portal.core.mail import Document
from portal.core.money import Money
from portal.dues.languages import WORDS, amount_in, day_in, figures_in, known
from portal.dues.models import CreditNote, Invoice, InvoiceLine
from portal.dues.queries import Bill
from portal.dues.queries.early import early_offer
from portal.dues.references import in_fours
from portal.dues.taxes import Sort, by_sort


def letterhead() -> dict[str, Any]:
    """The association as its papers name it today: kept with each that it issues."""
    here = association()
    return {
        "name": here.name, "address": here.address, "tax_id": here.tax_id,
        "contact": f"{here.contact_name}, {here.contact_email}", "bank": here.bank_name,
        "iban": here.iban, "bic": here.bic, "is_demo": here.is_demo,
    }  # fmt: skip


def _common(invoice: Invoice, paper: Invoice | CreditNote) -> dict[str, Any]:
    sender, speaks = paper.issued_by or letterhead(), invoice.language
    return {
        "from": sender, "to": invoice.to, "owes": invoice.bill_to, "order": invoice.purchase_order,
        "is_for": bool(invoice.paid_by), "is_demo": sender["is_demo"], "number": paper.number,
        "on": day_in(paper.issued_on, speaks), "dated": paper.issued_on.isoformat(),
        "currency": invoice.currency, "net": _figures(invoice, paper.net_minor),
        "taxes": list(_taxes(invoice, paper)),
        "total": amount_in(paper.total, speaks), "language": known(speaks),
        "words": WORDS[known(speaks)],
    }  # fmt: skip


def _taxes(invoice: Invoice, paper: Invoice | CreditNote) -> Iterator[tuple[str, str]]:
    """Each rate in words with its tax."""
    said, nets = WORDS[known(invoice.language)], dict[Sort, int]()
    for line in paper.lines:
        of = line if isinstance(line, InvoiceLine) else line.invoice_line
        sort = Sort(of.tax_percent, of.tax_outcome, of.tax_text)
        nets[sort] = nets.get(sort, 0) + line.net_minor
    is_mixed = len({line.tax_percent for line in invoice.lines}) > 1
    for one in by_sort(invoice.tax_text, paper.tax_minor, nets, is_mixed=is_mixed):
        text = said["tax_rate"].format(rate=one.rate) if one.rate else invoice.tax_text
        yield one.text or text, _figures(invoice, one.tax)


def _figures(invoice: Invoice, minor: int) -> str:
    return figures_in(Money(minor, invoice.currency), invoice.language)


def of_invoice(now: Bill) -> Document:
    """The invoice as it was issued, with what is still owed today."""
    invoice, speaks = now.invoice, now.invoice.language
    facts = _common(invoice, invoice)
    said = facts["words"]
    facts |= {
        "title": said["invoice"], "reference": in_fours(invoice.reference),
        "iban": in_fours(facts["from"]["iban"]), "is_owed": bool(now.balance),
        "pay_by": said["pay_by"].format(
            day=day_in(now.due_on, speaks), amount=amount_in(now.balance, speaks)
        ),
        "early": _early(invoice, said) if now.balance else "",
        "state": said.get(now.face, ""),
        "qr": transfer_text(facts["from"], invoice, now.balance),
        "paid": said["paid"].format(amount=amount_in(now.paid, speaks)) if now.sums.paid else "",
        "lines": [
            {"text": line.text, "formula": line.formula, "net": _figures(invoice, line.net_minor)}
            for line in invoice.lines
        ],
        "said": invoice.said,
    }  # fmt: skip
    return Document(f"{invoice.number}.pdf", "invoice", facts)


def _early(invoice: Invoice, said: Mapping[str, str]) -> str:
    """As long as it can be paid early: what settles it, and by when."""
    offer, speaks = early_offer(invoice), invoice.language
    if offer is None:
        return ""
    terms, to_pay = offer
    return said["early"].format(
        day=day_in(terms.until_on, speaks), amount=amount_in(to_pay, speaks),
        off=amount_in(terms.off, speaks),
    )  # fmt: skip


def of_note(note: CreditNote) -> Document:
    """What it takes back, or claims again, line by line; tax alone has no line."""
    invoice = note.invoice
    facts = _common(invoice, note)
    is_whole, is_again = note.total_minor == invoice.total_minor, note.total_minor < 0
    said = facts["words"]
    takes_back = "takes_back_all" if is_whole else "takes_back_some"
    facts |= {
        "title": said["note_back" if is_again else "note"],
        "credit": "" if is_again else said["credit"],
        "takes_back": said["claims_again" if is_again else takes_back].format(
            number=invoice.number, day=day_in(invoice.issued_on, invoice.language),
            reason=note.reason,
        ),
        "lines": [
            {"text": one.invoice_line.text, "formula": "", "net": _figures(invoice, one.net_minor)}
            for one in note.lines
        ],
    }  # fmt: skip
    return Document(f"{note.number}.pdf", "credit_note", facts)


def transfer_text(sender: dict[str, Any], invoice: Invoice, owed: Money) -> str:
    """What a transfer must say, as EPC069-12 words it; empty where that does not serve.

    `sender` is a letterhead: whose account is paid.
    """
    name, iban = sender["name"][:70], sender["iban"].replace(" ", "")
    if owed.currency != "EUR" or not 1 <= owed.minor <= 99_999_999_999 or not iban:
        return ""
    lines = ("BCD", "002", "1", "SCT", sender["bic"], name, iban)
    return "\n".join((*lines, f"EUR{owed.units}", "", invoice.reference))


def transfer_code(invoice: Invoice, owed: Money) -> Markup:
    """The same as an SVG that banking apps read."""
    text = transfer_text(letterhead(), invoice, owed)
    if not text:
        return Markup("")
    svg = qr.svg(text, svgns=False, omitsize=True, border=2)
    named = 'role="img" aria-label="Payment code for a European banking app"'
    return Markup(svg.replace("<svg", f"<svg {named}", 1))  # noqa: S704 - made of squares, by us
