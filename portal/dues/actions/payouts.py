"""Fees and payouts as Stripe tells of them, booked once. The caller commits."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.association.queries import day_of, today
from portal.core import audit
from portal.core.db import db
from portal.core.stripe_gateway import FeeReceipt, PayoutReceipt
from portal.dues import ledger
from portal.dues.actions.payments import Outcome
from portal.dues.actions.posts import mail_treasurer
from portal.dues.models import Payout, PayoutStatus, ProviderFee
from portal.dues.queries import closed_until, payment_of_intent


def book_fee(receipt: FeeReceipt) -> bool:
    """Whether it was not booked before. A twin of the same moment waits, and finds it booked."""
    if db.session.scalar(select(ProviderFee.id).filter_by(external_id=receipt.movement_id)):
        return False
    payment = payment_of_intent(receipt.payment_intent) if receipt.payment_intent else None
    fee = ProviderFee(
        external_id=receipt.movement_id, source=receipt.source_id,
        payment_id=payment.id if payment else None, currency=receipt.money.currency,
        amount_minor=receipt.money.minor, made_at=datetime.fromtimestamp(receipt.made, UTC),
    )  # fmt: skip
    if not _is_first(fee):
        return False
    ledger.post_fee(fee, _booked_on(fee.made_at))
    audit.record("fee.booked", fee, source=fee.source, amount=str(fee.money))
    return True


def apply_payout(receipt: PayoutReceipt) -> Outcome:
    """Apply what Stripe says of a payout, in any order and any number of times.

    Paid, it lies at the bank; sent back by the bank, it lies at Stripe again.
    """
    known = select(Payout).filter_by(external_id=receipt.payout_id).with_for_update()
    payout = db.session.scalars(known.execution_options(populate_existing=True)).one_or_none()
    if payout is None:
        return _book(receipt)
    new = PayoutStatus.FAILED if receipt.status == "failed" else PayoutStatus.PAID
    if not payout.status.may_become(new):
        return Outcome.ALREADY
    audit.move(payout, new, receipt.trouble)
    payout.trouble = receipt.trouble
    ledger.post_undone(f"payout:{payout.id}", f"payout-undone:{payout.id}", today())
    mail_treasurer("dues/payout_failed", payout=payout)
    return Outcome.BOOKED


def _book(receipt: PayoutReceipt) -> Outcome:
    """One that failed before we heard of it never moved our money."""
    if receipt.status != "paid":
        return Outcome.WAITING if receipt.status in {"pending", "in_transit"} else Outcome.CLOSED
    arrival = datetime.fromtimestamp(receipt.arrival, UTC)
    payout = Payout(
        external_id=receipt.payout_id, status=PayoutStatus.PAID, currency=receipt.money.currency,
        amount_minor=receipt.money.minor, made_at=datetime.fromtimestamp(receipt.made, UTC),
        arrives_on=day_of(arrival), trace=receipt.trace,
    )  # fmt: skip
    if not _is_first(payout):
        return Outcome.ALREADY
    ledger.post_payout(payout, _booked_on(payout.made_at))
    audit.record("payout.booked", payout, name=payout.external_id, amount=str(payout.money))
    return Outcome.BOOKED


def _booked_on(made_at: datetime) -> date:
    """The day on which Stripe did it; today where the books of that day are closed."""
    day, closed = day_of(made_at), closed_until()
    return today() if closed and day <= closed else day


def _is_first(row: ProviderFee | Payout) -> bool:
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:  # another worker was a moment faster
        return False
    return True
