"""The access table of the domain (4), row by row, as people meet it on the pages."""

from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import pytest

from portal.committees.models import CommitteeSeat
from portal.core.db import db
from portal.dues import actions
from portal.members.endings import Laying, suspend
from portal.members.models import OverlayKind
from portal.members.policy import FEATURE_WORDS, Feature
from tests.dues.books import make_invoice
from tests.events.making import make_event
from tests.make import business_day, make_contact, make_membership, save
from tests.people import make_committee, make_measure, make_practice
from tests.renewals.making import make_life, person_of

F = Feature
OWN = {F.INVOICES, F.OWN_DATA}
BACK = OWN | {F.REJOIN}
MEMBER = OWN | {F.FULL, F.LISTED, F.MEMBER_PRICE}
VOTER = MEMBER | {F.VOTE}
AHEAD, NOW, GRACE, LAPSED = (10, 300), (-100, 200), (-380, -5), (-400, -60)


@dataclass
class World:
    """A firm, its invoice and its payer; what only members read; an event with two prices."""

    term: object
    invoice: object
    event: object

    @property
    def firm(self):
        return self.term.membership.organization


def make_world(days, due_in=30):
    first, last = (business_day() + timedelta(one) for one in days)
    term = make_life(start=first, end=last, name="Salmon Support")
    make_practice("what-members-read")
    invoice = make_invoice(term.membership.organization, total=1000, due_in=due_in)
    return World(term, invoice, make_event())


def paid(world):
    actions.record_transfer(world.invoice, world.invoice.total, business_day())


def credited(world):
    actions.credit(world.invoice, "It was wrong.")


def shut_out(world):
    laying = Laying(OverlayKind.SUSPENSION, "Decided.", business_day(), scope="all")
    suspend(world.term.membership, laying, "board")


def ended(days):
    def end(world):
        membership, last = world.term.membership, business_day() - timedelta(days)
        membership.ended_on, membership.end_reason = last, "resigned"
        world.term.ended_early_on = last

    return end


def nothing(_world):
    """As it is."""


def main_of(page):
    return unescape(page.partition("<main")[2])


def lists(browser):
    """What the directory says to a visitor."""
    return "Salmon Support" in main_of(browser.get("/directory/"))


def opens(browser, url):
    return browser.send("GET", url).status_code == 200


def seen(browser, stranger, world):
    """What the firm's dues contact finds open, each feature by the page that gives it."""
    browser.sign_in(person_of(world.term))
    membership = main_of(browser.get("/firm/membership"))
    found = {
        F.FULL: opens(browser, "/library/what-members-read"),
        F.LISTED: lists(stranger),
        F.MEMBER_PRICE: "the member price" in browser.get(f"/events/{world.event.id}/register"),
        F.VOTE: FEATURE_WORDS[F.VOTE] in membership,
        F.INVOICES: opens(browser, f"/invoices/{world.invoice.id}"),
        F.OWN_DATA: opens(browser, "/firm/export"),
        F.REJOIN: FEATURE_WORDS[F.REJOIN] in membership,
    }
    said = {one for one in F if FEATURE_WORDS[one] in membership}
    return {one for one, is_open in found.items() if is_open}, said


CASES = {
    "scheduled": (AHEAD, 30, nothing, OWN),
    "in force, not due": (NOW, 30, nothing, VOTER),
    "in force, paid late": (NOW, -95, paid, VOTER),
    "in force, credited to nothing": (NOW, -95, credited, VOTER),
    "in force, overdue 1 day": (NOW, -1, nothing, VOTER),
    "in force, overdue 29 days": (NOW, -29, nothing, VOTER),
    "in force, overdue 30 days, before the cut-off": (NOW, -30, nothing, VOTER),
    "in force, overdue 89 days, before the cut-off": (NOW, -89, nothing, VOTER),
    "in force, overdue 90 days": (NOW, -90, nothing, OWN),
    "in force, suspension decided": (NOW, 30, shut_out, OWN),
    "grace, renewal invoice open": (GRACE, 5, nothing, MEMBER),
    "lapsed": (LAPSED, 30, nothing, BACK),
    "lapsed, long overdue": (LAPSED, -300, nothing, BACK),
    "ended 90 days ago": (NOW, 30, ended(90), BACK),
    "ended 91 days ago": (NOW, 30, ended(91), BACK - {F.OWN_DATA}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_firm_finds_open_what_its_row_of_the_table_says_and_is_told_so(
    browser, another_browser, case
):
    days, due_in, happens, wanted = CASES[case]
    world = make_world(days, due_in)
    happens(world)
    db.session.commit()
    found, said = seen(browser, another_browser, world)
    assert found == wanted
    assert said == wanted


def test_the_dues_contact_and_nobody_else_is_told_of_what_is_overdue(browser):
    world = make_world(NOW, due_in=-1)
    browser.sign_in(person_of(world.term))
    assert world.invoice.number in browser.get("/dashboard")
    browser.sign_in(make_contact(world.firm))
    assert world.invoice.number not in browser.get("/dashboard")


HERS = (
    "/dashboard", "/firm/", "/firm/people", "/firm/invoices", "/firm/membership", "/firm/export",
    "/search?q=Salmon+Support", "/events/", "/committees/",
)  # fmt: skip


@pytest.mark.parametrize(
    ("days", "due_in", "is_listed"),
    [(NOW, 30, True), (NOW, -90, False), (GRACE, 5, True), (LAPSED, 5, False)],
    ids=["in force", "shut", "grace", "lapsed"],
)
def test_another_firm_sees_that_it_is_listed_and_nothing_else(browser, days, due_in, is_listed):
    world = make_world(days, due_in)
    rival = make_membership().organization
    browser.sign_in(make_contact(rival, "roster_manager", "dues_contact"))
    assert lists(browser) is is_listed
    for url in ("", ".pdf", "/pay-link", "/forward"):
        assert browser.send("GET", f"/invoices/{world.invoice.id}{url}").status_code == 404
    for url in HERS:
        page = browser.send("GET", url)
        assert world.invoice.number not in page.text, url
        assert person_of(world.term).email not in page.text, url


def sit(person, firm):
    committee = make_committee("wages")
    seat = {"committee": committee, "person": person, "organization": firm}
    save(CommitteeSeat(**seat, from_on=business_day() - timedelta(50)))
    return committee


@pytest.mark.parametrize(
    ("days", "due_in", "is_open"),
    [(NOW, 30, True), (GRACE, 5, True), (NOW, -90, False), (LAPSED, 5, False)],
    ids=["in force", "grace", "shut", "lapsed"],
)
def test_a_committee_member_works_there_while_the_firm_has_the_whole_portal(
    browser, days, due_in, is_open
):
    world, measure = make_world(days, due_in), make_measure()
    person = make_contact(world.firm)
    committee = sit(person, world.firm)
    browser.sign_in(person)
    url = f"/legislation/{measure.id}"
    assert ("Keep the note" in browser.get(url)) is is_open
    assert opens(browser, "/library/what-members-read") is is_open
    answer = browser.send(
        "POST", f"{url}/notes/{committee.id}", data={"text": "x", "csrf_token": browser.token}
    )
    assert answer.status_code == (303 if is_open else 403)
    for closed in (f"/invoices/{world.invoice.id}", "/firm/membership", "/firm/export"):
        assert not opens(browser, closed), closed
