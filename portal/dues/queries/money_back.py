"""Refunds and disputes, and a payment with all that became of it."""

from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.core.money import Money
from portal.dues.models import (
    ON_THE_WAY,
    Account,
    Dispute,
    DisputeStatus,
    Invoice,
    Payment,
    PaymentMethod,
    Posting,
    Refund,
    RefundOrigin,
    RefundStatus,
)


def refunds(status: str = "") -> Select[Refund]:
    """The latest first."""
    query = select(Refund).options(joinedload(Refund.payment).joinedload(Payment.organization))
    if status in set(RefundStatus):
        query = query.where(Refund.status == RefundStatus(status))
    return query.order_by(Refund.id.desc())


def refunds_to_look_at() -> Select[Refund]:
    """Those that somebody made at Stripe, and those that failed, until staff have seen them."""
    odd = or_(
        Refund.origin == RefundOrigin.PROVIDER_DASHBOARD, Refund.status == RefundStatus.FAILED
    )
    return refunds().where(odd, Refund.seen_at.is_(None))


def refunds_on_the_way() -> Select[Refund]:
    return refunds().where(Refund.status.in_(ON_THE_WAY))


def refunds_of(payment: Payment) -> Sequence[Refund]:
    return db.session.scalars(refunds().where(Refund.payment_id == payment.id)).all()


def disputes() -> Select[Dispute]:
    """Open ones first, by the day on which the evidence is due; then the latest closed."""
    query = select(Dispute).options(joinedload(Dispute.payment).joinedload(Payment.organization))
    is_closed = Dispute.status != DisputeStatus.OPEN
    return query.order_by(is_closed, Dispute.evidence_due_at, Dispute.id.desc())


def open_disputes() -> Select[Dispute]:
    return disputes().where(Dispute.status == DisputeStatus.OPEN)


def disputes_of(payment: Payment) -> Sequence[Dispute]:
    return db.session.scalars(disputes().where(Dispute.payment_id == payment.id)).all()


def is_disputed(payment: Payment) -> bool:
    query = open_disputes().where(Dispute.payment_id == payment.id).with_only_columns(Dispute.id)
    return db.session.scalars(query.order_by(None)).first() is not None


def payment_of_intent(payment_intent: str) -> Payment | None:
    query = select(Payment).where(Payment.external_id == payment_intent)
    return db.session.scalars(query).one_or_none()


def has_card_payments() -> bool:
    """Whether Stripe holds anything that could go back."""
    query = select(Payment.id).where(
        Payment.external_id.is_not(None), Payment.method == PaymentMethod.CARD
    )
    return db.session.scalar(query.limit(1)) is not None


def invoices_paid_by(payment: Payment) -> list[tuple[Invoice, Money]]:
    """Each invoice that a payment pays now, and how much of it."""
    query = (
        select(Invoice, func.sum(-Posting.minor))
        .join(Posting, Posting.invoice_id == Invoice.id)
        .where(Posting.payment_id == payment.id, Posting.account == Account.RECEIVABLE)
        .group_by(Invoice.id)
        .having(func.sum(Posting.minor) != 0)
        .order_by(Invoice.id)
    )
    return [
        (invoice, Money(int(minor), invoice.currency))
        for invoice, minor in db.session.execute(query)
    ]


def postings_of(payment: Payment) -> int:
    """How often money of a payment moved: grows with each move."""
    query = select(func.count(Posting.id)).where(Posting.payment_id == payment.id)
    return db.session.scalar(query) or 0


def known_refunds(ids: Sequence[str]) -> dict[str, RefundStatus]:
    """The status of those of Stripe's refunds that are booked, by Stripe's id."""
    query = select(Refund.external_id, Refund.status).where(Refund.external_id.in_(ids))
    return {str(key): status for key, status in db.session.execute(query)}
