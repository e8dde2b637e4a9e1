"""Front page, dashboard, staff desk, the words; and what each asks of the database."""

import pytest

from portal.core.db import db
from portal.home.views import pages
from portal.library import actions as library
from portal.library.models import PracticeStatus
from tests.dues.books import make_invoice
from tests.events.making import make_event
from tests.joining.applying import make_application
from tests.make import make_contact, make_firm, make_member, make_membership, make_person, numbers
from tests.people import make_measure, make_practice

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


def fill(rows):
    """So many of everything that the pages below list."""
    for n in range(rows):
        firm = make_firm()
        make_membership(firm)
        make_contact(firm)
        make_invoice(firm, due_in=-5)
        make_event(title=f"Event {n}", starts_in=10 + n)
        make_practice(f"practice-{next(numbers)}", visibility="public")


@pytest.mark.parametrize(
    ("role", "url"),
    [
        ("", "/"), ("", "/directory/"), ("", "/library/"), ("", "/events/"), ("", "/committees/"),
        ("", "/legislation/"), ("member", "/dashboard"), ("member", "/firm/"),
        ("member", "/firm/invoices"), ("admin", "/staff/"), ("admin", "/staff/members/"),
        ("admin", "/staff/dues/"), ("admin", "/staff/joining/"), ("admin", "/staff/library/"),
        ("admin", "/staff/events/"), ("admin", "/staff/legislation/"),
        ("admin", "/staff/committees/"), ("admin", "/staff/accounts/"),
        ("admin", "/staff/association/audit"), ("admin", "/staff/association/jobs"),
    ],
)  # fmt: skip
def test_a_page_asks_the_same_few_questions_of_few_rows_and_of_many(
    browser, statements, role, url
):
    make_measure()
    make_application()
    fill(2)
    if role:
        browser.sign_in(make_person("admin") if role == "admin" else make_member("dues_contact"))
    few = asked(browser, statements, url)
    fill(8)
    many = asked(browser, statements, url)
    assert len(many) == len(few)
    most = MOST_OF_THE_DESK if url == "/staff/" else MOST
    assert len(many) <= most, "\n".join(many)


def asked(browser, statements, url):
    browser.get(url)  # once for what is kept in memory
    statements.clear()
    browser.get(url)
    return [one for one in statements if not one.startswith("BEGIN")]
