"""Booking money: by transfer, and by card when Stripe says that it came."""

import enum
from datetime import date

from sqlalchemy import select

from portal.association.queries import today
from portal.core import audit, clock, jobs
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.core.stripe_gateway import Receipt
from portal.dues import ledger, signals
from portal.dues.actions.posts import mail_receipt
from portal.dues.models import (
    LIVE,
    Account,
    AttemptStatus,
    Invoice,
    Payment,
    PaymentAttempt,
    PaymentMethod,
)
from portal.dues.pages import close_page
from portal.dues.queries import balance


class Outcome(enum.StrEnum):
    """What came of a receipt."""

    BOOKED = "booked"
    ALREADY = "already"  # it was booked before: the same money is booked once
    WAITING = "waiting"  # not paid, and it may still be
    CLOSED = "closed"  # not paid, and it will not be
    UNMATCHED = "unmatched"  # a session that is none of ours


def lock(invoice_id: int) -> Invoice:
    """The invoice, held until the caller commits: whoever books or starts a payment waits."""
    query = select(Invoice).where(Invoice.id == invoice_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def hold(invoice: Invoice) -> None:
    """Keep everybody else from moving money on the invoice until the caller commits."""
    lock(invoice.id)


def record_transfer(
    invoice: Invoice, money: Money, received_on: date, note: str = "",
    method: PaymentMethod = PaymentMethod.BANK,
) -> Payment:  # fmt: skip
    """Book money that staff saw arrive; too much becomes unallocated. The caller commits.

    Raises `Refused` for another currency, for nothing, and for a day that has not come.
    """
    if money.currency != invoice.currency or money.minor <= 0:
        raise Refused(f"Enter an amount of {invoice.currency} above zero.")
    if received_on > today():
        raise Refused("Money cannot have arrived on a day that has not come.")
    facts = {"method": method, "received_on": received_on, "note": note, "external_id": None}
    account = Account.WITHHELD if method is PaymentMethod.WITHHOLDING else Account.BANK
    payment = _book(lock(invoice.id), money, account, **facts)
    close_other_pages(invoice)
    return payment


def settle(receipt: Receipt) -> Outcome:
    """Apply what Stripe says of a checkout, in any order and any number of times.

    Read the receipt with no transaction open; the caller commits.
    """
    attempt = _attempt_of(receipt)
    if attempt is None:
        return Outcome.UNMATCHED
    invoice = lock(attempt.invoice_id)
    db.session.refresh(attempt)
    _remember_session(attempt, receipt)
    if not receipt.is_paid:
        return _not_paid(attempt, receipt)
    if not receipt.payment_intent or _is_booked(receipt.payment_intent):
        return Outcome.ALREADY
    facts = {"method": PaymentMethod.CARD, "received_on": today(), "note": ""}
    if receipt.money != attempt.money:
        facts["note"] = f"{attempt.money} was asked for"
    _move(attempt, AttemptStatus.SUCCEEDED)
    _book(
        invoice, receipt.money, Account.CARD_CLEARING, external_id=receipt.payment_intent, **facts
    )
    close_other_pages(invoice)
    return Outcome.BOOKED


def _attempt_of(receipt: Receipt) -> PaymentAttempt | None:
    """Ours by its session; or by the number we gave it, while its answer is still on the way."""
    by_session = select(PaymentAttempt).where(PaymentAttempt.session_id == receipt.session_id)
    found = db.session.scalars(by_session).one_or_none()
    if found is None and receipt.attempt_id:
        found = db.session.get(PaymentAttempt, receipt.attempt_id)
    return found if found and found.session_id in {None, receipt.session_id} else None


def _remember_session(attempt: PaymentAttempt, receipt: Receipt) -> None:
    attempt.session_id = receipt.session_id
    if attempt.status is AttemptStatus.CREATED:
        _move(attempt, AttemptStatus.OPEN)


def _not_paid(attempt: PaymentAttempt, receipt: Receipt) -> Outcome:
    if receipt.has_failed:
        _move(attempt, AttemptStatus.FAILED)
    elif receipt.status == "expired":
        _move(attempt, AttemptStatus.EXPIRED)
    elif receipt.status == "complete":
        _move(attempt, AttemptStatus.PROCESSING)
    return Outcome.WAITING if attempt.status in LIVE else Outcome.CLOSED


def _move(attempt: PaymentAttempt, new: AttemptStatus) -> None:
    """Where the move is legal; a message that comes late or twice changes nothing."""
    if attempt.status.may_become(new):
        audit.move(attempt, new)


def _is_booked(payment_intent: str) -> bool:
    query = select(Payment.id).where(Payment.external_id == payment_intent)
    return db.session.scalar(query) is not None


def _book(invoice: Invoice, money: Money, account: Account, **facts: object) -> Payment:
    """The payment, its journal, the receipt. Money of another currency waits for staff."""
    owed = balance(invoice)
    same = money.currency == owed.currency
    payment = Payment(
        organization_id=invoice.organization_id, currency=money.currency,
        amount_minor=money.minor, booked_at=clock.now(), **facts,
    )  # fmt: skip
    db.session.add(payment)
    db.session.flush()
    allocated = min(money.minor, owed.minor) if same else 0
    ledger.post_payment(payment, account, invoice, allocated)
    mail_receipt(invoice, payment)
    audit.record("payment.booked", payment, invoice=invoice.number, amount=str(money))
    if allocated and allocated == owed.minor:
        signals.invoice_settled.send(invoice)
    return payment


def close_other_pages(invoice: Invoice) -> None:
    """After a change of what is owed: pages that ask for the old amount are closed by a job."""
    query = select(PaymentAttempt.id).where(
        PaymentAttempt.invoice_id == invoice.id, PaymentAttempt.status.in_(LIVE)
    )
    for attempt_id in db.session.scalars(query):
        key = f"close:{attempt_id}:{balance(invoice).minor}"
        jobs.queue(close_page, key=key, attempt_id=attempt_id)
