"""Charging kept cards while the payer is away: announced, and once for each step."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db, release
from portal.core.jobs import every, job
from portal.core.receipts import Receipt
from portal.core.states import Refused
from portal.core.stripe_gateway import PageRefused, StripeAway, gateway
from portal.dues import automatic, queries
from portal.dues.actions import Outcome, announce, settle, tell_of, warn_of_expiry
from portal.dues.actions.payments import lock
from portal.dues.models import (
    AttemptStatus,
    AutomaticCharge,
    CardMandate,
    Invoice,
    PaymentAttempt,
)
from portal.dues.queries.early import to_pay_now

A = AttemptStatus
PATIENCE = timedelta(days=7)  # for a payer whom the bank wants to ask
TROUBLE = {A.FAILED, A.CANCELLED, A.REQUIRES_ACTION}
NO_ANSWER = "no_answer"
REFUSED = "refused"
BUSY = "Your card on file is being charged for this invoice. Look again in a minute."


@every(timedelta(hours=1))
def look_after_kept_cards() -> None:
    """Announce, warn and charge what is due, one by one."""
    for mandate in db.session.scalars(queries.kept_cards()).all():
        if mandate.last_day - today() <= automatic.WARN_OF_EXPIRY:
            warn_of_expiry(mandate)
    found = [(one.id, card.id) for one, card in db.session.execute(queries.invoices_on_cards())]
    db.session.commit()
    for invoice_id, mandate_id in found:
        try:
            look_after(invoice_id, mandate_id)
        except StripeAway:
            db.session.rollback()


def look_after(invoice_id: int, mandate_id: int) -> None:
    """Announce the invoice's next charge, or make it when its day has come; commits."""
    invoice, mandate = lock(invoice_id), db.session.get_one(CardMandate, mandate_id)
    charge = queries.coming(invoice, mandate)
    if charge and not announce(charge) and charge.is_due:
        begin_and_ask(invoice_id, mandate_id, charge.step)
    db.session.commit()


def begin_and_ask(invoice_id: int, mandate_id: int, step: str) -> None:
    attempt_id = _begin(invoice_id, mandate_id, step)
    if attempt_id:
        ask(attempt_id)


def _begin(invoice_id: int, mandate_id: int, step: str) -> int | None:
    """The attempt, committed before Stripe is asked; None where a charge would be wrong now."""
    invoice = lock(invoice_id)
    still = db.session.execute(
        queries.invoices_on_cards().where(Invoice.id == invoice_id, CardMandate.id == mandate_id)
    ).all()
    if not still or queries.live_attempt(invoice_id):
        return None
    owed, now = to_pay_now(invoice), clock.now()
    last = select(func.max(PaymentAttempt.n)).where(PaymentAttempt.invoice_id == invoice_id)
    n = (db.session.scalar(last) or 0) + 1
    attempt = PaymentAttempt(
        invoice_id=invoice_id, n=n, currency=owed.currency, amount_minor=owed.minor,
        key=f"inv-{invoice_id}-att-{n}", back=f"/invoices/{invoice_id}", made_at=now,
        expires_at=now + PATIENCE,
    )  # fmt: skip
    facts = {"invoice_id": invoice_id, "mandate_id": mandate_id, "step": step, "on": today()}
    try:
        db.session.add(AutomaticCharge(attempt=attempt, **facts))
        db.session.flush()
        audit.record("payment.started", invoice, attempt=n, amount=str(owed), step=step)
        db.session.commit()
    except IntegrityError:  # another worker was a moment faster
        db.session.rollback()
        return None
    return attempt.id


def _asked(charge: AutomaticCharge) -> dict[str, Any]:
    """From stored facts only: asking again asks the same, and charges once."""
    attempt, mandate = charge.attempt, charge.mandate
    return {
        "attempt_id": attempt.id, "key": attempt.key, "money": attempt.money,
        "name": f"Invoice {attempt.invoice.number}", "customer": mandate.customer_id or "",
        "payment_method": mandate.payment_method_id or "",
    }  # fmt: skip


def _charge(attempt_id: int) -> AutomaticCharge:
    found = queries.charge_of(attempt_id)
    assert found is not None  # noqa: S101 - only attempts without a page are asked for
    return found


