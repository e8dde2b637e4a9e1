"""Proofs over money: where it came from, where it lies, and what went back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.retention import kept
from portal.core import clock
from portal.core.audit import KEPT_YEARS, AuditEvent
from portal.core.db import db
from portal.dues.models import (
    COMES_IN,
    HOLDS_MONEY,
    MARKS,
    Account,
    BankLine,
    BankMatch,
    Dispute,
    DisputeStatus,
    Payment,
    Posting,
    Refund,
    RefundOrigin,
    Reversal,
)
from portal.dues.queries.exchanges import exchange_faults, is_exchanged
from portal.dues.queries.reversals import never_came

LIES = (Account.RECEIVABLE, Account.UNALLOCATED, Account.INCOME, Account.BAD_DEBT)
# How the names of the journals of money that left, or was exchanged, begin.
LEAVES = ("refund", "dispute", "reversal", "exchange")


def payment_faults() -> Iterator[str]:
    """Nothing when all money is traced, whole, and no more went back than came."""
    yield from _places()
    yield from _traces()
    yield from _lines()
    yield from exchange_faults()
    yield from _overdrawn()
    yield from _refunds()
    yield from _reversals()
    yield from _disputes()


def _sum(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    total = select(func.coalesce(func.sum(Posting.minor), 0))
    return total.where(*conditions).correlate(Payment, Refund, Dispute, Reversal).scalar_subquery()


def _places() -> Iterator[str]:
    """Every payment came in whole, once, and all of it lies on invoices, is income or is left."""
    stays = and_(
        Posting.payment_id == Payment.id,
        *(Posting.journal.not_like(f"{name}%") for name in LEAVES),
    )
    came_in = _sum(stays, Posting.account.in_(COMES_IN))
    went_to = _sum(stays, Posting.account.in_(LIES))
    query = select(Payment.id, Payment.amount_minor, came_in, went_to).where(
        or_(came_in != Payment.amount_minor, went_to != -Payment.amount_minor)
    )
    for payment_id, amount, arrived, placed in db.session.execute(query):
        yield f"Payment {payment_id}: {amount} received, {arrived} booked, {-placed} placed."


def _is_signed() -> ColumnElement[bool]:
    """Somebody put their name to it: the sealed record says who."""
    return select(AuditEvent.id).where(
        AuditEvent.verb == "payment.booked",
        AuditEvent.subject == literal("payment:") + cast(Payment.id, String),
        AuditEvent.actor.startswith("person:"),
    ).correlate(Payment).exists()  # fmt: skip


def _is_matched() -> ColumnElement[bool]:
    """A line of a bank statement brought it."""
    line = select(BankMatch.id).where(BankMatch.payment_id == Payment.id)
    return line.where(BankMatch.undone_at.is_(None)).correlate(Payment).exists()


# Where money may be traced to.
TRACES: tuple[Any, ...] = (Payment.external_id.is_not(None), _is_matched(), _is_signed())


def _traces() -> Iterator[str]:
    """Of those younger than the record and bank lines: what older money rests on is forgotten."""
    since = clock.now() - timedelta(days=365 * min(KEPT_YEARS, kept("bank_lines")))
    query = select(Payment.id, Payment.method, Payment.amount_minor).where(
        ~or_(*TRACES), Payment.booked_at > since
    )
    for payment_id, method, amount in db.session.execute(query):
        yield (
            f"Payment {payment_id}: nobody knows where {amount} by {method.value} came from; "
            "no card payment, no bank line, no signature."
        )


def _lines() -> Iterator[str]:
    """What a bank line shows is as much as it is, together, and in the books once."""
    total, code = func.sum(Payment.amount_minor), func.min(Payment.currency)
    query = (
        select(func.min(Payment.id), func.count(), total, BankLine.minor)
        .join(BankMatch, BankMatch.payment_id == Payment.id)
        .join(BankMatch.line)
        .where(BankMatch.undone_at.is_(None), ~is_exchanged())
        .group_by(BankLine.id, BankLine.minor, BankLine.currency)
        .having(or_(total != BankLine.minor, code != BankLine.currency,
                    func.max(Payment.currency) != BankLine.currency))
    )  # fmt: skip
    for payment_id, count, minor, came in db.session.execute(query):
        more = f" and {count - 1} more" if count > 1 else ""
        yield f"Payment {payment_id}{more}: {minor} received, {came} on its bank line."
    own = aliased(Payment)
    twice = (
        select(Payment.id, own.id)
        .join(BankMatch, BankMatch.payment_id == Payment.id)
        .join(BankMatch.line)
        .join(own, or_(*(own.external_id == literal(f"{one}:") + BankLine.key for one in MARKS)))
        .where(BankMatch.undone_at.is_(None), own.id != Payment.id, ~never_came(own))
    )
    for payment_id, other in db.session.execute(twice):
        yield f"Payments {payment_id} and {other} are of one bank line: the money came once."


def _overdrawn() -> Iterator[str]:
    left = _sum(Posting.payment_id == Payment.id, Posting.account == Account.UNALLOCATED)
    for payment_id, minor in db.session.execute(select(Payment.id, left).where(left > 0)):
        yield f"Payment {payment_id}: {minor} more went out or was used than came."


def _refunds() -> Iterator[str]:
    """No payment is sent back from here twice over; each refund's journal is what it says."""
    sent = (
        select(func.coalesce(func.sum(Refund.amount_minor), 0))
        .where(
            Refund.payment_id == Payment.id, Refund.status.in_(HOLDS_MONEY),
            Refund.origin == RefundOrigin.PORTAL,
        )
        .correlate(Payment)
        .scalar_subquery()
    )  # fmt: skip
    query = select(Payment.id, Payment.amount_minor, sent).where(sent > Payment.amount_minor)
    for payment_id, amount, minor in db.session.execute(query):
        yield f"Payment {payment_id}: {minor} sent back of {amount}."
    number = cast(Refund.id, String)
    names = literal("refund:") + number, literal("refund-undone:") + number
    journals = Posting.journal.in_(names)
    gone = _sum(journals, Posting.account.in_(COMES_IN))
    holds = Refund.status.in_(HOLDS_MONEY)
    wrong = or_(and_(holds, gone != -Refund.amount_minor), and_(~holds, gone != 0))
    columns = Refund.id, Refund.status, Refund.amount_minor, gone
    rows = db.session.execute(select(*columns).where(wrong))
    for refund_id, status, amount, minor in rows:
        yield f"Refund {refund_id}, {status.value}: {amount} asked for, {-minor} booked."


