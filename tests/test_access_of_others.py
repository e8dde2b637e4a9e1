"""The access table of the domain (4), as seen by those who are of another firm."""

from html import unescape

import pytest

from portal.committees.models import CommitteeSeat
from portal.dues.actions import pay_link
from portal.members.policy import Feature
from portal.members.queries import affiliation_of
from tests.make import business_day, make_contact, make_firm, make_membership, save
from tests.people import make_committee, make_practice
from tests.renewals.making import days, person_of
from tests.standings import ROWS, stand_all

F = Feature
MANAGES = ("roster_manager", "dues_contact", "delegate")
LISTED = {name for name, row in ROWS.items() if F.LISTED in row.gives}
# What everybody may read, and what of a firm's own the reader has as well.
PAGES = (
    "/directory/", "/search?q=Firm", "/events/", "/committees/", "/library/", "/dashboard",
    "/firm/", "/firm/people", "/firm/group", "/firm/invoices",
)  # fmt: skip


def manager():
    return make_contact(make_membership().organization, *MANAGES)


def lapsed_manager():
    day = business_day()
    firm = make_firm()
    make_membership(firm, start=day - days(500), end=day - days(100))
    return make_contact(firm, *MANAGES)


def committee_member():
    firm = make_membership().organization
    person = make_contact(firm)
    seat = {"committee": make_committee("wages"), "person": person, "organization": firm}
    save(CommitteeSeat(**seat, from_on=business_day() - days(50)))
    return person


READERS = {
    "another firm's manager": (manager, True),
    "a lapsed firm's manager": (lapsed_manager, False),
    "a committee member of another firm": (committee_member, True),
}


def addresses_of(held):
    """What is the firm's own: none of it is there for another."""
    person = person_of(held.term)
    invoice, at = f"/invoices/{held.invoice.id}", affiliation_of(person).id
    return [
        *(f"{invoice}{what}" for what in ("", "/pdf", "/return", "/forward", "/pay-link")),
        f"/people/{person.id}", f"/firm/people/{at}", f"/firm/people/{at}/end",
    ]  # fmt: skip


def main_of(page):
    return unescape(page.partition("<main")[2])


def never_open(browser, held, addresses):
    """404 for the firm's own things; 403 where the reader keeps no firm's roster at all."""
    for url in addresses:
        answer = browser.send("GET", url).status_code
        assert answer == 404 or (answer == 403 and url.startswith("/firm/people/")), (url, answer)
    pay = {"csrf_token": browser.token}
    assert browser.send("POST", f"/invoices/{held.invoice.id}/pay", data=pay).status_code == 404


@pytest.mark.parametrize("reader", READERS)
def test_another_sees_who_is_listed_and_nothing_else_of_any_row(browser, reader):
    firms, (make_reader, is_member) = stand_all(), READERS[reader]
    make_practice("what-members-read")
    secrets = {
        word for held in firms.values()
        for word in (held.invoice.number, person_of(held.term).email, pay_link(held.invoice).token)
    }  # fmt: skip
    browser.sign_in(make_reader())
    told = [main_of(browser.get(url)) for url in PAGES]
    assert not {word for word in secrets if any(word in page for page in told)}
    listed = told[0] + main_of(browser.get("/directory/?page=2"))
    assert {name for name in ROWS if f"Firm {name}." in listed} == LISTED
    assert (browser.send("GET", "/library/what-members-read").status_code == 200) is is_member
    for held in firms.values():
        never_open(browser, held, addresses_of(held)[:1])
    for name in ("in force, not due", "lapsed"):
        never_open(browser, firms[name], addresses_of(firms[name]))


def test_a_visitor_sees_who_is_listed_and_is_sent_to_sign_in_for_the_rest(browser):
    firms = stand_all()
    listed = main_of(browser.get("/directory/")) + main_of(browser.get("/directory/?page=2"))
    assert {name for name in ROWS if f"Firm {name}." in listed} == LISTED
    for url in addresses_of(next(iter(firms.values()))):
        assert "/sign-in" in browser.send("GET", url).location
