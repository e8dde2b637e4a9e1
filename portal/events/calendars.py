"""Calendar files: one UID for an event for ever, SEQUENCE when time or place moves."""

from datetime import datetime
from email.utils import parseaddr
from functools import cache
from urllib.parse import urlsplit

from icalendar import Calendar, Timezone, vCalAddress, vText
from icalendar import Event as Entry

from portal.core.links import link, settings
from portal.events.models import Event, EventFormat


def calendar(
    event: Event, stamp: datetime, *, method: str = "PUBLISH", attendee: str = "", join: str = ""
) -> bytes:
    """`method`: PUBLISH in feeds, REQUEST in invitations, CANCEL to who is not to come."""
    return _file(method, [_entry(event, stamp, method, attendee, join)])


def feed(events: list[Event], stamp: datetime) -> bytes:
    return _file("PUBLISH", [_entry(event, stamp, "PUBLISH", "", "") for event in events])


def _file(method: str, entries: list[Entry]) -> bytes:
    file = Calendar()
    file.add("prodid", "-//Member portal//Events//EN")
    file.add("version", "2.0")
    file.add("method", method)
    for entry in entries:
        file.add_component(entry)
    file.subcomponents[:0] = [_zone(name) for name in sorted(file.get_missing_tzids())]
    return file.to_ical()


@cache
def _zone(name: str) -> Timezone:
    """What a calendar must know of a zone to show its times: slow to make, always the same."""
    return Timezone.from_tzid(name)


def _entry(event: Event, stamp: datetime, method: str, attendee: str, join: str) -> Entry:
    entry = Entry()
    domain = urlsplit(settings().site_url).hostname
    is_off = method == "CANCEL" or event.status.value == "cancelled"
    entry.add("uid", f"event-{event.id}@{domain}")
    # Cancelling the event raised its number already; one person's "do not come" goes above it.
    entry.add("sequence", event.sequence + (method == "CANCEL" and event.status.value == "open"))
    entry.add("dtstamp", stamp)
    entry.add("dtstart", event.local(event.starts_at))
    entry.add("dtend", event.local(event.ends_at))
    entry.add("summary", event.title)
    entry.add("description", "\n".join(filter(None, (event.summary, join))))
    entry.add("url", link("events.show", event_id=event.id))
    entry.add("status", "CANCELLED" if is_off else "CONFIRMED")
    entry.add("location", vText(_place(event)))
    entry.add("organizer", vCalAddress(f"mailto:{parseaddr(settings().mail_from)[1]}"))
    if attendee:
        entry.add("attendee", vCalAddress(f"mailto:{attendee}"))
    return entry


def _place(event: Event) -> str:
    if event.format is EventFormat.ONLINE:
        return "Online"
    lines = [event.venue, *event.address.splitlines()]
    return ", ".join(line.strip() for line in lines if line.strip())
