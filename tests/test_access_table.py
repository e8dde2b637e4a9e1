"""The access table of the domain (4), row by row, as a firm's own people meet it on the pages."""

from datetime import timedelta
from html import unescape

import pytest

from portal.committees.models import CommitteeSeat
from portal.core.db import db
from portal.events.models import Audience, Order
from portal.members.policy import FEATURE_WORDS, Feature
from tests.events.making import make_event
from tests.make import business_day, make_contact, make_membership, save
from tests.people import make_committee, make_measure, make_practice
from tests.renewals.making import person_of
from tests.standings import ROWS, stand

F = Feature


def main_of(page):
    return unescape(page.partition("<main")[2])


def status(browser, url):
    return browser.send("GET", url).status_code


def post(browser, url, **data):
    """Sent with the token of the page that was read last."""
    return browser.send("POST", url, data=data | {"csrf_token": browser.token})


def reads(browser):
    """What only members read, know of, and may add to: all of it or nothing."""
    make_practice("what-members-read")
    inside = make_event(audience=Audience.MEMBERS)
    answers = {
        "read": status(browser, "/library/what-members-read") == 200,
        "say": post(browser, "/library/what-members-read/vote", useful="yes").status_code == 303,
        "write": status(browser, "/library/ask") == 200,
        "meet": status(browser, f"/events/{inside.id}") == 200,
    }
    assert len(set(answers.values())) == 1, answers
    return answers["read"]


def orders_as_member(browser):
    """Registers for an event with two prices: what is said is what is charged."""
    event = make_event()
    url = f"/events/{event.id}/register"
    said = "the member price" in browser.get(url)
    form = {"people-0-name": "Bea", "people-0-email": "bea@test.example"}
    assert post(browser, url, **form).status_code == 303
    order = db.session.query(Order).filter_by(event_id=event.id).one()
    assert order.is_member_price is said
    return said


def reads_and_pays(browser, invoice):
    page = browser.get(f"/invoices/{invoice.id}")
    owes = "is owed" not in page
    assert (f'action="/invoices/{invoice.id}/pay"' in page) is owes
    return "Download as PDF" in page


def takes_data(browser):
    shown = status(browser, "/firm/export") == 200
    answer = post(browser, "/firm/export")
    assert (answer.mimetype == "application/zip") is shown
    return shown


def found_open(browser, held, membership):
    """What the firm's dues contact finds open, each feature by the pages that give it."""
    return {
        one for one, is_open in {
            F.FULL: reads(browser),
            F.LISTED: held.firm.name in main_of(browser.get("/directory/")),
            F.MEMBER_PRICE: orders_as_member(browser),
            F.VOTE: FEATURE_WORDS[F.VOTE] in membership,
            F.INVOICES: reads_and_pays(browser, held.invoice),
            F.OWN_DATA: takes_data(browser),
            F.REJOIN: "Come back</button>" in membership or ">Join anew<" in membership,
        }.items() if is_open
    }  # fmt: skip


def sit(firm):
    """A person of the firm on a committee of ours."""
    person, committee = make_contact(firm), make_committee("wages")
    seat = {"committee": committee, "person": person, "organization": firm}
    save(CommitteeSeat(**seat, from_on=business_day() - timedelta(50)))
    return person, committee


def works(browser, held):
    """Does the firm's person on a committee note and read there? The money stays shut."""
    (person, committee), measure = sit(held.firm), make_measure()
    browser.sign_in(person)
    url = f"/legislation/{measure.id}"
    answers = {
        "sees": "Keep the note" in browser.get(url),
        "notes": post(browser, f"{url}/notes/{committee.id}", text="x").status_code == 303,
        "reads": status(browser, "/library/what-members-read") == 200,
    }
    assert len(set(answers.values())) == 1, answers
    for closed in (f"/invoices/{held.invoice.id}", "/firm/membership", "/firm/export"):
        assert status(browser, closed) in {403, 404}, closed
    return answers["reads"]


@pytest.mark.parametrize("name", ROWS)
def test_a_firm_and_its_committee_member_find_open_what_their_row_says(browser, name):
    held = stand(name)
    browser.sign_in(person_of(held.term))
    membership = main_of(browser.get("/firm/membership"))
    assert {one for one in F if FEATURE_WORDS[one] in membership} == ROWS[name].gives
    assert found_open(browser, held, membership) == ROWS[name].gives
    assert works(browser, held) is (F.FULL in ROWS[name].gives)


def test_a_firm_in_two_classes_is_told_of_what_the_other_one_gives(browser):
    held = stand("in force, suspended")
    make_membership(held.firm, "technology")
    browser.sign_in(person_of(held.term))
    membership = main_of(browser.get("/firm/membership"))
    assert FEATURE_WORDS[F.FULL] in membership
    assert reads(browser)


@pytest.mark.parametrize(
    ("name", "is_there"),
    [("grace, renewal open", True), ("in force, suspended", False),
     ("in force, the benefits suspended", True), ("in force, overdue 90 days", False)],
)  # fmt: skip
def test_a_certificate_is_there_while_the_directory_shows_the_firm(browser, name, is_there):
    held = stand(name)
    browser.sign_in(person_of(held.term))
    assert (status(browser, "/firm/certificate.pdf") == 200) is is_there
    assert ("Certificate of membership" in browser.get("/firm/")) is is_there


@pytest.mark.parametrize(
    ("name", "to_payer", "to_others"),
    [("scheduled", "", ""),
     ("in force, not due", "", ""),
     ("in force, suspended", "See how it stands", "See who they are"),
     ("in force, overdue 90 days", "See how it stands", "See who they are"),
     ("lapsed", "See the way back", "See the price"),
     ("ended 91 days ago", "See the way back", "See the price")],
)  # fmt: skip
def test_the_dashboard_says_what_is_shut_and_what_to_do(browser, name, to_payer, to_others):
    held = stand(name)
    for person, says in ((person_of(held.term), to_payer), (make_contact(held.firm), to_others)):
        browser.sign_in(person)
        page = main_of(browser.get("/dashboard"))
        for words in ("how it stands", "who they are", "the way back", "the price"):
            assert (f">See {words}<" in page) is (says == f"See {words}")
        assert "You have no seat" not in page


def test_the_dues_contact_and_nobody_else_is_told_of_what_is_overdue(browser):
    held = stand("in force, overdue 1 day")
    browser.sign_in(person_of(held.term))
    assert held.invoice.number in browser.get("/dashboard")
    browser.sign_in(make_contact(held.firm))
    assert held.invoice.number not in browser.get("/dashboard")
