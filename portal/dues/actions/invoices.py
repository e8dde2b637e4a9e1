"""Issuing an invoice: the number, the lines, the journal, the pay link."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import text

from portal.association.queries import association, today
from portal.core import audit
from portal.core.db import db
from portal.dues import ledger, papers, references, signals
from portal.dues.actions.links import make_pay_link
from portal.dues.early import early_of
from portal.dues.languages import known
from portal.dues.models import Invoice, InvoiceKind, InvoiceLine
from portal.dues.notes import NONE, Notes
from portal.dues.pricing import Quote
from portal.dues.taxes import on_each
from portal.members.models import Organization

# One statement: the row stays locked until the caller commits, so no number is ever lost or twice.
TAKE = text(
    "INSERT INTO number_series (series, year, last) VALUES (:series, :year, 1) "
    "ON CONFLICT (series, year) DO UPDATE SET last = number_series.last + 1 RETURNING last"
)


@dataclass(frozen=True)
class LineDraft:
    """A line to be issued; `income` is dues, entry, seats, gift, other, events or interest."""

    rule: str
    text: str
    net_minor: int
    income: str
    formula: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    covers_from: date | None = None
    covers_to: date | None = None
    membership_id: int | None = None
    tax_percent: str | None = None  # the invoice's when None
    tax_outcome: str = ""
    tax_text: str = ""


def drafts_of(quote: Quote, membership_id: int | None = None) -> list[LineDraft]:
    """The lines of a quote, ready to be issued."""
    return [
        LineDraft(
            rule=line.rule, text=line.text, net_minor=line.net, income=line.income,
            formula=line.formula, inputs=line.inputs, covers_from=line.covers_from,
            covers_to=line.covers_to, membership_id=membership_id, tax_percent=line.tax_percent,
            tax_outcome=line.tax_outcome, tax_text=line.tax_text,
        )
        for line in quote.lines
    ]  # fmt: skip


def with_tax(line: LineDraft, taxes: Mapping[str, Mapping[str, str]]) -> LineDraft:
    """`line` with the tax that the adopted rules say of its kind; as it is where they say none."""
    told = taxes.get(line.income)
    if told is None:
        return line
    return replace(
        line, tax_percent=told["percent"], tax_outcome=told["outcome"], tax_text=told["text"]
    )


def take_number(series: str, year: int) -> int:
    """The next number of a series, gapless: others wait here until the caller commits."""
    return db.session.execute(TAKE, {"series": series, "year": year}).scalar_one()


def billed(firm: Organization) -> dict[str, Any]:
    """Of a firm's dues: it owes them; who pays them may be another, whose reference is named."""
    return {
        "bill_to": {
            "name": firm.name, "address": firm.address, "country": firm.country,
            "tax_id": firm.tax_id, "email": firm.billing_email,
        },
        "paid_by": {name: told for name, told in firm.paid_by.items() if name != "reference"},
        "purchase_order": firm.paid_by.get("reference") or firm.purchase_order,
    }  # fmt: skip


def issue_invoice(  # noqa: PLR0913 - a claim has that many facts, and none has a default
    *,
    kind: InvoiceKind,
    organization: Organization | None,
    bill_to: dict[str, Any],
    currency: str,
    lines: Sequence[LineDraft],
    tax_percent: Decimal | str,
    tax_text: str,
    due_on: date,
    paid_by: Mapping[str, Any] | None = None,
    purchase_order: str = "",
    notes: Notes = NONE,
) -> Invoice:
    """Claim money: `bill_to` has name, address, country, tax_id and email. The caller commits.

    `paid_by` has the same of who pays it, where that is another. Tax is reckoned once for each
    rate, half up; `tax_text` is of lines with no words of their own.
    """
    net, tax = sum(line.net_minor for line in lines), _tax(lines, str(tax_percent))
    series, on = association().invoice_series, today()
    sequence = take_number(series, on.year)
    number = references.number(series, on.year, sequence)
    invoice = Invoice(
        series=series, year=on.year, sequence=sequence, number=number,
        reference=references.rf_reference(number), kind=kind, organization=organization,
        bill_to=bill_to, paid_by=dict(paid_by or {}), purchase_order=purchase_order,
        language=_language(organization), tax_text=_said(lines) or tax_text, currency=currency,
        issued_by=papers.letterhead(), issued_on=on, due_on=due_on,
        net_minor=net, tax_minor=tax, total_minor=net + tax, lines=_lines(lines, str(tax_percent)),
        **asdict(notes), **_early(lines, str(tax_percent), on, due_on),
    )  # fmt: skip
    db.session.add(invoice)
    make_pay_link(invoice)
    db.session.flush()
    ledger.post_issue(invoice)
    audit.record("invoice.issued", invoice, number=number, total=invoice.total_minor)
    if invoice.total_minor == 0:
        signals.invoice_settled.send(invoice)
    return invoice


def _language(firm: Organization | None) -> str:
    return known(firm.language if firm else "")


def _said(lines: Sequence[LineDraft]) -> str:
    return "; ".join(dict.fromkeys(line.tax_text for line in lines if line.tax_text))


def _early(lines: Sequence[LineDraft], percent: str, on: date, due_on: date) -> dict[str, Any]:
    """What is off for who pays early, and until when; nothing where no day is left for it."""
    found = early_of((line.inputs, str(line.tax_percent or percent)) for line in lines)
    last = found.last_day(on, due_on) if found else None
    return {"early_until_on": last, "early_minor": found.minor} if found and last else {}


def _tax(lines: Sequence[LineDraft], percent: str) -> int:
    nets: Counter[Fraction] = Counter()
    for line in lines:
        nets[Fraction(line.tax_percent or percent)] += line.net_minor
    return sum(on_each(nets).values())


def total_of(lines: Sequence[LineDraft], percent: str) -> int:
    """Minor units of an invoice of these lines, tax included."""
    return sum(line.net_minor for line in lines) + _tax(lines, percent)


def _lines(drafts: Sequence[LineDraft], percent: str) -> list[InvoiceLine]:
    return [
        _line(position, draft, str(draft.tax_percent or percent))
        for position, draft in enumerate(drafts, start=1)
    ]


def _line(position: int, draft: LineDraft, tax_percent: str) -> InvoiceLine:
    return InvoiceLine(
        position=position, rule=draft.rule, text=draft.text, formula=draft.formula,
        inputs=draft.inputs, income=draft.income, net_minor=draft.net_minor,
        covers_from=draft.covers_from, covers_to=draft.covers_to,
        membership_id=draft.membership_id, tax_percent=tax_percent,
        tax_outcome=draft.tax_outcome, tax_text=draft.tax_text,
    )  # fmt: skip
