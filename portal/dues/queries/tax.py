"""Tax by month and rate, for the return."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, select

from portal.core.db import db
from portal.dues.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, Void
from portal.dues.recognition import month_of
from portal.dues.taxes import by_rate


@dataclass(frozen=True)
class TaxMonth:
    """Claims of a month at one rate, less what that month took back or voided."""

    month: date
    text: str
    currency: str
    net: int
    tax: int


def tax_by_month(first: date, last: date) -> list[TaxMonth]:
    """What was claimed and taken back from `first` to `last`, each rate for itself."""
    sums: dict[tuple[int, int, str, str], list[int]] = {}
    for query, sign in ((_claims(), 1), (_notes(), -1), (_voids(), -1)):
        for on, text, currency, net, tax in _by_rate(query, first, last):
            row = sums.setdefault((*month_of(on), text, currency), [0, 0])
            row[0] += sign * net
            row[1] += sign * tax
    return [
        TaxMonth(date(year, month, 1), text, currency, net, tax)
        for (year, month, text, currency), (net, tax) in sorted(sums.items())
    ]


def _by_rate(
    query: Select[Any], first: date, last: date
) -> Iterator[tuple[date, str, str, int, int]]:  # fmt: skip
    """One row for each rate of each paper of these days."""
    dated = query.selected_columns[1]
    mixed = set(db.session.scalars(_mixed()))
    rows = db.session.execute(query.where(dated.between(first, last)))
    for (_paper, on, number, text, currency, tax), lines in groupby(rows, lambda row: row[:6]):
        nets = {rate: int(net) for *_, rate, net in lines}
        for one in by_rate(text, tax, nets, is_mixed=number in mixed):
            yield on, f"Tax {one.rate} %" if one.rate else text, currency, one.net, one.tax


def _mixed() -> Select[int]:
    """The invoices of which not every line has the same rate."""
    rates = func.count(func.distinct(InvoiceLine.tax_percent))
    return select(InvoiceLine.invoice_id).group_by(InvoiceLine.invoice_id).having(rates > 1)


def _grouped(query: Any, *columns: Any) -> Any:
    return query.group_by(*columns, InvoiceLine.tax_percent).order_by(
        columns[0], func.min(InvoiceLine.position)
    )


def _claims() -> Select[Any]:
    columns = (
        Invoice.id, Invoice.issued_on, Invoice.id.label("invoice"), Invoice.tax_text,
        Invoice.currency, Invoice.tax_minor,
    )  # fmt: skip
    net = InvoiceLine.tax_percent, func.sum(InvoiceLine.net_minor)
    return _grouped(select(*columns, *net).join(Invoice.lines), *columns)


def _voids() -> Select[Any]:
    columns = (
        Void.id, Void.voided_on, Invoice.id, Invoice.tax_text, Invoice.currency,
        Invoice.tax_minor,
    )  # fmt: skip
    net = InvoiceLine.tax_percent, func.sum(InvoiceLine.net_minor)
    return _grouped(select(*columns, *net).join(Void.invoice).join(Invoice.lines), *columns)


def _notes() -> Select[Any]:
    """A note of the tax alone has no lines."""
    columns = (
        CreditNote.id, CreditNote.issued_on, Invoice.id, Invoice.tax_text, CreditNote.currency,
        CreditNote.tax_minor,
    )  # fmt: skip
    net = InvoiceLine.tax_percent, func.coalesce(func.sum(CreditNoteLine.net_minor), 0)
    query = select(*columns, *net).join(CreditNote.invoice).outerjoin(CreditNote.lines)
    return _grouped(query.outerjoin(CreditNoteLine.invoice_line), *columns)
