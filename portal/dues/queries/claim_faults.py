"""Proofs over claims: an invoice's face is what its papers and its allocations make of it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from portal.core.db import db
from portal.dues.models import Account, CreditNote, CreditNoteLine, Invoice, Posting, WriteOff
from portal.dues.queries.early import early_faults
from portal.dues.queries.invoices import CREDITS, VOIDS, WRITE_OFFS, is_void


def claim_faults() -> Iterator[str]:
    """Nothing when each invoice's face equals its allocations, credit notes and write-offs."""
    yield from _faces()
    yield from _notes()
    yield from _lines()
    yield from _allocations()
    yield from early_faults()


def _claims(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """The sum of such postings on the claim of the outer query's invoice, credits positive."""
    total = select(func.coalesce(-func.sum(Posting.minor), 0)).where(
        Posting.invoice_id == Invoice.id, Posting.account == Account.RECEIVABLE, *conditions
    )
    return total.correlate(Invoice).scalar_subquery()


def _rows(column: Any, invoice_id: Any) -> ScalarSelect[int]:
    total = select(func.coalesce(func.sum(column), 0)).where(invoice_id == Invoice.id)
    return total.correlate(Invoice).scalar_subquery()


def _faces() -> Iterator[str]:
    """What is owed is the total less what the papers say, and nothing else moved it."""
    paid = _claims(Posting.payment_id.is_not(None))
    credited = _claims(Posting.journal.startswith(CREDITS))
    written = _claims(Posting.journal.startswith(WRITE_OFFS))
    all_notes = _rows(CreditNote.total_minor, CreditNote.invoice_id)
    all_written = _rows(WriteOff.amount_minor, WriteOff.invoice_id)
    voided = _claims(Posting.journal.startswith(VOIDS))
    owed = -_claims()
    query = select(
        Invoice.number, Invoice.total_minor, owed, paid, all_notes, written, voided
    ).where(
        or_(
            credited != all_notes, written < 0, written > all_written, paid < 0,
            voided != case((is_void(), Invoice.total_minor), else_=0),
            owed != Invoice.total_minor - paid - all_notes - written - voided,
        )
    )  # fmt: skip
    for number, total, left, *parts in db.session.execute(query):
        words = "{} paid, {} credited, {} written off, {} void".format(*parts)
        yield f"Invoice {number}: {total} less {words} is not the {left} that its face says."


def _notes() -> Iterator[str]:
    """Each credit note is posted as it was issued, and its lines make up its net."""
    posted = (
        select(func.coalesce(-func.sum(Posting.minor), 0))
        .where(
            Posting.journal == literal(CREDITS) + cast(CreditNote.id, String),
            Posting.account == Account.RECEIVABLE,
        )
        .correlate(CreditNote)
        .scalar_subquery()
    )
    lines = (
        select(func.coalesce(func.sum(CreditNoteLine.net_minor), 0))
        .where(CreditNoteLine.note_id == CreditNote.id)
        .correlate(CreditNote)
        .scalar_subquery()
    )
    query = select(CreditNote.number, CreditNote.total_minor, posted, lines).where(
        or_(posted != CreditNote.total_minor, lines != CreditNote.net_minor)
    )
    for number, total, booked, net in db.session.execute(query):
        yield f"Credit note {number}: {total} given, {booked} posted, {net} in its lines."


def _lines() -> Iterator[str]:
    """No more of an invoice is credited than was claimed."""
    credited = _rows(CreditNote.total_minor, CreditNote.invoice_id)
    query = select(Invoice.number, credited).where(credited > Invoice.total_minor)
    for number, minor in db.session.execute(query):
        yield f"Invoice {number}: {minor} credited, more than it claims."


def _allocations() -> Iterator[str]:
    """No payment pays less than nothing on an invoice."""
    paid = -func.sum(Posting.minor)
    query = (
        select(Posting.payment_id, Posting.invoice_id, paid)
        .where(and_(Posting.account == Account.RECEIVABLE, Posting.payment_id.is_not(None)))
        .group_by(Posting.payment_id, Posting.invoice_id)
        .having(paid < 0)
    )
    for payment_id, invoice_id, minor in db.session.execute(query):
        yield f"Payment {payment_id} pays {minor} on invoice {invoice_id}."
