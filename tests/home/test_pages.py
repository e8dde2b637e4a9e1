"""Front page, dashboard, staff desk, the words; and what each asks of the database."""

from datetime import date

import pytest

from portal.committees.models import CommitteeSeat
from portal.core.db import db
from portal.core.search import index
from portal.home.views import pages
from portal.library import actions as library
from portal.library.models import PracticeStatus
from portal.members.models import FirmRole, JoinRequest, MembershipClass, SeatWait, Vacancy
from tests import tables
from tests.browser import Browser
from tests.dues.books import make_invoice, make_tariff
from tests.dues.test_declarations import declare
from tests.events.making import make_event
from tests.joining.applying import make_application
from tests.make import (
    make_contact,
    make_firm,
    make_member,
    make_membership,
    make_person,
    numbers,
    save,
)
from tests.people import make_committee, make_measure, make_practice

MOST = 12  # statements for one page
MOST_OF_THE_DESK = 17  # a queue from every room
WORDS = ("about", "privacy", "terms", "imprint", "accessibility")


def test_the_front_page_welcomes_an_empty_association(browser):
    assert "Testhall" in browser.get("/")


def test_the_front_page_shows_what_is_public_and_nothing_else(browser):
    make_event(title="Open forum")
    make_event(title="Closed round", audience="members")
    make_practice("kept", title="For members only")
    make_practice("free", title="Free to read", visibility="public")
    page = browser.get("/")
    assert "Open forum" in page
    assert "Free to read" in page
    assert "Closed round" not in page
    assert "For members only" not in page


def test_the_dashboard_begins_with_the_invoice_to_pay(browser):
    firm = make_firm()
    make_membership(firm)
    make_invoice(firm)
    browser.sign_in(make_contact(firm, "dues_contact"))
    page = browser.get("/dashboard")
    assert "What needs you" in page
    assert page.index("Pay Dues 2026") < page.index("Bills you follow")


def test_the_dashboard_asks_for_numbers_that_are_due_until_they_are_signed(browser, at):
    at(2026, 6, 1)
    firm = make_firm(name="Kapok")
    make_membership(firm)
    signatory = browser.sign_in(make_contact(firm, "signatory"))
    assert "Declare the numbers" not in browser.get("/dashboard"), "no tariff asks for any"
    make_tariff()
    page = browser.get("/dashboard")
    assert "Declare the numbers of Kapok" in page
    assert 'href="/firm/declaration"' in page
    declare(firm, "60")
    assert "Declare the numbers" not in browser.get("/dashboard")
    at(2027, 1, 2)
    make_membership(firm, kind=MembershipClass.RECRUITER)
    browser.sign_in(signatory)
    assert "Declare the numbers" in browser.get("/dashboard"), "those were of 2025"


def test_the_dashboard_tells_the_roster_manager_who_waits(browser, another_browser):
    firm = make_firm(name="Kapok")
    make_membership(firm)
    manager = browser.sign_in(make_contact(firm, "roster_manager"))
    another_browser.sign_in(make_contact(firm, "delegate"))
    quiet = ("without a person", "to join Kapok", "for a seat")
    assert not [words for words in quiet if words in browser.get("/dashboard")]
    day, asked = date(2026, 12, 4), {"way": "code", "made_at": manager.created_at}
    roles = FirmRole.DELEGATE, FirmRole.DUES_CONTACT
    save(*(Vacancy(organization=firm, role=one, why="left", opened_on=day, due_on=day)
           for one in roles))  # fmt: skip
    save(JoinRequest(organization=firm, person=make_person(), **asked))
    late = [make_contact(firm) for _each in range(2)]
    held = [one for one in firm.affiliations if one.person in late]
    save(*(SeatWait(affiliation=one, since_at=manager.created_at) for one in held))
    page = browser.get("/dashboard")
    for words in ("2 roles are without a person", "by 4 Dec 2026", "1 person asks to join Kapok",
                  "2 colleagues wait for a seat"):  # fmt: skip
        assert words in page
    page = another_browser.get("/dashboard")
    assert not [words for words in quiet if words in page], "only who keeps the roster can answer"


def test_a_colleague_who_does_not_pay_is_not_asked_to(browser):
    firm = make_firm()
    make_membership(firm)
    make_invoice(firm)
    browser.sign_in(make_contact(firm))
    page = browser.get("/dashboard")
    assert "Pay Dues 2026" not in page
    assert "Nothing: all is paid" in page


def test_the_dashboard_names_no_practice_that_its_reader_cannot_open(browser):
    make_practice("kept", title="For members only")
    browser.sign_in(make_contact(make_firm()))
    assert "For members only" not in browser.get("/dashboard")
    browser.sign_in(make_member())
    assert "For members only" in browser.get("/dashboard")


def test_staff_without_a_firm_go_to_their_desk(browser):
    browser.sign_in(make_person("events"))
    browser.get("/dashboard", status=303)
    assert "Events desk" in browser.get("/staff/")


@pytest.mark.parametrize(
    ("role", "sees", "misses"),
    [
        ("membership", ("Applications", "Invoices and payments"), ("Library desk", "Staff roles")),
        ("finance", ("Unallocated money",), ("Applications", "Bills desk")),
        ("editor", ("Practices to read again", "Library desk"), ("Invoices and payments",)),
        ("events", ("Events desk",), ("Library desk", "Unpaid")),
        ("policy", ("Bills gone stale", "Committee seats"), ("Events desk", "Unpaid")),
        ("admin", ("Jobs that are late", "Staff roles", "Audit record"), ()),
    ],
)
def test_the_desk_shows_each_role_its_own_rooms(browser, role, sees, misses):
    make_invoice(due_in=-10)
    browser.sign_in(make_person(role))
    page = browser.get("/staff/")
    assert all(words in page for words in sees)
    assert not any(words in page for words in misses)


