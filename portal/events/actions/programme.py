"""What organisers do: make an event, change it, open registration, cancel it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.association.models import Association
from portal.association.queries import association
from portal.core import audit, clock
from portal.core.db import db
from portal.core.search import index
from portal.core.states import Refused
from portal.events import queries
from portal.events.actions import seats
from portal.events.actions.posts import tell
from portal.events.models import Event, EventStatus, RegistrationStatus
from portal.events.times import instant_of

CONTENT = (
    "title", "kind", "summary", "body", "audience", "format", "venue", "address", "place_id",
    "join_url", "member_minor", "other_minor", "cancel_days", "seats",
)  # fmt: skip
MOVING = ("starts_at", "ends_at", "zone", "venue", "address", "format")


def make(facts: Mapping[str, Any]) -> Event:
    """A draft. `facts` holds CONTENT and `times`: (starts, ends, zone, second).

    The same form sent again is the draft that is there.
    """
    db.session.execute(select(Association.id).with_for_update(key_share=True))  # one at a time
    home = association()
    event = Event(
        currency=home.currency, seats_used=0, sequence=0, status=EventStatus.DRAFT,
        is_demo=home.is_demo,
    )  # fmt: skip
    _fill(event, facts)
    if twin := _twin(event):
        return twin
    db.session.add(event)
    db.session.flush()
    audit.record("event.made", event, title=event.title)
    return event


def _twin(event: Event) -> Event | None:
    """A draft that says the same in every field."""
    facts = {name: getattr(event, name) for name in (*CONTENT, "starts_at", "ends_at", "zone")}
    query = select(Event).filter_by(status=EventStatus.DRAFT, sequence=0, **facts)
    return db.session.scalars(query.order_by(Event.id)).first()


def _fill(event: Event, facts: Mapping[str, Any]) -> None:
    for name in CONTENT:
        setattr(event, name, facts[name])
    starts, ends, zone, second = facts["times"]
    set_times(event, starts, ends, zone, second=second)


def set_times(event: Event, starts: datetime, ends: datetime, zone: str, *, second: bool) -> None:
    """Local times and zone; the instants follow. Raises `NoSuchTime` in a gap of the clock."""
    event.starts_local, event.ends_local = _written(starts), _written(ends)
    event.zone = zone
    event.starts_at = instant_of(starts, zone, second=second)
    event.ends_at = instant_of(ends, zone, second=second)


def _written(local: datetime) -> str:
    return local.isoformat("T", "minutes")


def change(event: Event, facts: Mapping[str, Any]) -> None:
    """New facts; who has a seat is told when time or place moves, and new seats are handed out.

    Raises `Refused` for fewer seats than are taken, and of a cancelled event.
    """
    seats.hold(event)
    if event.status is EventStatus.CANCELLED:
        raise Refused("A cancelled event is not changed any more.")
    if facts["seats"] < event.seats_used:
        raise Refused(f"{event.seats_used} seats are taken: there cannot be fewer.")
    before = [getattr(event, name) for name in MOVING]
    _fill(event, facts)
    if [getattr(event, name) for name in MOVING] != before:
        event.sequence += 1
        for one in db.session.scalars(queries.attendees(event)).all():
            if one.status in queries.SEATED:
                tell(one, "moved")
    audit.record("event.changed", event, title=event.title, sequence=event.sequence)
    index.changed("event", event.id)
    db.session.flush()
    seats.seat_the_next(event)


def open_registration(event: Event) -> None:
    """Raises `Refused` when the event would have begun already."""
    if event.starts_at <= clock.now():
        raise Refused("The beginning lies in the past: change it first.")
    audit.move(event, EventStatus.OPEN)
    index.changed("event", event.id)


def cancel_event(event: Event, reason: str) -> None:
    """Everybody is told why; every invoice is credited, and paid money becomes credit."""
    seats.hold(event)
    audit.move(event, EventStatus.CANCELLED, reason)
    event.sequence += 1
    going = [
        one for one in db.session.scalars(queries.attendees(event)).all() if seats.is_live(one)
    ]
    seats.hold_invoices(going)
    for one in going:
        seats.release(one, RegistrationStatus.CANCELLED, reason)
        tell(one, "called_off", reason=reason)
    seats.credit(going, reason)
    index.changed("event", event.id)
