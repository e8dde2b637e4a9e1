"""Lists as CSV, for spreadsheets that believe every cell."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

from portal.dues.queries import Bill

HEADINGS = (
    "number", "reference", "kind", "billed to", "country", "issued", "due", "currency", "net",
    "tax", "total", "paid", "credited", "owed", "state", "order",
)  # fmt: skip


def safe(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = " ".join(str(cell).split())
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def table_csv(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Any table; amounts come as `Decimal` and stay numbers, below zero too."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows(
        [cell if isinstance(cell, Decimal) else safe(cell) for cell in row] for row in rows
    )
    return out.getvalue()


def invoices_csv(bills: Iterable[Bill]) -> str:
    return table_csv(HEADINGS, (_cells(bill) for bill in bills))


def _cells(bill: Bill) -> tuple[object, ...]:
    invoice = bill.invoice
    amounts = (invoice.total - invoice.tax, invoice.tax, invoice.total, bill.paid, bill.credited)
    return (
        invoice.number, invoice.reference, invoice.kind.value, invoice.bill_to["name"],
        invoice.bill_to.get("country", ""), invoice.issued_on, invoice.due_on, invoice.currency,
        *(str(money.units) for money in amounts), str(bill.balance.units), bill.words,
        invoice.purchase_order,
    )  # fmt: skip
