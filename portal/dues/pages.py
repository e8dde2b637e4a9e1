"""Closing hosted pages and calling off charges of what is no longer owed."""

from portal.core import audit
from portal.core.db import db, release
from portal.core.jobs import job
from portal.core.stripe_gateway import gateway
from portal.dues.models import LIVE, AttemptStatus, PaymentAttempt
from portal.dues.queries import balance, charge_of
from portal.dues.queries.early import to_pay_now


@job
def close_page(attempt_id: int) -> None:
    """Tried again while Stripe is away; money that came meanwhile is booked by the poller."""
    attempt = db.session.get_one(PaymentAttempt, attempt_id)
    session_id, charge = attempt.session_id, charge_of(attempt_id)
    intent_id = charge.intent_id if charge else None
    fits = attempt.money in {balance(attempt.invoice), to_pay_now(attempt.invoice)}
    if fits or attempt.status not in LIVE or not (session_id or intent_id):
        return
    release()
    if intent_id:
        gateway().call_off(intent_id)
        return
    gateway().expire(session_id or "")
    receipt = gateway().receipt(session_id or "")
    attempt = db.session.get_one(PaymentAttempt, attempt_id, with_for_update=True)
    is_closed = receipt is not None and receipt.status == "expired"
    if is_closed and attempt.status.may_become(AttemptStatus.EXPIRED):
        audit.move(attempt, AttemptStatus.EXPIRED)
