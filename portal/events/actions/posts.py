"""Mails about one person's seat, with the calendar file where it changes something."""

from collections.abc import Sequence

from portal.core import clock, mail
from portal.events import calendars
from portal.events.models import Order, Registration, RegistrationStatus

CALENDAR = "text/calendar; charset=utf-8"
WITH_FILE = {
    "confirmed": "REQUEST",
    "moved": "REQUEST",
    "cancelled": "CANCEL",
    "called_off": "CANCEL",
}


def tell(one: Registration, what: str, **more: object) -> None:
    """Queue `emails/events/<what>.txt` to the one who comes."""
    files = []
    if method := WITH_FILE.get(what):
        # Only who has a seat for certain learns where to join.
        join = one.event.join_url if one.status is RegistrationStatus.CONFIRMED else ""
        file = calendars.calendar(
            one.event, clock.now(), method=method, attendee=one.email, join=join
        )
        files = [mail.Attachment("event.ics", CALENDAR, file)]
    mail.queue(
        f"events/{what}", to=one.email, registration=one, event=one.event, order=one.order,
        attachments=files, **more,
    )  # fmt: skip


def tell_buyer(order: Order, held: Sequence[Registration]) -> None:
    """The way back to an order whose seats are to be paid; none when nothing is."""
    if held:
        mail.queue(
            "events/ordered", to=order.buyer_email, order=order, event=order.event, people=held,
            invoice=held[0].invoice,
        )  # fmt: skip
