from datetime import date, timedelta

import pytest
from icalendar import Calendar

from portal.core import clock
from portal.core.db import db
from portal.events import queries
from portal.events.models import Audience, Event, EventFormat, EventKind, EventStatus
from tests.events.making import FREE, make_event, registered
from tests.make import make_member, make_person, make_place


@pytest.fixture(autouse=True)
def reference_day(at):
    at(2026, 11, 22, 9)


def test_what_is_coming_stands_by_month_and_what_has_been_in_a_list_of_its_own(browser):
    make_event(title="Soon", starts_in=3)
    make_event(title="Later", starts_in=60)
    make_event(title="Gone by", starts_in=-40)
    page = browser.get("/events/")
    assert page.index("November 2026") < page.index("Soon") < page.index("January 2027")
    assert "2 events, soonest first" in page
    assert "Gone by" not in page
    past = browser.get("/events/?past=1")
    assert "Past events" in past
    assert "Gone by" in past
    assert "Soon" not in past


def test_both_zones_are_on_the_page_the_events_first(browser):
    event = make_event(zone="America/Bogota", starts_in=8)  # 15:00 there
    browser.sign_in(make_person(zone="Asia/Manila"))
    row = browser.get("/events/")
    assert "15:00&nbsp;Bogotá (20:00&nbsp;UTC); yours" in row
    assert "04:00&nbsp;Manila" in row
    page = browser.get(f"/events/{event.id}")
    here = page.index("15:00\N{NO-BREAK SPACE}Bogotá (20:00\N{NO-BREAK SPACE}UTC)")
    assert here < page.index("04:00\N{NO-BREAK SPACE}Manila")


def test_a_stranger_sees_the_association_s_zone_beside_the_event_s(browser):
    event = make_event(starts_in=3)
    page = browser.get("/events/")
    assert "08:00&nbsp;Amsterdam" in page
    assert "yours" not in page  # whose it is nobody knows
    assert "Yours" not in browser.get(f"/events/{event.id}")


def test_filters_narrow_the_list_and_each_can_be_dropped(browser):
    asia = make_place(name="Asia", slug="asia")
    manila = make_place(name="Manila", slug="manila", parent=asia)
    make_event(title="Night work", kind=EventKind.WEBINAR, place=manila)
    make_event(title="Day work", kind=EventKind.FORUM)
    for query in ("q=NIGHT", "kind=webinar", "place=asia", "place=manila", "q=night&kind=webinar"):
        page = browser.get(f"/events/?{query}")
        assert ("Night work" in page, "Day work" in page) == (True, False), query
    page = browser.get("/events/?q=night&kind=webinar&place=asia")
    assert "Clear all" in page
    assert 'href="?q=night&amp;kind=webinar"' in page
    for query in ("q=100%", "q=_", "kind=party&q=zebra"):
        assert "No event matches" in browser.get(f"/events/?{query}")
    for query in ("kind=party", "place=atlantis", "page=-1", "page=x"):
        page = browser.get(f"/events/?{query}")
        assert "Night work" in page
        assert "Day work" in page


def test_a_card_says_price_seats_and_ones_own_state(browser):
    last = make_event(title="One left", seats=1)
    full = make_event(title="All gone", seats=1, **FREE)
    make_event(title="Called off", status=EventStatus.CANCELLED)
    registered(full, "ann@firm.example")
    page = browser.get("/events/")
    assert "1 seat left" in page
    assert "Full: waiting list" in page
    assert "Cancelled" in page
    assert "Free" in page
    assert "Members EUR\N{NO-BREAK SPACE}250.00" in page
    assert "Join the waiting list" in browser.get(f"/events/{full.id}")
    assert "1 of 1 seats left" in browser.get(f"/events/{last.id}")


