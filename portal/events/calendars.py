"""Calendar files: one UID for an event for ever, SEQUENCE when time or place moves."""

from datetime import datetime
from urllib.parse import urlsplit

from icalendar import Calendar, Event as Entry, vCalAddress, vText

from portal.core.links import link, settings
from portal.events.models import Event, EventFormat


def calendar(
    event: Event, stamp: datetime, *, method: str = "PUBLISH", attendee: str = "", join: str = ""
) -> bytes:
    """`method` is PUBLISH in feeds, REQUEST in invitations, CANCEL when somebody is not to come."""
    file = Calendar()
    file.add("prodid", "-//Member portal//Events//EN")
    file.add("version", "2.0")
    file.add("method", method)
    file.add_component(_entry(event, stamp, method, attendee, join))
    file.add_missing_timezones()
    return file.to_ical()


def feed(events: list[Event], stamp: datetime) -> bytes:
    file = Calendar()
    file.add("prodid", "-//Member portal//Events//EN")
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    for event in events:
        file.add_component(_entry(event, stamp, "PUBLISH", "", ""))
    file.add_missing_timezones()
    return file.to_ical()


def _entry(event: Event, stamp: datetime, method: str, attendee: str, join: str) -> Entry:
    entry = Entry()
    domain = urlsplit(settings().site_url).hostname
    is_off = method == "CANCEL" or event.status.value == "cancelled"
    entry.add("uid", f"event-{event.id}@{domain}")
    entry.add("sequence", event.sequence + (method == "CANCEL"))
    entry.add("dtstamp", stamp)
    entry.add("dtstart", event.local(event.starts_at))
    entry.add("dtend", event.local(event.ends_at))
    entry.add("summary", event.title)
    entry.add("description", "\n".join(filter(None, (event.summary, join))))
    entry.add("url", link("events.show", event_id=event.id))
    entry.add("status", "CANCELLED" if is_off else "CONFIRMED")
    place = "Online" if event.format is EventFormat.ONLINE else f"{event.venue}, {event.address}"
    entry.add("location", vText(place.replace("\n", ", ")))
    if attendee:
        entry.add("attendee", vCalAddress(f"mailto:{attendee}"))
    return entry
