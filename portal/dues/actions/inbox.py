"""What staff do with a message of Stripe's that matched nothing. The caller commits."""

from portal.core import audit, clock, jobs
from portal.core.states import Refused
from portal.dues.models import StripeEvent

HEAR = "portal.dues.jobs.hear"
DONE = {"booked", "already", "saved"}


def look_again(message: StripeEvent) -> None:
    """Have a message looked into now; raises `Refused` when it did its work already."""
    if message.outcome in DONE:
        raise Refused("This message did its work already: nothing is left to look into.")
    message.handled_at, message.outcome, message.reason = None, "", None
    key = f"stripe:{message.event_id}:{clock.now().timestamp()}"
    jobs.queue(HEAR, key=key, event_id=message.event_id)
    audit.record("message.looked_at_again", message)


def set_aside(message: StripeEvent, reason: str) -> None:
    """Nothing more is done about it, and why; raises `Refused` when it did its work."""
    if message.outcome in DONE:
        raise Refused("This message did its work already: it cannot be set aside.")
    message.handled_at, message.outcome, message.reason = clock.now(), "set aside", reason
    audit.record("message.set_aside", message, reason=reason)
