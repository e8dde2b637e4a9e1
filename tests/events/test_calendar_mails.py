from email import message_from_bytes

import pytest
from icalendar import Calendar

from portal.core.db import db
from portal.events import actions
from portal.events.models import Event, Registration
from tests.events.making import (
    FREE,
    STRANGER,
    form_of,
    make_event,
    people,
    registered,
    subjects,
    the_order,
)
from tests.make import make_member, make_person


def calendar_in(mail):
    """The parsed file, its method as the MIME part says it, and its one entry."""
    (part,) = [one for one in mail.iter_attachments() if one.get_content_type() == "text/calendar"]
    file = Calendar.from_ical(part.get_content())
    assert part["Content-Type"].params["method"] == file["METHOD"]
    return file, file.walk("VEVENT")[0]


def test_a_member_registers_free_and_gets_a_mail_with_a_calendar_file(browser, sent):
    event = make_event(**FREE, join_url="https://meet.example/room")
    ann = browser.sign_in(make_member(email="ann@firm.example", display_name="Ann Other"))
    page = browser.get(f"/events/{event.id}/register")
    assert 'value="Ann Other"' in page
    assert 'value="ann@firm.example"' in page
    answer = browser.post(f"/events/{event.id}/register", **people("ann@firm.example"))
    page = browser.get(answer.location)
    assert "Confirmed" in page
    assert "meet.example" not in page
    one = db.session.query(Registration).one()
    assert (one.person_id, one.status.value) == (ann.id, "confirmed")
    (mail,) = sent()
    assert subjects([mail]) == [("ann@firm.example", "Your seat: Queues at night")]
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    for part in (text, html):
        assert "your seat is confirmed" in part
        assert f"http://portal.test/events/orders/{the_order().token}" in part
        assert "Ann Other registered you for this event." in part
    file, entry = calendar_in(mail)
    assert (file["METHOD"], entry["SEQUENCE"]) == ("REQUEST", 0)
    assert entry["UID"] == f"event-{event.id}@portal.test"
    assert entry["DTSTART"].params["TZID"] == "Asia/Manila"
    assert entry["DTSTART"].dt == event.starts_at
    assert entry["DTSTART"].dt.strftime("%H:%M") == "15:00"
    assert file.walk("VTIMEZONE")[0]["TZID"] == "Asia/Manila"
    assert entry["ATTENDEE"] == "mailto:ann@firm.example"
    assert entry["ORGANIZER"] == "mailto:portal@testhall.example"
    assert entry["LOCATION"] == "Harbour Hall, 1 Pier, Manila"
    assert "https://meet.example/room" in entry["DESCRIPTION"]
    assert "You are going" in browser.get(f"/events/{event.id}")
    assert "You are going" in browser.get("/events/")


def test_the_calendar_file_keeps_its_name_and_counts_the_moves(browser, sent, at):
    event = make_event(**FREE, zone="America/New_York")
    order = registered(event, "ann@firm.example")
    sent()
    browser.sign_in(make_person("events"))
    later = (
        event.starts_local.replace("15:00", "16:00"),
        event.ends_local.replace("17:00", "18:00"),
    )
    browser.post(
        f"/staff/events/{event.id}/edit", **form_of(event, starts=later[0], ends=later[1])
    )
    moved = calendar_in(sent()[-1])[1]
    browser.post(f"/events/orders/{order.token}/cancel")
    file, gone = calendar_in(sent()[-1])
    assert [one["UID"] for one in (moved, gone)] == [f"event-{event.id}@portal.test"] * 2
    assert [one["SEQUENCE"] for one in (moved, gone)] == [1, 2]
    assert (file["METHOD"], gone["STATUS"]) == ("CANCEL", "CANCELLED")
    assert moved["DTSTART"].dt.strftime("%H:%M") == "16:00"


def test_an_event_that_is_called_off_is_taken_out_of_calendars(browser, sent):
    event = make_event(**FREE)
    registered(event, "ann@firm.example")
    sent()
    actions.cancel_event(db.session.get(Event, event.id), "No hall")
    db.session.commit()
    file, entry = calendar_in(sent()[-1])
    assert (file["METHOD"], entry["STATUS"], entry["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    kept = Calendar.from_ical(browser.get(f"/events/{event.id}.ics")).walk("VEVENT")[0]
    assert (kept["STATUS"], kept["SEQUENCE"]) == ("CANCELLED", 1)


HOSTILE = [
    "=1+1", "Zoë \N{RIGHT-TO-LEFT MARK}😀", "<script>alert(1)</script>", "名前",
    "A\r\nBcc: x@y.example",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_names(browser, sent, name):
    event = make_event(**FREE, title="Talk; with, commas\\ and\nlines")
    form = people("ann@firm.example") | {"people-0-name": name}
    page = browser.get(browser.post(f"/events/{event.id}/register", **STRANGER, **form).location)
    assert "<script>alert" not in page
    (mail,) = sent()
    assert mail["Bcc"] is None
    assert len(message_from_bytes(mail.as_bytes()).keys()) == len(set(mail.keys()))
    assert calendar_in(mail)[1]["SUMMARY"] == "Talk; with, commas\\ and\nlines"
