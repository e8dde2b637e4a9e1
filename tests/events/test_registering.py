from datetime import date, timedelta
from email import message_from_bytes

import pytest
from icalendar import Calendar

from portal.core import clock
from portal.core.db import db
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import CreditNote, Invoice
from portal.events import actions, queries
from portal.events.models import Audience, Event, Order, Registration
from tests.events.making import FREE, form_of, make_event, people, registered, states
from tests.make import make_contact, make_firm, make_member, make_membership, make_person

STRANGER = {"buyer_name": "Vi Visitor", "buyer_email": "Vi@Visitor.example"}
BILLED = STRANGER | {"firm_name": "Visitor Ltd", "billing_address": "9 Quay\nKingston, Jamaica"}


def the_order():
    return db.session.query(Order).order_by(Order.id.desc()).first()


def subjects(mails):
    return [(one["To"], one["Subject"]) for one in mails]


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


def test_several_colleagues_get_one_invoice_and_are_confirmed_when_it_is_paid(browser, sent):
    event = make_event()
    buyer = browser.sign_in(make_member(email="bea@firm.example"))
    form = people("ann@firm.example", "ben@firm.example", "cy@firm.example")
    answer = browser.post(f"/events/{event.id}/register", **form)
    page = browser.get(answer.location)
    assert "To pay: EUR\N{NO-BREAK SPACE}750.00" in page
    assert "The seats are held until then" in page
    invoice = db.session.query(Invoice).one()
    assert [line.net_minor for line in invoice.lines] == [25000] * 3
    assert invoice.organization_id is not None
    assert invoice.lines[0].text == "Queues at night: Guest 0"
    mails = sent()
    assert [one["To"] for one in mails] == [buyer.email] * 2
    assert mails[1]["Subject"] == "Seats held: Queues at night"
    held = mails[1].get_body(("plain",)).get_content()
    assert "Guest 2, cy@firm.example" in held
    assert f"http://portal.test{answer.location}" in held
    assert any(part.get_content_type() == "application/pdf" for part in mails[0].walk())
    assert event_of(event).seats_used == 3
    assert {state for _, state in states(event)} == {"pending_payment"}
    assert "/pay/" in page
    dues.record_transfer(invoice, invoice.total, clock.today())
    db.session.commit()
    assert {state for _, state in states(event)} == {"confirmed"}
    tickets = [one["To"] for one in sent() if one["Subject"].startswith("Your seat")]
    assert tickets == ["ann@firm.example", "ben@firm.example", "cy@firm.example"]
    assert "To pay" not in browser.get(answer.location)


def event_of(event):
    db.session.expire_all()
    return db.session.get(Event, event.id)


def test_half_of_the_money_confirms_nobody():
    event = make_event()
    invoice = registered(event, "ann@firm.example").registrations[0].invoice
    dues.record_transfer(invoice, invoice.total.share(1, 2), clock.today())
    db.session.commit()
    assert states(event) == [("ann", "pending_payment")]
    dues.record_transfer(invoice, dues_queries.balance(invoice), clock.today())
    db.session.commit()
    assert states(event) == [("ann", "confirmed")]


def test_a_visitor_without_an_account_registers_and_pays_by_the_secret_link(browser, sent):
    event = make_event()
    answer = browser.post(f"/events/{event.id}/register", **BILLED, **people("vi@visitor.example"))
    order = the_order()
    assert answer.location.endswith(f"/events/orders/{order.token}")
    invoice = db.session.query(Invoice).one()
    assert (invoice.organization_id, invoice.total_minor) == (None, 40000)
    assert invoice.bill_to["name"] == "Visitor Ltd"
    assert invoice.bill_to["address"].splitlines() == ["9 Quay", "Kingston, Jamaica"]
    page = browser.get(answer.location)
    link = page.split('href="/pay/')[1].split('"')[0]
    assert "400.00" in browser.get(f"/pay/{link}")
    assert [one["To"] for one in sent()] == ["vi@visitor.example"] * 2


def test_a_visitor_says_who_they_are_and_where_the_bill_goes(browser):
    event = make_event()
    page = browser.post(f"/events/{event.id}/register", status=200, **people("a@b.example")).text
    for words in (
        "Enter your name",
        "Enter your e-mail address",
        "Enter the address for the invoice",
    ):
        assert words in page
    free = make_event(**FREE)
    page = browser.post(f"/events/{free.id}/register", status=200, **people("a@b.example")).text
    assert "Enter your name" in page
    assert "invoice" not in page


