"""Invoices whose money went again: a lost dispute, a refund elsewhere, a match undone."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select

from portal.core.db import db
from portal.dues.models import Account, Invoice, Payment, Posting
from portal.dues.queries.invoices import due_on

_TAKEN = (
    Posting.account == Account.RECEIVABLE, Posting.reverses_id.is_not(None),
    Posting.payment_id.is_not(None), Posting.minor > 0,
)  # fmt: skip


def is_taken_back() -> ColumnElement[bool]:
    """True of the postings by which money went off an invoice again."""
    return and_(*_TAKEN)


def reversals(invoice_ids: Sequence[int]) -> Select[int | None, int]:
    """By invoice the last posting that took money off it."""
    query = select(Posting.invoice_id, func.max(Posting.id)).where(
        Posting.invoice_id.in_(invoice_ids), *_TAKEN
    )
    return query.group_by(Posting.invoice_id)


def invoices_freed(payment: Payment, on: date | None = None) -> Sequence[Invoice]:
    """What a payment paid until it was taken off: whenever, or on a day."""
    freed = select(Posting.invoice_id).where(*_TAKEN, Posting.payment_id == payment.id)
    freed = freed.where(Posting.on == on) if on else freed
    query = select(Invoice).where(Invoice.id.in_(freed)).order_by(Invoice.id)
    return db.session.scalars(query).all()


def reopened_on(invoice_ids: Iterable[int]) -> dict[int, date]:
    """The last day on which money went off each of these invoices, where any did."""
    query = select(Posting.invoice_id, func.max(Posting.on)).where(
        Posting.invoice_id.in_(list(invoice_ids)), *_TAKEN
    )
    rows = db.session.execute(query.group_by(Posting.invoice_id))
    return {invoice_id: on for invoice_id, on in rows if invoice_id is not None}


def is_late_since(day: date, first: ColumnElement[date] | None = None) -> ColumnElement[bool]:
    """True where `late_since(first)` is that day or earlier, in a form that is cheap to plan."""
    went_later = exists().where(Posting.invoice_id == Invoice.id, *_TAKEN, Posting.on > day)
    return and_((due_on() if first is None else first) <= day, ~went_later.correlate(Invoice))


def late_since(first: ColumnElement[date] | None = None) -> ColumnElement[date]:
    """From when on the outer query's invoice is dunned: its due day, or its money went later.

    `first` counts from another day than the one on which it is due.
    """
    went = select(func.max(Posting.on)).where(Posting.invoice_id == Invoice.id, *_TAKEN)
    went_on = went.correlate(Invoice).scalar_subquery()
    due = due_on() if first is None else first
    return case((went_on > due, went_on), else_=due)
