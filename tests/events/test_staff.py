import csv
import io
from datetime import timedelta

import pytest

from portal.core import clock
from portal.core.db import db
from portal.events.models import Event, EventStatus, Registration
from tests.events.making import FREE, form_of, make_event, registered, states
from tests.make import make_member, make_person, make_place

BAD = [
    ({"title": ""}, "Give the event a title"),
    ({"title": "  "}, "Give the event a title"),
    ({"title": "x" * 141}, "Use 140 characters or fewer"),
    ({"body": "x" * 20_001}, "Use 20,000 characters or fewer"),
    ({"kind": "party"}, "Choose one of these"),
    ({"starts": ""}, "Enter day and hour of the beginning"),
    ({"starts": "tomorrow"}, "Enter day and hour of the beginning"),
    ({"starts": "2026-02-30T10:00"}, "Enter day and hour of the beginning"),
    ({"starts": "1999-12-31T00:00"}, "Enter a year from 2000 to 2100"),
    ({"starts": "0001-01-01T00:00"}, "Enter a day from 1900-01-01 to 2199-12-31"),
    ({"ends": "9999-12-31T23:59"}, "Enter a day from 1900-01-01 to 2199-12-31"),
    ({"starts": "2020-01-20T09:30"}, "The beginning lies in the past"),
    ({"ends": "2027-01-20T09:30"}, "The end comes after the beginning"),
    ({"ends": "2027-01-20T08:00"}, "The end comes after the beginning"),
    ({"ends": "2028-02-24T09:30"}, "An event lasts 60 days at most"),
    ({"zone": "EST"}, "Choose one of these"),
    ({"zone": "Asia/Manilla"}, "Choose one of these"),
    ({"zone": "America/New_York", "starts": "2027-03-14T02:30", "ends": "2027-03-14T05:00"},
     "02:30 does not exist on that day in America/New_York: the clocks go forward. Use 03:00."),
    ({"zone": "Europe/Madrid", "starts": "2027-03-28T01:00", "ends": "2027-03-28T02:30"},
     "02:30 does not exist on that day in Europe/Madrid: the clocks go forward. Use 03:00."),
    ({"venue": " "}, "Say where people meet"),
    ({"format": "online"}, "Give the address at which people join"),
    ({"join_url": "javascript:alert(1)"}, "Enter an address that begins with https://"),
    ({"seats": "0"}, "Enter a whole number from 1 to 100,000"),
    ({"seats": "-1"}, "Enter a whole number from 1 to 100,000"),
    ({"seats": "1000000000"}, "Enter a whole number from 1 to 100,000"),
    ({"seats": "many"}, "Enter the number of seats"),
    ({"member_price": "-1", "other_price": "5"}, "A price cannot be below zero"),
    ({"member_price": "1.005"}, "Enter an amount that EUR can be paid in"),
    ({"member_price": "a lot"}, "Enter an amount in figures"),
    ({"other_price": "100"}, "Others cannot pay less than members"),
    ({"cancel_days": "400"}, "Enter 0 to 365 days"),
    ({"place": "999999"}, "Choose one of these"),
]  # fmt: skip


@pytest.fixture
def organiser(browser, at):
    at(2026, 11, 22, 9)
    return browser.sign_in(make_person("events"))


def only_event():
    return db.session.query(Event).one()


def test_an_organiser_makes_an_event_that_nobody_sees_until_it_is_opened(
    browser, another_browser, organiser
):
    manila = make_place(name="Manila", timezone="Asia/Manila")
    browser.post("/staff/events/new", **form_of(place=str(manila.id), body="## Talks\n\n- One"))
    event = only_event()
    assert event.starts_at.isoformat() == "2027-01-20T01:30:00+00:00"
    assert (event.seats, event.member_minor, event.other_minor) == (10, 25000, 40000)
    another_browser.get(f"/events/{event.id}", status=404)
    another_browser.get(f"/events/{event.id}.ics", status=404)
    another_browser.get(f"/events/{event.id}/register", status=404)
    assert event.title not in another_browser.get("/events/")
    browser.post(f"/staff/events/{event.id}/open", page=f"/staff/events/{event.id}")
    page = another_browser.get(f"/events/{event.id}")
    assert (
        "20\N{NO-BREAK SPACE}Jan\N{NO-BREAK SPACE}2027, 09:30\N{NO-BREAK SPACE}Manila (01:30"
        in page
    )
    assert "Members EUR\N{NO-BREAK SPACE}250.00, others EUR\N{NO-BREAK SPACE}400.00" in page
    assert ">Talks</h2>" in page