def test_the_desk_lists_what_waits_and_names_the_empty_queues_in_a_line(browser):
    browser.sign_in(make_person("finance"))
    waits, _, empty = browser.get("/staff/").partition("Nothing waits in:")
    assert "Nothing of yours waits" in waits
    assert "Refunds to look at" in empty
    make_invoice(due_in=-10)
    waits, _, empty = browser.get("/staff/").partition("Nothing waits in:")
    assert "Unpaid, 1 to 30 days" in waits
    assert "Refunds to look at" in empty


def test_the_desk_finds_people_and_firms_and_invoices_only_for_those_who_read_them(browser):
    firm = make_firm(name="Sampaguita Care")
    number = make_invoice(firm).number
    browser.sign_in(make_person("editor"))
    assert "Sampaguita Care" in browser.get("/staff/?q=sampag")
    assert f">{number}</a>" not in browser.get(f"/staff/?q={number}")
    browser.sign_in(make_person("finance"))
    assert f">{number}</a>" in browser.get(f"/staff/?q={number}")


def test_the_desk_finds_bills(browser):
    measure = make_measure()
    browser.sign_in(make_person("membership"))
    page = browser.get(f"/staff/?q={measure.number.replace(' ', '+')}")
    assert f'href="/legislation/{measure.id}"' in page


def test_a_practice_that_was_sent_to_review_waits_on_the_desk(browser):
    front = make_practice("published").front | {"title": "The okapi sheet"}
    practice = library.start("okapi", front, "Words.", make_person())
    library.move(practice, PracticeStatus.IN_REVIEW, "")
    db.session.commit()
    browser.sign_in(make_person("editor"))
    row = browser.get("/staff/").split("Practices sent to review")[1].split("</tr>")[0]
    assert '<td class="n">1</td>' in row
    assert "0 d" in row
    assert practice.title in browser.get("/staff/library/?status=in_review")


@pytest.mark.parametrize("slug", WORDS)
def test_the_pages_of_words_speak_of_this_association(browser, slug):
    page = browser.get(f"/{slug}")
    assert "{{" not in page
    assert pages.FOLDER.joinpath(f"{slug}.md").is_file()


def test_a_theme_is_kept_and_only_the_three(browser):
    browser.post("/theme", page="/about", theme="dark", next="/about")
    assert 'data-theme="dark"' in browser.get("/about")
    browser.post("/theme", page="/about", status=400, theme="pink")
    answer = browser.post("/theme", page="/about", theme="light", next="https://evil.example/")
    assert answer.location == "/"


# What the pages below list.
LISTED = (
    "people", "corporate_groups", "organizations", "group_memberships", "affiliations",
    "attestations", "memberships", "terms", "seats", "invoices", "invoice_lines", "postings",
    "applications", "events", "measures", "practices", "practice_revisions", "committees",
    "committee_seats", "role_grants", "audit_events",
)  # fmt: skip
PAGES = {
    "": ("/", "/directory/", "/library/", "/library/?q=price", "/events/", "/committees/",
         "/legislation/"),
    "dues_contact": ("/dashboard", "/firm/", "/firm/invoices"),
    "admin": (
        "/staff/", "/staff/members/", "/staff/dues/", "/staff/joining/", "/staff/library/",
        "/staff/events/", "/staff/legislation/", "/staff/committees/", "/staff/accounts/",
        "/staff/association/audit", "/staff/association/jobs",
    ),
}  # fmt: skip


def fill(rows):
    """So many of everything that the pages list."""
    make_measure()
    make_application()
    for n in range(rows):
        firm = make_firm()
        make_membership(firm)
        save(CommitteeSeat(committee=make_committee(f"c{n}"), person=make_contact(firm),
                           from_on=date(2020, 1, 1)))  # fmt: skip
        make_invoice(firm, due_in=-5)
        make_event(title=f"Event {n}", starts_in=10 + n)
        make_practice(f"practice-{next(numbers)}", visibility="public")


def index_practices():
    index.engine().rebuild(index.sources["practice"](None), lambda *_: None)


def test_a_page_asks_the_same_few_questions_at_a_hundred_times_the_rows(app, statements):
    fill(2)
    readers = {
        "": None, "admin": make_person("admin"),
        "dues_contact": make_member("dues_contact", "roster_manager", "signatory"),
    }  # fmt: skip
    browsers = {role: Browser(app.test_client()) for role in readers}
    for role, person in readers.items():
        if person:
            browsers[role].sign_in(person)
    index_practices()
    few = asked_by_page(browsers, statements)
    tables.multiply(LISTED, 100)
    index_practices()
    many = asked_by_page(browsers, statements)
    index.engine().rebuild([], lambda *_: None)
    assert many == few
    assert many.pop("/staff/") <= MOST_OF_THE_DESK
    assert max(many.values()) <= MOST, many


def asked_by_page(browsers, statements):
    """How many statements each page takes."""
    found = {}
    for role, urls in PAGES.items():
        for url in urls:
            browsers[role].get(url)  # once for what is kept in memory
            statements.clear()
            browsers[role].get(url)
            found[url] = len([one for one in statements if not one.startswith("BEGIN")])
    return found
