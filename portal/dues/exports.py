"""Lists as files, for spreadsheets that believe every cell."""

from collections.abc import Iterable

from portal.dues.queries import Bill

HEADINGS = (
    "number", "reference", "kind", "billed to", "paid by", "country", "issued", "due", "currency",
    "net", "tax", "total", "paid", "credited", "owed", "state", "order",
)  # fmt: skip


def bill_rows(bills: Iterable[Bill]) -> Iterable[tuple[object, ...]]:
    """A row for each invoice, under HEADINGS."""
    return (_cells(bill) for bill in bills)


def _cells(bill: Bill) -> tuple[object, ...]:
    invoice = bill.invoice
    amounts = (invoice.total - invoice.tax, invoice.tax, invoice.total, bill.paid, bill.credited)
    return (
        invoice.number, invoice.reference, invoice.kind.value, invoice.bill_to["name"],
        invoice.paid_by.get("name", ""),
        invoice.bill_to.get("country", ""), invoice.issued_on, invoice.due_on, invoice.currency,
        *(money.units for money in amounts), bill.balance.units, bill.words,
        invoice.purchase_order,
    )  # fmt: skip
