"""Events are made, seats are taken and given back. The caller commits."""

from portal.events.actions.orders import (
    Attendee,
    Buyer,
    cancel_order,
    confirm_paid,
    expire,
    register,
    release_credited,
)
from portal.events.actions.programme import cancel_event, change, make, open_registration
from portal.events.actions.seats import (
    is_live,
    is_selling,
    may_cancel_free,
    seat_the_next,
    take_seat,
)

__all__ = [
    "Attendee",
    "Buyer",
    "cancel_event",
    "cancel_order",
    "change",
    "confirm_paid",
    "expire",
    "is_live",
    "is_selling",
    "make",
    "may_cancel_free",
    "open_registration",
    "register",
    "release_credited",
    "seat_the_next",
    "take_seat",
]
