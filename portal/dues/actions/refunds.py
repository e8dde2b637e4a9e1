"""Sending money back: asked for by staff, done by a job, or found at Stripe."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock, jobs
from portal.core.card_money import to_stripe
from portal.core.db import db
from portal.core.links import link
from portal.core.money import Money
from portal.core.states import Refused
from portal.core.stripe_gateway import RefundReceipt
from portal.dues import ledger
from portal.dues.actions.money_out import account_of, take_out
from portal.dues.actions.payments import Outcome, lock_payment
from portal.dues.actions.posts import mail_refund, mail_treasurer
from portal.dues.models import (
    ON_THE_WAY,
    Payment,
    PaymentMethod,
    Refund,
    RefundOrigin,
    RefundStatus,
)
from portal.dues.queries import is_disputed, payment_of_intent, unallocated_of

SEND = "portal.dues.money_back.send"
AS_STRIPE_SAYS = {
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.CANCELLED,
}  # fmt: skip
UNDONE = {RefundStatus.FAILED, RefundStatus.CANCELLED}


@dataclass(frozen=True)
class Sending:
    """How staff send money back: to the card by Stripe, or by their bank on a day."""

    reason: str
    method: PaymentMethod | None = None  # the way it came when None
    sent_on: date | None = None  # of what staff sent themselves; today when None
    by: Person | None = None


def request_refund(payment: Payment, money: Money, sending: Sending) -> Refund:
    """Send back what pays nothing: a job asks Stripe; what staff sent themselves is done.

    Raises `Refused` while the payment is disputed, for more than is left of it, and for a way
    that it cannot go back.
    """
    payment = lock_payment(payment)
    method = sending.method or payment.method
    refuse_refund(payment, money, method)
    sent_on = today() if method is PaymentMethod.CARD else sending.sent_on or today()
    if sent_on > today():
        raise Refused("Money cannot have been sent on a day that has not come.")
    refund = Refund(
        payment=payment, origin=RefundOrigin.PORTAL, method=method, currency=money.currency,
        amount_minor=money.minor, reason=sending.reason, made_at=clock.now(), sent_on=sent_on,
        status=RefundStatus.REQUESTED,
    )  # fmt: skip
    db.session.add(refund)
    db.session.flush()
    ledger.post_money_out(
        journal_of(refund), sent_on, payment, money.minor, money.minor, account_of(method)
    )
    audit.record(
        "refund.requested", refund, by=f"person:{sending.by.id}" if sending.by else "",
        payment=payment.id, amount=str(money), reason=sending.reason,
    )  # fmt: skip
    if method is PaymentMethod.CARD:
        jobs.queue(SEND, key=refund.key, refund_id=refund.id)
    else:
        _move(refund, RefundStatus.SUCCEEDED)
    return refund


def journal_of(refund: Refund) -> str:
    return f"refund:{refund.id}"


def refuse_refund(payment: Payment, money: Money, method: PaymentMethod) -> None:
    """Raises `Refused` where so much cannot go back this way."""
    _refuse_amount(payment, money)
    _refuse_way(payment, money, method)


def _refuse_amount(payment: Payment, money: Money) -> None:
    if is_disputed(payment):
        raise Refused(
            "The payer's bank disputes this payment: nothing of it is sent back until the bank "
            "has decided."
        )
    if money.currency != payment.currency or money.minor <= 0:
        raise Refused(f"Enter an amount of {payment.currency} above zero.")
    left = Money(unallocated_of(payment), payment.currency)
    if left < money:
        raise Refused(f"{left} of this payment pays nothing: no more can be sent back.")


def _refuse_way(payment: Payment, money: Money, method: PaymentMethod) -> None:
    if method is PaymentMethod.WITHHOLDING:
        raise Refused("Withheld tax lies with the payer's tax office: we cannot send it back.")
    if method is not PaymentMethod.CARD:
        return
    if not payment.may_go_back_to_card:
        raise Refused("The card processor does not know this payment: send the money by bank.")
    to_stripe(money)  # refuses what no card can take


def apply_refund(receipt: RefundReceipt) -> Outcome:
    """Apply what Stripe says of a refund, in any order and any number of times.

    Read the receipt with no transaction open. One of a payment that we do not know is left alone;
    one that nobody here asked for is booked, and staff are told.
    """
    payment = payment_of_intent(receipt.payment_intent)
    if payment is None:
        return Outcome.UNMATCHED
    payment = lock_payment(payment)
    refund = _ours(payment, receipt)
    if refund is None and _has_unanswered(payment):
        return (
            Outcome.WAITING
        )  # it may be the answer to ours, or take the money that ours waits for
    refund = refund or _made_elsewhere(payment, receipt)
    if refund is None:
        return Outcome.CLOSED
    refund.external_id = receipt.refund_id
    new = AS_STRIPE_SAYS.get(receipt.status, RefundStatus.PENDING)
    if not refund.status.may_become(new):
        return Outcome.ALREADY
    _move(refund, new, receipt.trouble)
    return Outcome.BOOKED


def _ours(payment: Payment, receipt: RefundReceipt) -> Refund | None:
    by_id = select(Refund).where(Refund.external_id == receipt.refund_id)
    found = db.session.scalars(by_id.execution_options(populate_existing=True)).one_or_none()
    if found is None and receipt.number:
        found = db.session.get(Refund, receipt.number, populate_existing=True)
    mine = found and found.payment_id == payment.id and found.money == receipt.money
    return found if mine and found and found.external_id in {None, receipt.refund_id} else None


def _has_unanswered(payment: Payment) -> bool:
    query = select(Refund.id).where(
        Refund.payment_id == payment.id, Refund.status.in_(ON_THE_WAY),
        Refund.external_id.is_(None),
    )  # fmt: skip
    return db.session.scalar(query.limit(1)) is not None


def _made_elsewhere(payment: Payment, receipt: RefundReceipt) -> Refund | None:
    """Somebody sent it back at Stripe itself: the money is gone, so it is booked as it is."""
    if AS_STRIPE_SAYS.get(receipt.status) in UNDONE:
        return None
    refund = Refund(
        payment=payment, origin=RefundOrigin.PROVIDER_DASHBOARD, method=PaymentMethod.CARD,
        currency=receipt.money.currency, amount_minor=receipt.money.minor,
        reason="Sent back at the card processor, not from here", made_at=clock.now(),
        sent_on=today(), status=RefundStatus.REQUESTED, external_id=receipt.refund_id,
    )  # fmt: skip
    db.session.add(refund)
    db.session.flush()
    take_out(payment, refund.amount_minor, journal_of(refund), account_of(refund.method))
    audit.record("refund.found", refund, payment=payment.id, amount=str(refund.money))
    url = link("dues_staff.payment", payment_id=payment.id)
    mail_treasurer("dues/refund_found", refund=refund, payment=payment, url=url)
    return refund


def _move(refund: Refund, new: RefundStatus, trouble: str = "") -> None:
    """With what the move brings: the journal undone, or the payer told."""
    was_sent = refund.status is RefundStatus.SUCCEEDED
    audit.move(refund, new, trouble)
    if new in UNDONE:
        refund.trouble = trouble
        ledger.post_undone(journal_of(refund), f"refund-undone:{refund.id}", today())
    if new is RefundStatus.SUCCEEDED:
        mail_refund(refund)
    if new is RefundStatus.FAILED:
        mail_treasurer("dues/refund_failed", refund=refund, was_sent=was_sent)


def hold_refund(refund_id: int) -> Refund:
    """The refund as it is now, with its payment held."""
    payment = db.session.get_one(Refund, refund_id).payment
    lock_payment(payment)
    return db.session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)


def fail_refund(refund_id: int, why: str) -> None:
    """Stripe said no: the money pays nothing again, and staff are told."""
    refund = hold_refund(refund_id)
    if refund.status in ON_THE_WAY:
        _move(refund, RefundStatus.FAILED, why)


def cancel_refund(refund: Refund) -> None:
    """Call it off before Stripe was asked. Raises `Refused` once it was, or when it is over."""
    refund = hold_refund(refund.id)
    if refund.status in UNDONE:
        raise Refused("This refund is over already: nothing of it is on its way.")
    if refund.status is not RefundStatus.REQUESTED:
        raise Refused("The card processor was asked already: this cannot be called off any more.")
    _move(refund, RefundStatus.CANCELLED, "called off")


def note_seen(refund: Refund) -> None:
    """Staff looked at one that was made elsewhere, or failed."""
    refund.seen_at = clock.now()
    audit.record("refund.seen", refund)
