"""Tries to collect by card."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, select

from portal.core import clock
from portal.core.db import db
from portal.dues.models import LIVE, Invoice, PaymentAttempt


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
