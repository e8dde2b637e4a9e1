"""Tries to collect by card."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, select

from portal.core import clock
from portal.core.db import db
from portal.dues.models import LIVE, AttemptStatus, AutomaticCharge, Invoice, PaymentAttempt


def last_attempt(invoice_id: int) -> PaymentAttempt | None:
    query = select(PaymentAttempt).where(PaymentAttempt.invoice_id == invoice_id)
    return db.session.scalars(query.order_by(PaymentAttempt.n.desc()).limit(1)).first()


def attempts_of(invoice: Invoice) -> Sequence[PaymentAttempt]:
    query = select(PaymentAttempt).where(PaymentAttempt.invoice_id == invoice.id)
    return db.session.scalars(query.order_by(PaymentAttempt.n)).all()


def live_attempts(before: timedelta = timedelta(0)) -> Select[PaymentAttempt]:
    """Attempts that may still bring money, begun longer ago than `before`."""
    old = PaymentAttempt.made_at <= clock.now() - before
    query = select(PaymentAttempt).where(PaymentAttempt.status.in_(LIVE), old)
    return query.order_by(PaymentAttempt.id)


def failed_pages(invoice_ids: Sequence[int]) -> dict[int, datetime]:
    """By invoice when its last try by card began, where that failed on a page of ours.

    The charge of a kept card is not among them: its payers are told by itself when the next is.
    """
    if not invoice_ids:
        return {}
    last = (
        select(PaymentAttempt.invoice_id, func.max(PaymentAttempt.n).label("n"))
        .where(PaymentAttempt.invoice_id.in_(invoice_ids))
        .group_by(PaymentAttempt.invoice_id)
        .subquery()
    )
    is_last = (PaymentAttempt.invoice_id == last.c.invoice_id) & (PaymentAttempt.n == last.c.n)
    is_of_kept_card = exists().where(AutomaticCharge.attempt_id == PaymentAttempt.id)
    query = (
        select(PaymentAttempt.invoice_id, PaymentAttempt.made_at)
        .join(last, is_last)
        .where(PaymentAttempt.status == AttemptStatus.FAILED, ~is_of_kept_card)
    )
    return {number: made_at for number, made_at in db.session.execute(query)}  # noqa: C416 - a Row