def ask(attempt_id: int) -> Outcome:
    """Have Stripe charge the card, with no transaction open; commits what came of it."""
    asked = _asked(_charge(attempt_id))
    release()
    try:
        receipt = gateway().charge(**asked)
    except Refused as refused:
        no_answer = isinstance(refused, StripeAway) and not isinstance(refused, PageRefused)
        if no_answer:
            _note(attempt_id, A.UNKNOWN, "")
            raise
        return _note(attempt_id, A.CANCELLED, REFUSED)
    outcome = take_in(receipt)
    db.session.commit()
    return outcome


def _note(attempt_id: int, new: AttemptStatus, failure: str) -> Outcome:
    """Stripe did not answer, or made nothing of it."""
    charge = _charge(attempt_id)
    invoice = lock(charge.invoice_id)
    db.session.refresh(charge.attempt)
    if charge.attempt.status.may_become(new):
        audit.move(charge.attempt, new)
        charge.failure = failure
        tell_of(charge, invoice)
    db.session.commit()
    return Outcome.CLOSED


def take_in(receipt: Receipt) -> Outcome:
    """Apply what Stripe says of a charge, and tell the payers; the caller commits."""
    outcome = settle(receipt)
    charge = queries.charge_by_intent(receipt.payment_intent or "", receipt.attempt_id)
    if charge and outcome is not Outcome.UNMATCHED:
        tell_of(charge, charge.attempt.invoice)
    return outcome


def look_at_charge(payment_intent: str) -> Outcome | None:
    """What a message about a payment intent leads to; None when it is not a kept card's.

    Payments of our hosted pages have messages of their own.
    """
    receipt = gateway().receipt_of_charge(payment_intent)
    if receipt is None:
        return None
    if queries.charge_by_intent(payment_intent, receipt.attempt_id) is None:
        return None
    return take_in(receipt)


def look_again(attempt_id: int) -> Outcome:
    """Read a charge again from Stripe; one that nobody answered is asked again. Commits."""
    charge = _charge(attempt_id)
    invoice, mandate, attempt = charge.attempt.invoice, charge.mandate, charge.attempt
    is_wanted = to_pay_now(invoice) == attempt.money
    is_over = not is_wanted or attempt.expires_at < clock.now()
    may_ask = is_wanted and mandate.revoked_at is None
    intent_id, customer, made_at = charge.intent_id, mandate.customer_id or "", attempt.made_at
    if intent_id is None and may_ask:
        return ask(attempt_id)
    release()
    intent_id = intent_id or gateway().find_charge(customer, attempt_id, made_at)
    if intent_id is None:
        return _note(attempt_id, A.CANCELLED, NO_ANSWER)
    if is_over:
        gateway().call_off(intent_id)
    receipt = gateway().receipt_of_charge(intent_id)
    outcome = take_in(receipt) if receipt else Outcome.WAITING
    db.session.commit()
    return outcome


def step_aside(attempt_id: int) -> None:
    """Give up a charge that waits for its payer, who is here now to pay on a page; commits.

    Raises `Refused` while the card is being charged.
    """
    charge = _charge(attempt_id)
    intent_id, status = charge.intent_id, charge.attempt.status
    if status is not A.REQUIRES_ACTION or intent_id is None:
        raise Refused(BUSY)
    release()
    gateway().call_off(intent_id)
    receipt = gateway().receipt_of_charge(intent_id)
    if receipt:
        settle(receipt)
    db.session.commit()


@job
def charge_again(mandate_id: int) -> None:
    """A new card was given: what the old one could not pay is charged to it once, now."""
    mandate = db.session.get_one(CardMandate, mandate_id)
    query = queries.invoices_on_cards().where(CardMandate.id == mandate_id)
    failed = [one.id for one, _ in db.session.execute(query) if _failed_before(one.id, mandate_id)]
    if mandate.revoked_at:
        return
    for invoice_id in failed:
        live = queries.live_attempt(invoice_id)
        if live and live.status is A.REQUIRES_ACTION:
            step_aside(live.id)
        begin_and_ask(invoice_id, mandate_id, f"card:{mandate_id}")


def _failed_before(invoice_id: int, mandate_id: int) -> bool:
    """Others failed, none paid, and this one was not charged yet: this job may come late."""
    charges = queries.charges_of(invoice_id)
    is_new = all(
        one.mandate_id != mandate_id and one.attempt.status is not A.SUCCEEDED for one in charges
    )
    return is_new and any(one.attempt.status in TROUBLE for one in charges)


@job
def forget_card(mandate_id: int) -> None:
    method = db.session.get_one(CardMandate, mandate_id).payment_method_id
    release()
    if method:
        gateway().forget_card(method)