@pytest.mark.parametrize(("fields", "words"), BAD)
def test_bad_facts_are_answered_at_their_field_and_nothing_typed_is_lost(
    browser, organiser, fields, words
):
    page = browser.post("/staff/events/new", status=200, **form_of(summary="Kept words") | fields)
    assert words in page.text
    assert "Kept words" in page.text
    assert not db.session.query(Event).count()


def test_a_form_with_nothing_in_it_is_answered(browser, organiser):
    page = browser.post("/staff/events/new", status=200).text
    assert "Give the event a title" in page
    assert "There is a problem" in page


def test_the_second_of_two_equal_hours_is_kept_when_the_event_is_changed(browser, organiser):
    new_york = {
        "zone": "America/New_York",
        "starts": "2027-11-07T01:30",
        "ends": "2027-11-07T04:00",
    }
    browser.post("/staff/events/new", **form_of(**new_york, second="y"))
    event = only_event()
    assert event.starts_at.isoformat() == "2027-11-07T06:30:00+00:00"
    page = browser.get(f"/staff/events/{event.id}/edit")
    assert 'value="2027-11-07T01:30"' in page
    browser.post(f"/staff/events/{event.id}/edit", **form_of(event, second="y", seats="11"))
    event = only_event()
    assert (event.starts_at.isoformat(), event.seats) == ("2027-11-07T06:30:00+00:00", 11)
    assert event.sequence == 0
    browser.post(f"/staff/events/{event.id}/edit", **form_of(event))
    assert only_event().starts_at.isoformat() == "2027-11-07T05:30:00+00:00"


def test_moving_an_event_raises_the_sequence_and_tells_who_has_a_seat(browser, organiser, sent):
    event = make_event(**FREE, seats=1)
    registered(event, "ann@firm.example", "ben@firm.example")
    sent()
    browser.post(f"/staff/events/{event.id}/edit", **form_of(event, title="Renamed"))
    assert (only_event().title, only_event().sequence) == ("Renamed", 0)
    moved = form_of(only_event(), venue="Upper Hall")
    browser.post(f"/staff/events/{event.id}/edit", **moved)
    assert only_event().sequence == 1
    (mail,) = [one for one in sent() if one["Subject"] == "Changed: Renamed"]
    assert mail["To"] == "ann@firm.example"
    assert "Upper Hall" in mail.get_body(("plain",)).get_content()


def test_an_event_that_has_begun_can_still_be_corrected_but_not_moved_into_the_past(
    browser, organiser, at
):
    event = make_event(starts_in=2)
    at(2026, 12, 1)
    browser.sign_in(organiser)
    browser.post(f"/staff/events/{event.id}/edit", **form_of(event, title="Corrected"))
    assert only_event().title == "Corrected"
    earlier = form_of(event, starts="2026-11-20T10:00")
    page = browser.post(f"/staff/events/{event.id}/edit", status=200, **earlier).text
    assert "The beginning lies in the past" in page


def test_more_seats_go_to_those_who_wait_and_fewer_than_are_taken_are_refused(browser, organiser):
    event = make_event(**FREE, seats=2)
    registered(event, "ann@firm.example", "ben@firm.example")
    registered(event, "cy@firm.example")
    page = browser.post(
        f"/staff/events/{event.id}/edit", status=200, **form_of(event, seats="1")
    ).text
    assert "2 seats are taken: there cannot be fewer." in page
    browser.post(f"/staff/events/{event.id}/edit", **form_of(only_event(), seats="3"))
    assert states(event)[-1] == ("cy", "confirmed")
    assert only_event().seats_used == 3


def test_registration_is_not_opened_for_what_has_begun(browser, organiser, at):
    event = make_event(starts_in=2, status=EventStatus.DRAFT)
    at(2026, 12, 1)
    browser.sign_in(organiser)
    page = f"/staff/events/{event.id}"
    refusal = browser.post(f"{page}/open", page=page, status=409).text
    assert "The beginning lies in the past" in refusal
    assert only_event().status is EventStatus.DRAFT