def test_a_person_without_a_firm_is_asked_for_the_address_of_the_bill(browser):
    event = make_event()
    browser.sign_in(make_person(email="solo@person.example"))
    url = f"/events/{event.id}/register"
    page = browser.post(url, status=200, **people("solo@person.example")).text
    assert "Enter the address for the invoice" in page
    browser.post(url, billing_address="1 Lane, Cebu", **people("solo@person.example"))
    assert db.session.query(Invoice).one().bill_to["address"] == "1 Lane, Cebu"


@pytest.mark.parametrize(
    ("days", "price"), [((-100, 200), 25000), ((-400, -20), 25000), ((-800, -400), 40000)],
    ids=["in force", "in grace", "lapsed"],
)  # fmt: skip
def test_the_price_follows_the_firm_s_membership_at_the_moment_of_the_order(browser, days, price):
    firm, today = make_firm(), clock.today()
    make_membership(firm, start=today + timedelta(days[0]), end=today + timedelta(days[1]))
    person = browser.sign_in(make_contact(firm))
    event = make_event()
    words = "because your firm is a member" if price == 25000 else "is not a member today"
    assert words in browser.get(f"/events/{event.id}")
    browser.post(f"/events/{event.id}/register", **people(person.email))
    assert db.session.query(Registration).one().price_minor == price


def test_no_hidden_field_changes_price_state_or_payer(browser):
    event, other = make_event(), make_member()
    me = browser.sign_in(make_person())
    browser.post(
        f"/events/{event.id}/register", billing_address="1 Lane", price_minor="1", price="0",
        is_member="1", is_member_price="1", organization_id="1", buyer_id=str(other.id),
        buyer_email="other@firm.example", country="XX", seats_used="0", event_id="99",
        **people(me.email), **{"people-0-price_minor": "0", "people-0-status": "confirmed",
                               "people-0-person_id": str(other.id)},
    )  # fmt: skip
    one, order = db.session.query(Registration).one(), the_order()
    assert (one.price_minor, one.status.value, one.person_id) == (40000, "pending_payment", me.id)
    assert (order.buyer_id, order.organization_id, order.is_member_price) == (me.id, None, False)
    assert order.buyer_email == me.email


def test_who_waits_waits_in_order_and_is_told_the_number(browser, another_browser, sent, at):
    at(2026, 11, 22, 6, 3)
    event = make_event(**FREE, seats=1)
    registered(event, "ann@firm.example")
    sent()
    at(2026, 11, 22, 7)
    url = f"/events/{event.id}/register"
    assert "All 1 seats are taken" not in browser.get(url)
    assert "The only seat is taken" in browser.get(url)
    pages = [
        one.get(one.post(url, **STRANGER, **people(email)).location)
        for one, email in ((browser, "ben@firm.example"), (another_browser, "cy@firm.example"))
    ]
    first_went = "The last seat went on 22\N{NO-BREAK SPACE}Nov\N{NO-BREAK SPACE}2026, 07:03"
    for number, page in enumerate(pages, start=1):
        assert first_went in page
        assert f"you are number {number} on the waiting list" in page
        assert f"Waiting, number {number}" in page
    assert subjects(sent())[-2:] == [
        ("ben@firm.example", "You are number 1 on the waiting list: Queues at night"),
        ("cy@firm.example", "You are number 2 on the waiting list: Queues at night"),
    ]
    assert "2 on the waiting list" in browser.get(f"/events/{event.id}")


def test_who_asks_for_more_seats_than_there_are_gets_what_is_left(browser):
    event = make_event(**FREE, seats=2)
    form = people("ann@firm.example", "ben@firm.example", "cy@firm.example")
    page = browser.get(browser.post(f"/events/{event.id}/register", **STRANGER, **form).location)
    assert "There were not seats for everybody" in page
    assert [state for _, state in states(event)] == ["confirmed", "confirmed", "waiting"]


def test_a_seat_given_back_goes_to_the_first_who_waits(browser, sent):
    event = make_event(**FREE, seats=1)
    order = registered(event, "ann@firm.example")
    registered(event, "ben@firm.example")
    registered(event, "cy@firm.example")
    sent()
    page = f"/events/orders/{order.token}"
    assert f"{page}/cancel" in browser.get(page)
    browser.post(f"{page}/cancel")
    assert states(event) == [("ann", "cancelled"), ("ben", "confirmed"), ("cy", "waiting")]
    assert event_of(event).seats_used == 1
    assert ("ben@firm.example", "Your seat: Queues at night") in subjects(sent())
    browser.post(f"{page}/cancel")  # the button pressed twice
    assert [state for _, state in states(event)] == ["cancelled", "confirmed", "waiting"]
    assert f"{page}/cancel" not in browser.get(page)


