"""Disputes, as the payer's bank opens and decides them. The caller commits."""

from datetime import UTC, date, datetime

from sqlalchemy import select

from portal.association.queries import day_of, today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.money import Money
from portal.core.stripe_gateway import DisputeReceipt
from portal.dues import ledger
from portal.dues.actions.money_out import take_out
from portal.dues.actions.payments import Outcome, allocate, lock, lock_payment
from portal.dues.actions.posts import mail_treasurer
from portal.dues.models import Account, Dispute, DisputeStatus, Payment
from portal.dues.queries import balance, is_disputed, payment_of_intent, unallocated_of
from portal.dues.queries.reopened import invoices_freed


def apply_dispute(receipt: DisputeReceipt) -> Outcome:
    """Apply what Stripe says of a dispute, in any order and any number of times.

    While it is open nothing of the payment is sent back; lost, the money is gone and what it paid
    is owed again; won, it stays or is there again. Read the receipt with no transaction open.
    """
    payment = payment_of_intent(receipt.payment_intent)
    if payment is None:
        return Outcome.UNMATCHED
    for invoice in invoices_freed(payment):  # it may pay them again; and invoices come first
        lock(invoice.id)
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
    lost_at = dispute.closed_at
    audit.move(dispute, new)
    dispute.closed_at = clock.now()
    if new is DisputeStatus.LOST:
        take_out(payment, dispute.amount_minor, _journal(dispute), Account.CARD_CLEARING)
    elif lost_at:
        _put_back(payment, dispute, day_of(lost_at))
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


def _journal(dispute: Dispute) -> str:
    return f"dispute:{dispute.id}"


def _put_back(payment: Payment, dispute: Dispute, lost_on: date) -> None:
    """Won after it was lost: the money pays again what it paid, as far as that is owed still."""
    ledger.post_undone(_journal(dispute), f"dispute-undone:{dispute.id}", today())
    for invoice in invoices_freed(payment, lost_on):
        part = min(unallocated_of(payment), balance(invoice).minor)
        if part > 0 and not is_disputed(payment):
            allocate(payment, invoice, Money(part, payment.currency))


def _instant(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