def test_cancelling_tells_everybody_why_and_takes_the_invoice_back(browser, organiser, sent):
    event = make_event(seats=1)
    registered(event, "ann@firm.example", "ben@firm.example")
    sent()
    assert "Say why" in browser.post(f"/staff/events/{event.id}/cancel", status=200).text
    browser.post(f"/staff/events/{event.id}/cancel", reason="The hall burnt down.")
    assert states(event) == [("ann", "cancelled"), ("ben", "cancelled")]
    assert (only_event().sequence, only_event().seats_used) == (1, 0)
    mails = sent()
    off = [one for one in mails if one["Subject"].startswith("Called off")]
    assert {one["To"] for one in off} == {"ann@firm.example", "ben@firm.example"}
    assert "The hall burnt down." in off[0].get_body(("plain",)).get_content()
    assert [one["To"] for one in mails if "TC-" in one["Subject"]] == ["ann@firm.example"]
    refusal = browser.post(f"/staff/events/{event.id}/cancel", status=409, reason="Again").text
    assert "This is cancelled and cannot become cancelled." in refusal
    assert "Cancelled" in browser.get(f"/events/{event.id}")


def test_a_cancelled_event_is_not_changed_any_more(browser, organiser):
    event = make_event(status=EventStatus.CANCELLED)
    page = browser.post(f"/staff/events/{event.id}/edit", status=200, **form_of(event)).text
    assert "A cancelled event is not changed any more." in page


def test_the_list_of_who_comes_has_no_cell_that_a_spreadsheet_believes(browser, organiser):
    event = make_event(**FREE)
    registered(event, "ann@firm.example", firm_name="@firm")
    one = db.session.query(Registration).one()
    one.name, one.needs = '=HYPERLINK("http://x")', "\t+1"
    db.session.commit()
    rows = list(csv.reader(io.StringIO(browser.get(f"/staff/events/{event.id}/attendees.csv"))))
    assert rows[0] == ["name", "email", "firm", "state", "needs"]
    assert rows[1] == [
        "'=HYPERLINK(\"http://x\")", "ann@firm.example", "'@firm", "confirmed", "'\t+1"
    ]  # fmt: skip


def test_who_has_a_seat_stands_first_in_the_list(browser, organiser):
    event = make_event(**FREE, seats=2)
    registered(event, "ann@firm.example", "ben@firm.example")
    registered(event, "cy@firm.example")
    browser.post(f"/staff/events/{event.id}/edit", **form_of(event, seats="3"))
    registered(event, "dee@firm.example")
    page = browser.get(f"/staff/events/{event.id}")
    order = [page.index(f"{name}@firm.example") for name in ("ann", "ben", "cy", "dee")]
    assert order == sorted(order)


def test_staff_find_events_by_title_and_state(browser, organiser):
    make_event(title="Winter school", status=EventStatus.DRAFT)
    make_event(title="Summer school")
    page = browser.get("/staff/events/?q=summer")
    assert "Summer school" in page
    assert "Winter school" not in page
    page = browser.get("/staff/events/?state=draft")
    assert "Winter school" in page
    assert "Summer school" not in page
    assert "No event matches" in browser.get("/staff/events/?q=autumn&state=nonsense&page=-3")


@pytest.mark.parametrize(
    "path", ["", "new", "{id}", "{id}/edit", "{id}/cancel", "{id}/attendees.csv"]
)
def test_only_organisers_have_the_desk(browser, another_browser, at, path):
    at(2026, 11, 22, 9)
    url = "/staff/events/" + path.format(id=make_event().id)
    browser.get(url, status=302)
    browser.sign_in(make_member())
    browser.get(url, status=403)
    another_browser.sign_in(make_person("finance"))
    another_browser.get(url, status=403)


@pytest.mark.parametrize("path", ["999", "999/edit", "999/cancel", "999/attendees.csv"])
def test_an_event_that_is_not_there_is_not_found(browser, organiser, path):
    browser.get(f"/staff/events/{path}", status=404)


def test_the_desk_takes_few_statements_whatever_the_size(browser, organiser, statements):
    counts = []
    for more in (3, 60):
        for number in range(more):
            make_event(title=f"Event {number}", starts_in=5 + number)
        browser.get("/staff/events/")
        statements.clear()
        browser.get("/staff/events/")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12


def test_nobody_changes_what_the_form_does_not_ask(browser, organiser):
    browser.post(
        "/staff/events/new",
        **form_of(event_status="open", seats_used="10", currency="USD", sequence="7", is_demo="1"),
    )
    event = only_event()
    assert (event.status, event.seats_used, event.sequence) == (EventStatus.DRAFT, 0, 0)
    assert (event.currency, event.is_demo) == ("EUR", False)
    assert event.starts_at > clock.now() + timedelta(days=1)
