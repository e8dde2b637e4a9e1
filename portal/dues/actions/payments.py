"""Booking money: by transfer, and by card when Stripe says that it came."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock, jobs
from portal.core.db import db
from portal.core.money import Money
from portal.core.receipts import Receipt
from portal.core.states import Refused
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
from portal.dues.queries import (
    balance,
    charge_by_intent,
    charge_of,
    claimable,
    invoices_paid_by,
    is_disputed,
    unallocated_of,
)


class Outcome(enum.StrEnum):
    """What came of a receipt."""

    BOOKED = "booked"
    ALREADY = "already"  # it was booked before: the same money is booked once
    WAITING = "waiting"  # not paid, and it may still be
    CLOSED = "closed"  # not paid, and it will not be
    SAVED = "saved"  # a card was saved for later
    UNMATCHED = "unmatched"  # a session that is none of ours


def lock(invoice_id: int) -> Invoice:
    """The invoice, held until the caller commits: whoever books or starts a payment waits."""
    query = select(Invoice).where(Invoice.id == invoice_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def lock_payment(payment: Payment) -> Payment:
    """The payment and the invoices it pays, held: invoices first, as everybody takes them."""
    for invoice, _ in invoices_paid_by(payment):
        lock(invoice.id)
    return db.session.get_one(Payment, payment.id, with_for_update=True)


def hold(invoice: Invoice) -> None:
    """Keep everybody else from moving money on the invoice until the caller commits."""
    lock(invoice.id)


def record_transfer(
    invoice: Invoice, money: Money, received_on: date, note: str = "",
    method: PaymentMethod = PaymentMethod.BANK, by: Person | None = None,
    paid_by: str | None = None,
) -> Payment:  # fmt: skip
    """Book money that staff saw arrive; too much becomes unallocated. The caller commits.

    `paid_by` names who paid it for the firm; None: who was asked to.
    Raises `Refused` for another currency, for nothing, and for a day that has not come.
    """
    if money.currency != invoice.currency or money.minor <= 0:
        raise Refused(f"Enter an amount of {invoice.currency} above zero.")
    invoice = lock(invoice.id)
    share = min(money.minor, claimable(invoice).minor)
    arrived = Arrival(
        money, received_on, invoice.organization_id, method, note=note, by=by, about=invoice,
        paid_by=paid_by,
    )  # fmt: skip
    return receive(arrived, [(invoice, share)] if share else [])


@dataclass(frozen=True)
class Arrival:
    """Money that came in; `by` is who signs for it when neither Stripe nor a bank file does."""

    money: Money
    received_on: date
    organization_id: int | None = None  # the payer; None while nobody knows
    method: PaymentMethod = PaymentMethod.BANK
    external_id: str | None = None
    note: str = ""
    by: Person | None = None
    about: Invoice | None = None  # whose payer is told when none of the money pays anything
    paid_by: str | None = None  # who paid it for the firm; None: who was asked to
    is_silent: bool = False  # it was booked by another system before: no receipt goes out

    @property
    def account(self) -> Account:
        accounts = {
            PaymentMethod.WITHHOLDING: Account.WITHHELD, PaymentMethod.CARD: Account.CARD_CLEARING
        }  # fmt: skip
        return accounts.get(self.method, Account.BANK)


def receive(arrived: Arrival, shares: ledger.Shares) -> Payment:
    """Book money and what it pays; what no share takes is the payer's credit. The caller commits.

    Raises `Refused` for a day that has not come, for shares of more than the money or than is
    owed, and for an invoice in another currency.
    """
    if arrived.received_on > today():
        raise Refused("Money cannot have arrived on a day that has not come.")
    shares = [(lock(invoice.id), minor) for invoice, minor in sorted(shares, key=_by_id)]
    if sum(minor for _, minor in shares) > arrived.money.minor:
        raise Refused(f"The shares are more than the {arrived.money} that came.")
    for invoice, minor in shares:
        _claim(invoice, Money(minor, arrived.money.currency))
    paid = [invoice for invoice, _ in shares] or [one for one in (arrived.about,) if one]
    payment = Payment(
        method=arrived.method, external_id=arrived.external_id, note=arrived.note,
        organization_id=arrived.organization_id, currency=arrived.money.currency,
        amount_minor=arrived.money.minor, received_on=arrived.received_on, booked_at=clock.now(),
        paid_by=_paid_by(arrived, paid),
    )  # fmt: skip
    db.session.add(payment)
    db.session.flush()
    ledger.post_payment(payment, arrived.account, shares)
    audit.record(
        "payment.booked", payment, by=f"person:{arrived.by.id}" if arrived.by else "",
        invoices=[invoice.number for invoice in paid], amount=str(arrived.money),
    )  # fmt: skip
    for invoice in paid:
        is_settled = _came(invoice) if any(invoice is one for one, _ in shares) else False
        if not arrived.is_silent:
            mail_receipt(invoice, payment)
        _moved(invoice, is_settled=is_settled)
    return payment


def _paid_by(arrived: Arrival, paid: Sequence[Invoice]) -> str:
    """The one who pays all these for a firm; nobody, where it is the firm or they differ."""
    if arrived.paid_by is not None:
        return arrived.paid_by
    names = {str(invoice.paid_by.get("name", "")) for invoice in paid}
    return names.pop() if len(names) == 1 else ""


def _by_id(share: tuple[Invoice, int]) -> int:
    return share[0].id


def _claim(invoice: Invoice, money: Money) -> None:
    """What was written off is claimed again as far as money came for it."""
    owed = claimable(invoice)
    if money.currency != owed.currency:
        raise Refused(f"Invoice {invoice.number} is in {owed.currency}, not in {money.currency}.")
    if not 0 < money.minor <= owed.minor:
        raise Refused(f"{owed} is owed on invoice {invoice.number}: {money} cannot pay it.")
    revived = money.minor - balance(invoice).minor
    if revived > 0:
        ledger.post_revival(invoice, revived, today())
        audit.record("invoice.revived", invoice, amount=str(Money(revived, invoice.currency)))


def _came(invoice: Invoice) -> bool:
    """Say that money paid something on it; whether the money alone settled it."""
    is_settled = not balance(invoice)
    signals.money_came.send(invoice)
    return is_settled


def _moved(invoice: Invoice, *, is_settled: bool) -> None:
    close_other_pages(invoice)
    if is_settled:
        signals.invoice_settled.send(invoice)


def allocate(payment: Payment, invoice: Invoice, money: Money) -> None:
    """Pay an invoice with what is left of a payment. The caller commits.

    Raises `Refused` when that is more than is left or than is owed, or another currency.
    """
    invoice = lock(invoice.id)
    db.session.get_one(Payment, payment.id, with_for_update=True)
    if is_disputed(payment):
        raise Refused("The payer's bank disputes this payment: until it decides, it pays nothing.")
    if money.minor > unallocated_of(payment) or money.currency != payment.currency:
        raise Refused(f"Only {Money(unallocated_of(payment), payment.currency)} is left of it.")
    _claim(invoice, money)
    ledger.post_allocation(payment, invoice, money.minor, today())
    audit.record("payment.allocated", payment, invoice=invoice.number, amount=str(money))
    _moved(invoice, is_settled=_came(invoice))


def free(payment: Payment, invoice: Invoice, why: str) -> None:
    """Undo what a payment pays on an invoice: it is owed again, the money is the payer's again.

    The caller commits. Raises `Refused` when the payment pays nothing on it.
    """
    invoice = lock(invoice.id)
    found = ledger.allocations_of(invoice, payment)
    if not found:
        raise Refused(f"This payment pays nothing on invoice {invoice.number}.")
    for allocation in found:
        ledger.post_freed(allocation, today())
    audit.record("payment.freed", payment, invoice=invoice.number, why=why)
    signals.money_went.send(invoice)
    close_other_pages(invoice)


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
    _move(attempt, AttemptStatus.SUCCEEDED)
    owed = claimable(invoice)
    same = receipt.money.currency == owed.currency
    share = min(receipt.money.minor, owed.minor) if same else 0
    as_asked = receipt.money == attempt.money
    arrived = Arrival(
        receipt.money, today(), invoice.organization_id, PaymentMethod.CARD,
        receipt.payment_intent, "" if as_asked else f"{attempt.money} was asked for",
        about=invoice, paid_by="" if attempt.is_own else None,
    )  # fmt: skip
    receive(arrived, [(invoice, share)] if share else [])
    return Outcome.BOOKED


def _attempt_of(receipt: Receipt) -> PaymentAttempt | None:
    """Ours by its session; or by the number we gave it, while its answer is still on the way."""
    if not receipt.session_id:
        charge = charge_by_intent(receipt.payment_intent or "", receipt.attempt_id)
        return charge.attempt if charge else None
    by_session = select(PaymentAttempt).where(PaymentAttempt.session_id == receipt.session_id)
    found = db.session.scalars(by_session).one_or_none()
    if found is None and receipt.attempt_id:
        found = db.session.get(PaymentAttempt, receipt.attempt_id)
    return found if found and found.session_id in {None, receipt.session_id} else None


def _remember_session(attempt: PaymentAttempt, receipt: Receipt) -> None:
    if receipt.session_id:
        attempt.session_id = receipt.session_id
    elif charge := charge_of(attempt.id):
        charge.intent_id, charge.failure = receipt.payment_intent, receipt.failure
    if attempt.status is AttemptStatus.CREATED or not receipt.session_id:
        _move(attempt, AttemptStatus.OPEN)


def _not_paid(attempt: PaymentAttempt, receipt: Receipt) -> Outcome:
    if receipt.needs_payer:
        _move(attempt, AttemptStatus.REQUIRES_ACTION)
    elif receipt.has_failed:
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


def close_other_pages(invoice: Invoice) -> None:
    """After a change of what is owed: pages that ask for the old amount are closed by a job."""
    query = select(PaymentAttempt.id).where(
        PaymentAttempt.invoice_id == invoice.id, PaymentAttempt.status.in_(LIVE)
    )
    for attempt_id in db.session.scalars(query):
        key = f"close:{attempt_id}:{balance(invoice).minor}"
        jobs.queue(close_page, key=key, attempt_id=attempt_id)