def _disputes() -> Iterator[str]:
    """Only what was lost is gone."""
    number = cast(Dispute.id, String)
    names = literal("dispute:") + number, literal("dispute-undone:") + number
    gone = _sum(Posting.journal.in_(names), Posting.account.in_(COMES_IN))
    is_lost = Dispute.status == DisputeStatus.LOST
    wrong = or_(and_(is_lost, gone != -Dispute.amount_minor), and_(~is_lost, gone != 0))
    for dispute_id, minor in db.session.execute(select(Dispute.id, gone).where(wrong)):
        yield f"Dispute {dispute_id}: {-minor} booked as lost."


def _reversals() -> Iterator[str]:
    """What was reversed went out whole, and nothing of it pays, is income or is left."""
    journal = literal("reversal:") + cast(Reversal.id, String)
    gone = _sum(Posting.journal == journal, Posting.account.in_(COMES_IN))
    rest = [_sum(Posting.payment_id == Payment.id, Posting.account == one) for one in LIES[:3]]
    wrong = or_(gone != -Payment.amount_minor, *(one != 0 for one in rest))
    query = select(Payment.id, Payment.amount_minor, gone)
    rows = query.join(Reversal, Reversal.payment_id == Payment.id).where(wrong)
    for payment_id, amount, minor in db.session.execute(rows):
        yield f"Payment {payment_id}, reversed: {-minor} of {amount} went out, or some stays."