def test_the_join_address_is_on_no_page_and_in_no_public_file(browser):
    event = make_event(
        format=EventFormat.ONLINE, venue="", address="", join_url="https://meet.example/secret"
    )
    browser.sign_in(make_member())
    for url in ("/events/", f"/events/{event.id}", f"/events/{event.id}.ics",
                "/events/calendar.ics", f"/events/{event.id}/register"):  # fmt: skip
        page = browser.get(url)
        assert "meet.example" not in (page if isinstance(page, str) else page.decode())


def test_the_feed_holds_what_everybody_may_know_and_is_to_come(browser):
    event = make_event(title="Public", zone="America/New_York")
    make_event(title="For members", audience=Audience.MEMBERS)
    make_event(title="Draft", status=EventStatus.DRAFT)
    make_event(title="Gone by", starts_in=-40)
    file = Calendar.from_ical(browser.get("/events/calendar.ics"))
    (entry,) = file.walk("VEVENT")
    assert file["METHOD"] == "PUBLISH"
    assert (entry["UID"], entry["SEQUENCE"]) == (f"event-{event.id}@portal.test", 0)
    assert entry["DTSTART"].params["TZID"] == "America/New_York"
    assert entry["URL"] == f"http://portal.test/events/{event.id}"
    assert "ATTENDEE" not in entry


def test_the_file_of_an_event_is_folded_escaped_and_says_its_zone(browser):
    event = make_event(title="Talk, with ünï" + "é" * 60, venue="Hall; one")
    raw = browser.send("GET", f"/events/{event.id}.ics").data
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert b"Talk\\, with" in raw
    assert b"Hall\\; one" in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert Calendar.from_ical(raw).walk("VEVENT")[0]["SUMMARY"] == event.title


def test_the_programme_of_an_event_is_markdown_without_script(browser):
    event = make_event(body="## Talks\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))")
    page = browser.get(f"/events/{event.id}")
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize(
    "url", ["/events/", "/events/?past=1", "/events/?q=night&kind=roundtable"]
)
def test_the_list_takes_few_statements_at_24_and_at_2400_events(browser, statements, url):
    browser.sign_in(make_member())
    place = make_place()
    counts = []
    for more in (24, 2376):
        first = make_event(place=place)
        facts = {
            column.name: getattr(first, column.name)
            for column in Event.__table__.columns
            if column.name != "id"
        }
        days = [timedelta(days=n % 80 - 40) for n in range(more - 1)]
        rows = [
            facts | {"starts_at": facts["starts_at"] + day, "ends_at": facts["ends_at"] + day}
            for day in days
        ]
        db.session.execute(Event.__table__.insert(), rows)
        db.session.commit()
        browser.get(url)
        statements.clear()
        browser.get(url)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12


def test_the_page_of_an_event_takes_few_statements(browser, statements):
    browser.sign_in(make_member())
    event = make_event(**FREE)
    browser.get(f"/events/{event.id}")
    statements.clear()
    browser.get(f"/events/{event.id}")
    few = len(statements)
    registered(event, *(f"p{n}@firm.example" for n in range(12)))
    statements.clear()
    browser.get(f"/events/{event.id}")
    assert few == len(statements) <= 14


def test_the_search_is_told_of_every_change_and_only_of_what_may_be_found():
    draft = make_event(status=EventStatus.DRAFT)
    open_one = make_event(audience=Audience.MEMBERS, title="For members")
    found = list(queries.documents())
    assert [one.key for one in found] == [f"event:{open_one.id}"]
    assert found[0].audience == frozenset({"members"})
    assert found[0].date == date(2026, 12, 22)
    assert list(queries.documents(draft.id)) == []


def test_the_next_events_are_open_and_have_not_begun():
    soon = make_event(starts_in=1)
    make_event(starts_in=0.1, starts_at=clock.now() - timedelta(hours=1))
    make_event(status=EventStatus.CANCELLED)
    assert [one.id for one in queries.upcoming(None)] == [soon.id]


@pytest.mark.parametrize("path", ["2147483648", "9" * 30, "orders/%00", "orders/a%00b/cancel"])
def test_addresses_that_no_row_can_have_are_not_found(browser, path):
    browser.get(f"/events/{path}", status=404)
