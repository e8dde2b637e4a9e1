"""Tax by month and rate, for the return."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Select, and_, func, select

from portal.core.db import db
from portal.dues.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, Void
from portal.dues.recognition import month_of
from portal.dues.taxes import Sort, Taxed, by_sort

SORT = InvoiceLine.tax_percent, InvoiceLine.tax_outcome, InvoiceLine.tax_text


@dataclass(frozen=True)
class TaxMonth:
    """Claims of a month of one sort of tax, less what that month took back or voided."""

    month: date
    outcome: str  # of the adopted rules; "" where the tariff's own tax held
    text: str
    currency: str
    net: int
    tax: int


def tax_by_month(first: date, last: date) -> list[TaxMonth]:
    """What was claimed and taken back from `first` to `last`, each sort of tax for itself."""
    sums: dict[tuple[int, int, str, str, str], list[int]] = {}
    for query, sign in ((_claims(), 1), (_notes(), -1), (_voids(), -1)):
        for on, one, text, currency in _by_sort(query, first, last):
            if sign < 0 and not (one.net or one.tax):
                continue  # a line that the note leaves as it is
            row = sums.setdefault((*month_of(on), one.outcome, text, currency), [0, 0])
            row[0] += sign * one.net
            row[1] += sign * one.tax
    return [
        TaxMonth(date(year, month, 1), outcome, text, currency, net, tax)
        for (year, month, outcome, text, currency), (net, tax) in sorted(sums.items())
    ]


def _by_sort(
    query: Select[Any], first: date, last: date
) -> Iterator[tuple[date, Taxed, str, str]]:  # fmt: skip
    """One row for each sort of tax of each paper of these days."""
    dated = query.selected_columns[1]
    mixed = set(db.session.scalars(_mixed()))
    rows = db.session.execute(query.where(dated.between(first, last)))
    for (_paper, on, number, text, currency, tax), lines in groupby(rows, lambda row: row[:6]):
        nets = {Sort(*row[7:]): int(row[6]) for row in lines}
        for one in by_sort(text, tax, nets, is_mixed=number in mixed):
            said = f"Tax {one.rate} %" if one.rate else text
            yield on, one, one.text or said, currency


def _mixed() -> Select[int]:
    """The invoices of which not every line has the same rate."""
    rates = func.count(func.distinct(InvoiceLine.tax_percent))
    return select(InvoiceLine.invoice_id).group_by(InvoiceLine.invoice_id).having(rates > 1)


def _grouped(query: Any, *columns: Any) -> Any:
    return query.group_by(*columns, *SORT).order_by(columns[0], func.min(InvoiceLine.position))


def _claims() -> Select[Any]:
    columns = (
        Invoice.id, Invoice.issued_on, Invoice.id.label("invoice"), Invoice.tax_text,
        Invoice.currency, Invoice.tax_minor,
    )  # fmt: skip
    net = func.sum(InvoiceLine.net_minor), *SORT
    return _grouped(select(*columns, *net).join(Invoice.lines), *columns)


def _voids() -> Select[Any]:
    columns = (
        Void.id, Void.voided_on, Invoice.id, Invoice.tax_text, Invoice.currency,
        Invoice.tax_minor,
    )  # fmt: skip
    net = func.sum(InvoiceLine.net_minor), *SORT
    return _grouped(select(*columns, *net).join(Void.invoice).join(Invoice.lines), *columns)


def _notes() -> Select[Any]:
    """A note of the tax alone has no lines: its tax is of the sorts that the invoice has."""
    columns = (
        CreditNote.id, CreditNote.issued_on, Invoice.id, Invoice.tax_text, CreditNote.currency,
        CreditNote.tax_minor,
    )  # fmt: skip
    net = func.coalesce(func.sum(CreditNoteLine.net_minor), 0), *SORT
    is_of_both = and_(
        CreditNoteLine.note_id == CreditNote.id, CreditNoteLine.invoice_line_id == InvoiceLine.id
    )
    query = select(*columns, *net).join(CreditNote.invoice).join(Invoice.lines)
    return _grouped(query.outerjoin(CreditNoteLine, is_of_both), *columns)
