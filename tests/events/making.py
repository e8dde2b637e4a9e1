"""Events and registrations for tests: every fact has a dull default; everything is committed."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from portal.core import clock
from portal.core.db import db
from portal.events import actions
from portal.events.actions import Attendee, Buyer
from portal.events.models import (
    Audience,
    Event,
    EventFormat,
    EventKind,
    EventStatus,
    Order,
    Registration,
)
from tests.make import save

FREE = {"member_minor": 0, "other_minor": 0}
STRANGER = {"buyer_name": "Vi Visitor", "buyer_email": "Vi@Visitor.example"}


def make_event(*, starts_in=30, zone="Asia/Manila", **facts):
    """An open one in Manila, some days from now at 15:00 local time, 10 seats, EUR 250 / 400."""
    local = (clock.now() + timedelta(days=starts_in)).astimezone(ZoneInfo(zone))
    starts = local.replace(hour=15, minute=0, second=0, microsecond=0)
    ends = starts + timedelta(hours=2)
    defaults = {
        "title": "Queues at night", "kind": EventKind.ROUNDTABLE, "summary": "Who works?",
        "body": "## Programme\n\n- Talk", "status": EventStatus.OPEN, "audience": Audience.PUBLIC,
        "starts_local": f"{starts:%Y-%m-%dT%H:%M}", "ends_local": f"{ends:%Y-%m-%dT%H:%M}",
        "zone": zone, "starts_at": starts, "ends_at": ends, "format": EventFormat.IN_PERSON,
        "venue": "Harbour Hall", "address": "1 Pier\nManila", "join_url": "", "seats": 10,
        "seats_used": 0, "currency": "EUR", "member_minor": 25000, "other_minor": 40000,
    }  # fmt: skip
    return save(Event(**defaults | facts))


def registered(event, *emails, is_member=False, **buyer):
    """An order for these addresses; the first of them buys."""
    who = Buyer(**{"name": "Bea Buyer", "email": emails[0], "address": "1 Road, Manila"} | buyer)
    people = [Attendee(f"Guest {email.partition('@')[0]}", email) for email in emails]
    order = actions.register(event, who, people, is_member=is_member)
    db.session.commit()
    return order


def states(event):
    """What became of each address, in the order of asking."""
    rows = db.session.query(Registration).filter_by(event_id=event.id).order_by(Registration.id)
    return [(one.email.partition("@")[0], one.status.value) for one in rows]


def form_of(event=None, **fields):
    """The organisers' form, filled in; with an event, as that event is."""
    filled = {
        "title": "Queues at night", "kind": "roundtable", "summary": "Who works, and when.",
        "body": "", "starts": "2027-01-20T09:30", "ends": "2027-01-20T11:00",
        "zone": "Asia/Manila", "format": "in_person", "venue": "Harbour Hall",
        "address": "1 Pier\nManila", "place": "", "join_url": "", "seats": "10",
        "audience": "public", "member_price": "250.00", "other_price": "400", "cancel_days": "14",
    }  # fmt: skip
    if event:
        filled |= {
            "title": event.title, "starts": event.starts_local, "ends": event.ends_local,
            "zone": event.zone, "seats": str(event.seats),
            "member_price": str(event.member_price.units),
            "other_price": str(event.other_price.units),
        }  # fmt: skip
    return filled | fields


def people(*emails):
    """The rows of the registration form."""
    return {
        f"people-{n}-{name}": value
        for n, email in enumerate(emails)
        for name, value in (("name", f"Guest {n}"), ("email", email), ("needs", ""))
    }


def the_order():
    """The latest."""
    return db.session.query(Order).order_by(Order.id.desc()).first()


def event_of(event):
    """As it is in the database now."""
    db.session.expire_all()
    return db.session.get(Event, event.id)


def subjects(mails):
    """To whom, and what about."""
    return [(one["To"], one["Subject"]) for one in mails]
