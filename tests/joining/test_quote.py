from datetime import date

import pytest

from portal.core.db import db
from portal.joining.models import Application
from tests.dues.books import KSF, book, flat, make_tariff
from tests.joining.applying import QUOTE, make_application

NBSP = "\N{NO-BREAK SPACE}"
SIZED = "kind=provider_front&metric_contact_centre_fte="


@pytest.fixture(autouse=True)
def reference_day(at):
    at(2026, 11, 22, 9)


def test_a_visitor_sees_the_price_and_how_it_comes_about_without_an_account(browser):
    make_tariff()
    page = browser.get(f"/join/?{QUOTE}")
    assert f"EUR{NBSP}264.99" in page  # 2,418.00 × 40 / 365
    assert "60" in page
    assert "40 of 365 days" in page
    assert "Quote Q-" in page
    assert f"good until 22{NBSP}Dec{NBSP}2026" in page
    assert "adopted by the board" in page
    assert "Dues pay for the work." in page
    assert (
        "/join/start?kind=provider_front&amp;metric_contact_centre_fte=60&amp;country=PH" in page
    )
    assert not db.session.query(Application).count()


def test_the_same_question_has_the_same_reference_for_whoever_opens_the_link(
    browser, another_browser, at
):
    make_tariff()

    def reference(who, query=QUOTE):
        return who.get(f"/join/?{query}").split("Quote ")[1][:10]

    first = reference(browser)
    assert reference(another_browser) == first
    assert reference(browser, QUOTE.replace("60", "61")) != first
    at(2026, 11, 23, 9)
    assert reference(browser) != first


def test_a_quote_is_good_until_the_next_tariff_begins_and_no_longer(browser):
    make_tariff()
    make_tariff(code="2027", effective_from=date(2026, 12, 1))
    assert f"good until 30{NBSP}Nov{NBSP}2026" in browser.get(f"/join/?{QUOTE}")


def test_before_anything_is_asked_nothing_is_wrong(browser):
    make_tariff()
    page = browser.get("/join/")
    assert "There is a problem" not in page
    assert "No proposer or seconder is needed" in page


BAD = [
    ("kind=&metric_contact_centre_fte=60&country=PH", "Choose what it does"),
    ("kind=pirate&metric_contact_centre_fte=60&country=PH", "Choose one of these"),
    (
        f"{SIZED}&country=PH",
        "Enter how many people, in figures",
    ),
    (
        f"{SIZED}many&country=PH",
        "Enter how many people, in figures",
    ),
    (
        f"{SIZED}0&country=PH",
        "Enter a number above 0, up to 1,000,000",
    ),
    (
        f"{SIZED}-5&country=PH",
        "Enter a number above 0, up to 1,000,000",
    ),
    (
        f"{SIZED}{'9' * 40}&country=PH",
        "Enter a number above 0",
    ),
    (f"{SIZED}60&country=ZZ", "Choose one of these"),
    (f"{SIZED}60", "Choose the country"),
    ("endpoint=x&_external=1&_anchor=y", "Choose what it does"),
]


@pytest.mark.parametrize(("query", "words"), BAD)
def test_bad_answers_are_answered_at_the_field(browser, query, words):
    make_tariff()
    page = browser.get(f"/join/?{query}")
    assert words in page
    assert "Your price" not in page
    start = browser.send("GET", f"/join/start?{query}")
    assert start.status_code == 303
    assert start.location.startswith("/join/")


def price(page):
    return page.split("Your price")[1].split("What changes it")[0]


def test_a_number_may_be_written_in_groups_of_three(browser):
    make_tariff()
    plain = browser.get(f"/join/?{SIZED}1200&country=PH")
    for written in ("1,200", "1 200", "1’200"):
        page = browser.get(f"/join/?{SIZED}{written}&country=PH")
        assert "metric_contact_centre_fte=1200&amp;country=PH" in page
        assert f'value="{written}"' in page
        assert 'type="number"' not in page
        assert price(page) == price(plain)


FIGURES, FINER = "Enter how many people, in figures", "Enter two decimals at most"


@pytest.mark.parametrize(
    ("written", "words"),
    [("12,00", FIGURES), ("1,2000", FIGURES), ("1,200 300", FIGURES), ("1.200", FINER),
     ("1200 people", FIGURES)],
)  # fmt: skip
def test_what_is_no_number_of_people_is_kept_in_its_box(browser, written, words):
    make_tariff()
    page = browser.get(f"/join/?{SIZED}{written}&country=PH")
    assert words in page
    assert f'value="{written}"' in page


def test_what_the_tariff_cannot_price_is_said_at_the_field(browser):
    rule = {"kind": "bands", "classes": ["provider_front"], "metric": "contact_centre_fte",
            "rounding": "half_up", "bands": KSF[:2]}  # fmt: skip
    make_tariff(book=book(rule))
    page = browser.get(f"/join/?{QUOTE}")
    assert 'id="metric_contact_centre_fte-error"' in page
    assert "Your price" not in page
    assert '"/join/start' not in page


def test_only_classes_with_a_price_are_offered(browser):
    make_tariff(book=book(flat(10000, "consultant")))
    page = browser.get("/join/")
    assert 'value="consultant"' in page
    assert 'value="provider_front"' not in page


def test_without_a_tariff_the_page_says_whom_to_ask(browser):
    page = browser.get("/join/")
    assert "No tariff is in effect yet" in page
    assert "mailto:amara@testhall.example" in page
    assert browser.send("GET", f"/join/start?{QUOTE}").location.startswith("/join/?kind=")


def test_the_page_says_how_long_decisions_took(browser):
    make_application(upto="declined")
    page = browser.get("/join/")
    assert "We decide within 15 working days" in page
    assert "half of the decisions came on the day the application did" in page
