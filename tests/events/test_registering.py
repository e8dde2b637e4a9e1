from datetime import date, timedelta

import pytest

from portal.core.db import db
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import Invoice
from portal.events.models import Audience, Registration
from tests.events.making import (
    FREE,
    STRANGER,
    event_of,
    make_event,
    people,
    registered,
    states,
    the_order,
)
from tests.make import (
    business_day,
    make_contact,
    make_firm,
    make_member,
    make_membership,
    make_person,
)

BILLED = STRANGER | {"firm_name": "Visitor Ltd", "billing_address": "9 Quay\nKingston, Jamaica",
                      "country": "JM"}  # fmt: skip


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
    dues.record_transfer(invoice, invoice.total, business_day())
    db.session.commit()
    assert {state for _, state in states(event)} == {"confirmed"}
    tickets = [one["To"] for one in sent() if one["Subject"].startswith("Your seat")]
    assert tickets == ["ann@firm.example", "ben@firm.example", "cy@firm.example"]
    assert "To pay" not in browser.get(answer.location)


def test_half_of_the_money_confirms_nobody():
    event = make_event()
    invoice = registered(event, "ann@firm.example").registrations[0].invoice
    dues.record_transfer(invoice, invoice.total.share(1, 2), business_day())
    db.session.commit()
    assert states(event) == [("ann", "pending_payment")]
    dues.record_transfer(invoice, dues_queries.balance(invoice), business_day())
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
    assert "Choose the country of the address" in page
    bill = {"billing_address": "1 Lane, Cebu", "country": "PH"}
    browser.post(url, **bill, **people("solo@person.example"))
    told = db.session.query(Invoice).one().bill_to
    assert (told["address"], told["country"]) == ("1 Lane, Cebu", "PH")


@pytest.mark.parametrize(
    ("days", "price"), [((-100, 200), 25000), ((-400, -20), 25000), ((-800, -400), 40000)],
    ids=["in force", "in grace", "lapsed"],
)  # fmt: skip
def test_the_price_follows_the_firm_s_membership_at_the_moment_of_the_order(browser, days, price):
    firm, today = make_firm(), business_day()
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
        buyer_email="other@firm.example", country="PH", seats_used="0", event_id="99",
        **people(me.email), **{"people-0-price_minor": "0", "people-0-status": "confirmed",
                               "people-0-person_id": str(other.id)},
    )  # fmt: skip
    one, order = db.session.query(Registration).one(), the_order()
    assert (one.price_minor, one.status.value, one.person_id) == (40000, "pending_payment", me.id)
    assert (order.buyer_id, order.organization_id, order.is_member_price) == (me.id, None, False)
    assert order.buyer_email == me.email


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
    (people("a@b.example") | {"people-1-needs": "vegan"}, "Enter whose needs these are"),
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
