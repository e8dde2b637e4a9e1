"""Reversed payments, and the bank lines by which their money left."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.dues.models import (
    NEVER_CAME,
    WENT_BACK,
    BankLine,
    BankMatch,
    Payment,
    PaymentMethod,
    Reversal,
)

LATEST = 120  # days after a payment in which its bank may still take it back
BY_BANK = (PaymentMethod.BANK, PaymentMethod.CHEQUE)  # what may be returned, or bounce


def is_reversed(payment: Any = Payment) -> ColumnElement[bool]:
    """True of payments that are out of the books, whyever."""
    return exists().where(Reversal.payment_id == payment.id).correlate(payment)


def never_came(payment: Any = Payment) -> ColumnElement[bool]:
    """True of payments that were no money: booked twice, or for the wrong firm."""
    was_wrong = Reversal.payment_id == payment.id, Reversal.kind.in_(NEVER_CAME)
    return exists().where(*was_wrong).correlate(payment)


def reversal_of(payment: Payment) -> Reversal | None:
    return db.session.scalar(select(Reversal).filter_by(payment_id=payment.id))


def is_taken_out(payment: Payment) -> bool:
    """Whether it was reversed as money that never came."""
    found = reversal_of(payment)
    return found is not None and not found.kind.was_there


def _without_line() -> Select[Reversal]:
    """Money that went back, on no statement so far."""
    live = BankMatch.reversal_id == Reversal.id, BankMatch.undone_at.is_(None)
    is_shown = exists().where(*live).correlate(Reversal)
    query = select(Reversal).join(Reversal.payment).where(Reversal.kind.in_(WENT_BACK), ~is_shown)
    payer = joinedload(Reversal.payment).joinedload(Payment.organization)
    return query.options(payer).order_by(Reversal.reversed_on, Reversal.id)


def _same(line: BankLine) -> tuple[ColumnElement[bool], ...]:
    return Payment.amount_minor == -line.minor, Payment.currency == line.currency


def reversals_like(line: BankLine) -> Sequence[Reversal]:
    """What went back by a line that left: those of its amount that no line shows."""
    return db.session.scalars(_without_line().where(*_same(line)).limit(10)).all()


def returnable(line: BankLine) -> Sequence[Payment]:
    """Payments that a line which left may take back: of its amount, and not long before it."""
    first = line.booked_on - timedelta(days=LATEST)
    query = select(Payment).where(
        *_same(line), Payment.method.in_(BY_BANK), ~is_reversed(),
        Payment.received_on.between(first, line.booked_on),
    )  # fmt: skip
    latest = query.order_by(Payment.received_on.desc(), Payment.id.desc()).limit(10)
    return db.session.scalars(latest.options(joinedload(Payment.organization))).all()


def line_that_took(reversal_ids: Iterable[int]) -> dict[int, BankLine]:
    """The bank line by which the money of each reversal left."""
    query = (
        select(BankMatch.reversal_id, BankLine)
        .join(BankMatch.line)
        .where(BankMatch.reversal_id.in_(list(reversal_ids)), BankMatch.undone_at.is_(None))
    )
    return {int(number or 0): line for number, line in db.session.execute(query)}
