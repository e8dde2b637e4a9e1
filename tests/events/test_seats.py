from datetime import date, timedelta

import pytest

from portal.association.models import Association
from portal.core.db import db
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import CreditNote
from portal.events import actions, queries
from portal.events.actions import seats
from portal.events.models import Event, Registration
from tests.events.making import (
    FREE,
    STRANGER,
    event_of,
    make_event,
    people,
    registered,
    states,
    subjects,
    the_order,
)
from tests.make import business_day, make_member


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


def test_who_cancelled_may_come_back(browser):
    event = make_event(**FREE)
    actions.cancel_order(registered(event, "ann@firm.example"))
    db.session.commit()
    browser.post(f"/events/{event.id}/register", **STRANGER, **people("ann@firm.example"))
    assert states(event) == [("ann", "cancelled"), ("ann", "confirmed")]


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
    dues.record_transfer(invoice, invoice.total, business_day())
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


def test_a_void_invoice_is_not_credited_when_its_seats_are_given_up():
    order = registered(make_event(), "ann@firm.example")
    db.session.get(Association, 1).may_void = True
    dues.void(order.registrations[0].invoice, "Sent twice")
    seats.credit(order.registrations, "No hall")
    assert db.session.query(CreditNote).count() == 0
