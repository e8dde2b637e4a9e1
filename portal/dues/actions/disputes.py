"""Disputes, as the payer's bank opens and decides them. The caller commits."""

from datetime import UTC, datetime

from sqlalchemy import select

from portal.core import audit, clock
from portal.core.db import db
from portal.core.stripe_gateway import DisputeReceipt
from portal.dues.actions.money_out import take_out
from portal.dues.actions.payments import Outcome, lock_payment
from portal.dues.actions.posts import mail_treasurer
from portal.dues.models import Account, Dispute, DisputeStatus, Payment
from portal.dues.queries import payment_of_intent


def apply_dispute(receipt: DisputeReceipt) -> Outcome:
    """Apply what Stripe says of a dispute, in any order and any number of times.

    While it is open nothing of the payment is sent back; lost, the money is gone and what it paid
    is owed again; won, nothing changes. Read the receipt with no transaction open.
    """
    payment = payment_of_intent(receipt.payment_intent)
    if payment is None:
        return Outcome.UNMATCHED
    payment = lock_payment(payment)
    known = select(Dispute).where(Dispute.external_id == receipt.dispute_id)
    dispute = db.session.scalars(known.execution_options(populate_existing=True)).one_or_none()
    is_new = dispute is None
    dispute = dispute or _open(payment, receipt)
    if dispute.status is DisputeStatus.OPEN:
        dispute.evidence_due_at = _instant(receipt.evidence_due)
    new = DisputeStatus(receipt.status)
    if not dispute.status.may_become(new):
        return Outcome.BOOKED if is_new else Outcome.ALREADY
    audit.move(dispute, new)
    dispute.closed_at = clock.now()
    if new is DisputeStatus.LOST:
        journal = f"dispute:{dispute.id}"
        take_out(payment, dispute.amount_minor, journal, Account.CARD_CLEARING)
    mail_treasurer("dues/dispute_closed", dispute=dispute, payment=payment)
    return Outcome.BOOKED


def _open(payment: Payment, receipt: DisputeReceipt) -> Dispute:
    dispute = Dispute(
        payment=payment, external_id=receipt.dispute_id, currency=receipt.money.currency,
        amount_minor=receipt.money.minor, reason=receipt.reason, status=DisputeStatus.OPEN,
        opened_at=datetime.fromtimestamp(receipt.opened, UTC),
        evidence_due_at=_instant(receipt.evidence_due),
    )  # fmt: skip
    db.session.add(dispute)
    db.session.flush()
    audit.record("dispute.opened", dispute, payment=payment.id, amount=str(dispute.money))
    mail_treasurer("dues/dispute_opened", dispute=dispute, payment=payment)
    return dispute


def _instant(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
