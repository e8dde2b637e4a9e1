"""Credit notes and voids, and what payers have left: money that pays nothing yet."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from portal.core.ahead import each
from portal.core.db import db
from portal.core.merging import ids_of
from portal.core.money import Money
from portal.dues.models import (
    Account,
    CreditNote,
    CreditNoteLine,
    CreditReason,
    Invoice,
    Payment,
    Posting,
    Void,
)
from portal.dues.queries.invoices import disputed_payment_ids
from portal.members.models import Organization


def credit_notes_of(invoice: Invoice) -> Sequence[CreditNote]:
    query = select(CreditNote).filter_by(invoice_id=invoice.id)
    lines = selectinload(CreditNote.lines).joinedload(CreditNoteLine.invoice_line)
    return db.session.scalars(query.options(lines).order_by(CreditNote.id)).all()


def void_of(invoice: Invoice) -> Void | None:
    return db.session.scalar(select(Void).filter_by(invoice_id=invoice.id))


def credited_by_line(invoice: Invoice) -> dict[int, int]:
    """Net minor units that credit notes took back so far, by the id of the invoice's line."""
    return each(credited_by_invoice, invoice.id)


def credited_by_invoice(
    invoice_ids: Collection[int], codes: Collection[CreditReason] = ()
) -> dict[int, dict[int, int]]:
    """The same of several invoices, in one statement; of credit notes for a reason, or all."""
    line_id = CreditNoteLine.invoice_line_id
    query = (
        select(CreditNote.invoice_id, line_id, func.sum(CreditNoteLine.net_minor))
        .join(CreditNoteLine.note)
        .where(CreditNote.invoice_id.in_(invoice_ids))
        .group_by(CreditNote.invoice_id, line_id)
    )
    query = query.where(CreditNote.code.in_(codes)) if codes else query
    found: dict[int, dict[int, int]] = {number: {} for number in invoice_ids}
    for invoice_id, line, minor in db.session.execute(query) if invoice_ids else ():
        found[invoice_id][line] = int(minor)
    return found


def creditable(invoice: Invoice) -> dict[int, int]:
    """Net minor units that can still be taken back, by line; a discount's are below zero."""
    taken = credited_by_line(invoice)
    return {line.id: line.net_minor - taken.get(line.id, 0) for line in invoice.lines}


# The first day on which money of a payment paid nothing: its age is counted from there.
SINCE = func.min(case((Posting.minor < 0, Posting.on)))


def unallocated() -> Select[Payment, int]:
    """Payments of which some money pays nothing yet, and how much: it is the payer's."""
    rest = -func.sum(Posting.minor)
    return (
        select(Payment, rest)
        .join(Posting, Posting.payment_id == Payment.id)
        .where(Posting.account == Account.UNALLOCATED)
        .group_by(Payment.id)
        .having(rest > 0)
        .options(selectinload(Payment.organization))
        .order_by(Payment.received_on, Payment.id)
    )


def unallocated_of(payment: Payment) -> int:
    """Minor units of a payment that pay nothing yet."""
    query = select(func.coalesce(-func.sum(Posting.minor), 0)).where(
        Posting.payment_id == payment.id, Posting.account == Account.UNALLOCATED
    )
    return int(db.session.scalar(query) or 0)


@dataclass(frozen=True)
class Left:
    """Money of one payment that pays nothing yet."""

    payment: Payment
    money: Money
    since: date


def left(query: Select[Payment, int]) -> list[Left]:
    """The rows of `unallocated`, with the day since when."""
    return [
        Left(payment, Money(int(rest), payment.currency), since)
        for payment, rest, since in db.session.execute(query.add_columns(SINCE))
    ]


def left_of(organization_ids: Iterable[int], paid_by: str = "") -> list[Left]:
    """What some firms have left, the oldest first; not what their bank disputes.

    Of their own, or what `paid_by` paid for them: it is not theirs.
    """
    return left(
        unallocated().where(
            Payment.organization_id.in_(list(organization_ids)),
            Payment.id.not_in(disputed_payment_ids()), Payment.paid_by == paid_by,
        )
    )  # fmt: skip


def left_for(invoice: Invoice) -> list[Left]:
    """What the payer of an invoice has left, under whichever number it was paid."""
    payer = invoice.organization_id
    name = str(invoice.paid_by.get("name", ""))
    return left_of(ids_of(Organization, payer), name) if payer else []


def credit_for(invoice: Invoice) -> Money:
    """What its payer has left in the invoice's currency; nothing where no firm is the payer."""
    minor = sum(
        one.money.minor for one in left_for(invoice) if one.money.currency == invoice.currency
    )
    return Money(minor, invoice.currency)


def old_credit(before: date) -> Select[Payment, int]:
    """What payers have had left since before a day: to be sent back or asked about."""
    return unallocated().having(before > SINCE)


def note_with_lines(note_id: int, invoice_id: int) -> CreditNote | None:
    lines = selectinload(CreditNote.lines).joinedload(CreditNoteLine.invoice_line)
    query = select(CreditNote).filter_by(id=note_id, invoice_id=invoice_id)
    return db.session.scalars(query.options(lines, joinedload(CreditNote.invoice))).first()