def test_a_paid_seat_given_back_is_invoiced_to_the_next(sent):
    event = make_event(seats=1)
    order = registered(event, "ann@firm.example")
    registered(event, "ben@firm.example", is_member=True)
    sent()
    actions.cancel_order(order)
    db.session.commit()
    assert states(event) == [("ann", "cancelled"), ("ben", "pending_payment")]
    ben = db.session.query(Registration).filter_by(email="ben@firm.example").one()
    assert ben.invoice.total_minor == 25000
    assert db.session.query(CreditNote).one().invoice == order.registrations[0].invoice
    told = subjects(sent())
    assert ("ben@firm.example", "A seat came free: Queues at night") in told
    assert ("ann@firm.example", "Cancelled: your seat at Queues at night") in told


@pytest.mark.parametrize(("days", "notes"), [(15, 1), (13, 0)])
def test_paid_money_comes_back_only_until_the_day_that_was_said(browser, at, days, notes):
    event = make_event(cancel_days=14)
    order = registered(event, "ann@firm.example")
    invoice = order.registrations[0].invoice
    dues.record_transfer(invoice, invoice.total, date(2026, 11, 1))
    db.session.commit()
    at(*(event.starts_at - timedelta(days=days)).timetuple()[:6])
    page = browser.get(f"/events/orders/{order.token}/cancel")
    assert ("what was paid is kept" in page) is not bool(notes)
    assert ("becomes credit" in page) is bool(notes)
    browser.post(f"/events/orders/{order.token}/cancel")
    assert states(event) == [("ann", "cancelled")]
    assert db.session.query(CreditNote).count() == notes


def test_the_very_instant_of_the_deadline_is_in_time(at):
    event = make_event(cancel_days=14)
    deadline = event.starts_at - timedelta(days=14)
    at(*deadline.timetuple()[:6])
    assert actions.may_cancel_free(event)
    at(*(deadline + timedelta(seconds=1)).timetuple()[:6])
    assert not actions.may_cancel_free(event)


def test_too_late_for_money_still_takes_back_what_was_never_paid(at):
    event = make_event(starts_in=5)
    order = registered(event, "ann@firm.example")
    actions.cancel_order(order)
    db.session.commit()
    assert db.session.query(CreditNote).one().reason == "Never paid"


def test_nothing_is_cancelled_or_booked_after_the_beginning(browser, at):
    event = make_event(**FREE, starts_in=2)
    order = registered(event, "ann@firm.example")
    at(*(event.starts_at + timedelta(minutes=1)).timetuple()[:6])
    page = browser.post(f"/events/orders/{order.token}/cancel", status=409).text
    assert "The event has begun" in page
    url = f"/events/{event.id}/register"
    assert "Registration is closed" in browser.get(url)
    browser.get("/sign-in")  # a page with a token, for the form that was left open
    late = browser.send("POST", url, data={"csrf_token": browser.token, **STRANGER,
                                           **people("ben@firm.example")})  # fmt: skip
    assert (late.status_code, "Registration is closed" in late.text) == (200, True)
    assert states(event) == [("ann", "confirmed")]


def test_an_address_that_is_registered_is_refused_at_its_field(browser):
    event = make_event(**FREE)
    registered(event, "ann@firm.example")
    form = STRANGER | people("ben@firm.example", "ANN@firm.example")
    page = browser.post(f"/events/{event.id}/register", status=200, **form).text
    assert '<a href="#people-1-email">This address is registered already' in page
    assert page.count("This address is registered already: leave it out") == 2
    assert 'value="ben@firm.example"' in page
    assert states(event) == [("ann", "confirmed")]
    twice = people("cy@firm.example", "Cy@firm.example")
    page = browser.post(f"/events/{event.id}/register", status=200, **STRANGER, **twice).text
    assert "Each person needs an address of their own" in page


def test_who_cancelled_may_come_back(browser):
    event = make_event(**FREE)
    actions.cancel_order(registered(event, "ann@firm.example"))
    db.session.commit()
    browser.post(f"/events/{event.id}/register", **STRANGER, **people("ann@firm.example"))
    assert states(event) == [("ann", "cancelled"), ("ann", "confirmed")]


BAD_ROWS = [
    ({}, "Enter at least one person"),
    ({"people-0-name": "Ann"}, "Enter the e-mail address as well"),
    ({"people-0-email": "a@b.example"}, "Enter the name as well"),
    ({"people-0-name": "Ann", "people-0-email": "nobody"}, "Enter an e-mail address, like"),
    (
        {"people-0-name": "Ann", "people-0-email": "a@b.example\nBcc: x@y.example"},
        "like name@firm",
    ),
    (people("a@b.example") | {"people-0-name": "x" * 121}, "Use 120 characters or fewer"),
    (people("a@b.example") | {"people-0-needs": "x" * 201}, "Use 200 characters or fewer"),
    (people(f"{'x' * 250}@b.example"), "Use 254 characters or fewer"),
]


