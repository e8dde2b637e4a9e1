"""What Stripe told us, and asking it again about every attempt that is still open."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from portal.core import clock
from portal.core.db import db, release
from portal.core.jobs import every, job
from portal.core.stripe_gateway import StripeAway, gateway
from portal.dues import cards, money_back
from portal.dues.actions import Outcome, settle
from portal.dues.models import PaymentAttempt, StripeEvent
from portal.dues.queries import balance, live_attempts

PATIENCE = timedelta(hours=24)  # then staff see it as unmatched


class NotOursYet(Exception):
    """An object we do not know: it may be ours before we heard of it, so the job tries again."""


def _event(event_id: str) -> StripeEvent:
    return db.session.scalars(select(StripeEvent).where(StripeEvent.event_id == event_id)).one()


def _look_at_checkout(session_id: str) -> Outcome:
    receipt = gateway().receipt(session_id)
    return settle(receipt) if receipt else Outcome.UNMATCHED


# Which messages are reasons to look at what; the first that fits.
LOOKS: tuple[tuple[str, Callable[[str], Outcome]], ...] = (
    ("checkout.session.", _look_at_checkout),
    ("charge.dispute.", money_back.look_at_dispute),
    ("charge.refund.", money_back.look_at_refund),
    ("charge.refunded", money_back.look_at_charge),
    ("refund.", money_back.look_at_refund),
)  # fmt: skip


@job
def hear(event_id: str) -> None:
    """An event is only a reason to look: the object is read again and that is believed."""
    event = _event(event_id)
    if event.handled_at:
        return
    kind, object_id, heard_at = event.kind, event.object_id, event.heard_at
    look = next((look for prefix, look in LOOKS if kind.startswith(prefix)), None)
    if look is None:
        event.handled_at, event.outcome = clock.now(), "nothing to do"
        return
    release()
    outcome = look(object_id)
    is_early = outcome is Outcome.UNMATCHED or (
        outcome is Outcome.WAITING and look is not _look_at_checkout
    )
    if is_early and clock.now() - heard_at < PATIENCE:
        raise NotOursYet(object_id)
    event = _event(event_id)
    event.handled_at, event.outcome = clock.now(), outcome.value


@every(timedelta(minutes=2))
def look_after_attempts() -> None:
    """Missed messages, lost answers, expired pages: read again from Stripe, one by one."""
    for attempt in db.session.scalars(live_attempts(before=timedelta(minutes=2))).all():
        try:
            look_after(attempt.id)
        except StripeAway:
            db.session.rollback()


def look_after(attempt_id: int) -> None:
    attempt = db.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)
    is_stale = balance(attempt.invoice) != attempt.money
    has_page, session_id = attempt.status not in cards.NO_PAGE, attempt.session_id
    release()
    if not has_page:
        cards.ask_for_page(attempt_id)
    elif is_stale and session_id:
        gateway().expire(session_id)
    cards.look(attempt_id)
