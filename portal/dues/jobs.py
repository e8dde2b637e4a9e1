"""What Stripe told us, and asking it again about every attempt that is still open."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.association.queries import today
from portal.core import clock
from portal.core.db import db, release
from portal.core.jobs import every, job, queue
from portal.core.stripe_gateway import Event, StripeAway, gateway
from portal.dues import cards, charging, money_back, payouts
from portal.dues.actions import Outcome, expire_order, keep_card, settle
from portal.dues.models import EventCursor, PaymentAttempt, StripeEvent
from portal.dues.queries import charge_of, has_used_cards, is_heard, live_attempts
from portal.dues.queries.arrears import forgotten_orders
from portal.dues.queries.early import to_pay_now

PATIENCE = timedelta(hours=24)  # then staff see it as unmatched
OVERLAP = timedelta(hours=1)  # read twice, so that what was listed late is not missed
REMEMBERED = timedelta(days=29)  # Stripe lists events for 30 days


class NotOursYet(Exception):
    """An object we do not know: it may be ours before we heard of it, so the job tries again."""


def _event(event_id: str) -> StripeEvent:
    return db.session.scalars(select(StripeEvent).where(StripeEvent.event_id == event_id)).one()


def _look_at_checkout(session_id: str) -> Outcome:
    receipt = gateway().receipt(session_id)
    if receipt is None:
        return Outcome.UNMATCHED
    if receipt.mandate_id:
        return keep_card(receipt) or Outcome.UNMATCHED
    outcome = settle(receipt)
    keep_card(receipt)
    return outcome


# Which messages are reasons to look at what, the first that fits; None when it is nothing of ours.
LOOKS: tuple[tuple[str, Callable[[str], Outcome | None]], ...] = (
    ("checkout.session.", _look_at_checkout),
    ("payment_intent.", charging.look_at_charge),
    ("charge.dispute.", money_back.look_at_dispute),
    ("charge.refund.", money_back.look_at_refund),
    ("charge.refunded", money_back.look_at_charge),
    ("refund.", money_back.look_at_refund),
    ("payout.", payouts.look_at_payout),
)


@job
def hear(event_id: str) -> None:
    """An event is only a reason to look: the object is read again and that is believed."""
    event = _event(event_id)
    if event.handled_at:
        return
    kind, object_id, heard_at = event.kind, event.object_id, event.heard_at
    look = next((look for prefix, look in LOOKS if kind.startswith(prefix)), None)
    release()
    outcome = look(object_id) if look else None
    is_early = outcome is Outcome.UNMATCHED or (
        outcome is Outcome.WAITING and kind.startswith(("charge.", "refund.", "payout."))
    )
    if is_early and clock.now() - heard_at < PATIENCE:
        raise NotOursYet(object_id)
    event = _event(event_id)
    event.handled_at = clock.now()
    event.outcome = outcome.value if outcome else "nothing to do"


def keep_event(event: Event) -> None:
    """Keep a message and have it looked into, once however often it comes; commits."""
    facts = {"event_id": event.id, "kind": event.kind, "object_id": event.object_id}
    try:
        db.session.add(StripeEvent(heard_at=clock.now(), handled_at=None, **facts))
        queue(hear, key=f"stripe:{event.id}", event_id=event.id)
        db.session.commit()
    except IntegrityError:  # a twin was heard at this very moment
        db.session.rollback()


@every(timedelta(minutes=5))
def read_events() -> None:
    """What Stripe told anybody since the last reading and a little before: missed messages."""
    if not gateway().is_configured or not has_used_cards():
        return
    now, read_until = clock.now(), _read_until()
    if read_until is None:
        db.session.add(EventCursor(id=1, read_until=now))
        return
    release()
    found = list(gateway().events_since(max(read_until - OVERLAP, now - REMEMBERED)))
    for event in reversed(found):
        is_of_use = any(event.kind.startswith(prefix) for prefix, _look in LOOKS)
        if is_of_use and not is_heard(event.id):
            keep_event(event)
    db.session.get_one(EventCursor, 1).read_until = now


def _read_until() -> datetime | None:
    cursor = db.session.get(EventCursor, 1)
    return cursor.read_until if cursor else None


@every(timedelta(days=1))
def end_forgotten_orders() -> None:
    """Seats that were ordered and never paid: each order by itself, the other firms' stay."""
    for one in db.session.scalars(forgotten_orders(today())).all():
        expire_order(one)
        db.session.commit()


@every(timedelta(minutes=2))
def look_after_attempts() -> None:
    """Missed messages, lost answers, expired pages: read again from Stripe, one by one."""
    for attempt in db.session.scalars(live_attempts(before=timedelta(minutes=2))).all():
        try:
            look_after(attempt.id)
        except StripeAway:
            db.session.rollback()


def look_after(attempt_id: int) -> None:
    if charge_of(attempt_id):
        charging.look_again(attempt_id)
        return
    attempt = db.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)
    is_stale = to_pay_now(attempt.invoice) != attempt.money
    has_page, session_id = attempt.status not in cards.NO_PAGE, attempt.session_id
    release()
    if not has_page:
        cards.ask_for_page(attempt_id)
    elif is_stale and session_id:
        gateway().expire(session_id)
    cards.look(attempt_id)