@pytest.mark.parametrize(("rows", "words"), BAD_ROWS)
def test_bad_rows_are_answered_at_their_field(browser, rows, words):
    event = make_event(**FREE)
    page = browser.post(f"/events/{event.id}/register", status=200, **STRANGER, **rows).text
    assert words in page
    assert 'value="Vi Visitor"' in page
    assert not db.session.query(Registration).count()


def test_a_sixth_person_is_not_read_and_nothing_breaks(browser):
    event = make_event(**FREE)
    form = people(*(f"p{n}@firm.example" for n in range(9)))
    browser.post(f"/events/{event.id}/register", **STRANGER, **form)
    assert len(states(event)) == 5


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


def test_a_lost_seat_is_credited_and_goes_to_the_next(sent, at):
    event = make_event(seats=1)
    invoice = registered(event, "ann@firm.example").registrations[0].invoice
    registered(event, "ben@firm.example")
    sent()
    due = invoice.due_on
    at(due.year, due.month, due.day, 12)
    sent()
    assert states(event)[0] == ("ann", "pending_payment")
    at(*(due + timedelta(days=1)).timetuple()[:3], 12)
    told = subjects(sent())
    assert states(event) == [("ann", "expired"), ("ben", "pending_payment")]
    assert ("ann@firm.example", "The seat went to the next: Queues at night") in told
    assert ("ben@firm.example", "A seat came free: Queues at night") in told
    assert dues_queries.balance(invoice).minor == 0
    assert event_of(event).seats_used == 1
    sent()
    assert db.session.query(CreditNote).count() == 1


def test_a_claim_that_finance_takes_back_frees_the_held_seat(sent):
    event = make_event(seats=1)
    order = registered(event, "ann@firm.example")
    registered(event, "ben@firm.example")
    dues.credit(order.registrations[0].invoice, "Wrong price")
    db.session.commit()
    assert states(event) == [("ann", "cancelled"), ("ben", "pending_payment")]
    actions.cancel_event(db.session.get(Event, event.id), "No hall")
    db.session.commit()
    assert db.session.query(CreditNote).count() == 2
    assert event_of(event).seats_used == 0


def test_a_paid_seat_stays_when_finance_gives_the_money_back():
    event = make_event()
    invoice = registered(event, "ann@firm.example").registrations[0].invoice
    dues.record_transfer(invoice, invoice.total, clock.today())
    dues.credit(invoice, "A favour")
    db.session.commit()
    assert states(event) == [("ann", "confirmed")]
    actions.cancel_event(db.session.get(Event, event.id), "No hall")
    db.session.commit()
    assert db.session.query(CreditNote).count() == 1


def test_an_order_is_seen_by_whoever_has_its_link_and_by_nobody_else(browser):
    order = registered(make_event(**FREE), "ann@firm.example")
    assert "ann@firm.example" in browser.get(f"/events/orders/{order.token}")
    browser.get(f"/events/orders/{order.token[:-1]}", status=404)
    browser.get("/events/orders/x/cancel", status=404)
    shown = browser.send("GET", f"/events/orders/{order.token}")
    assert shown.headers["Referrer-Policy"] == "no-referrer"


def test_members_events_are_not_there_for_others(browser, another_browser):
    event = make_event(audience=Audience.MEMBERS)
    lapsed = make_firm()
    make_membership(lapsed, start=date(2020, 1, 1), end=date(2020, 12, 31))
    for sign_in in (False, True):
        if sign_in:
            browser.sign_in(make_contact(lapsed))
        for path in ("", ".ics", "/register"):
            browser.get(f"/events/{event.id}{path}", status=404)
        assert event.title not in browser.get("/events/")
    assert event.title not in browser.get("/events/calendar.ics")
    another_browser.sign_in(make_member())
    assert event.title in another_browser.get("/events/")
    another_browser.get(f"/events/{event.id}/register")


def test_where_a_person_goes_next(browser):
    ann = make_member(email="ann@firm.example")
    event, past = make_event(**FREE), make_event(**FREE, starts_in=1)
    for one in (event, past):
        actions.register(one, actions.Buyer("Ann", ann.email, ann), [
            actions.Attendee("Ann", ann.email, "", ann)], is_member=True)  # fmt: skip
    actions.cancel_order(the_order())
    db.session.commit()
    assert [one.event_id for one in queries.of_person(ann.id)] == [event.id]
    assert queries.states_of(ann.id, [event.id, past.id]).keys() == {event.id}
