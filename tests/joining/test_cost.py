"""What will it cost and why: the public page, from the tariff's own words."""

from datetime import date

import pytest

from tests.dues.books import FEE, KSF, book, make_tariff

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def reference_day(at):
    at(2026, 11, 22, 9)


def test_a_visitor_reads_every_price_who_decided_it_and_its_last_change(browser):
    dearer = [[low, high, minor * 103 // 100] for low, high, minor in KSF]
    rule = book()["rules"][0]
    make_tariff(code="2025", effective_from=date(2025, 1, 1))
    told = {"exit": "Tell us before 1 September.", "staff_share": "Three quarters."}
    make_tariff(book=book(rule | {"bands": dearer}, FEE) | {"public": told},
                effective_from=date(2026, 1, 1))  # fmt: skip
    page = browser.get("/join/cost")
    assert f"EUR{NBSP}1,245.27" in page
    assert "The board on" in page
    assert "Dues pay for the work." in page
    assert f"On 1{NBSP}Jan{NBSP}2026, by 3.0 %" in page
    assert "How to leave" in page
    assert "Tell us before 1 September." in page
    assert "Three quarters." in page
    assert "Why the cap is fair" not in page  # nothing is said that the tariff does not say
    assert "Tariff 2025" not in page


def test_next_years_prices_are_shown_once_they_are_adopted(browser):
    make_tariff()
    make_tariff(code="2027", effective_from=date(2027, 1, 1))
    page = browser.get("/join/cost")
    assert f"From 1{NBSP}Jan{NBSP}2027" in page
    assert "Prices have not changed since the first tariff" in page


def test_the_page_is_found_from_the_front_page_and_the_quote(browser):
    make_tariff()
    for url in ("/", "/join/"):
        assert "/join/cost" in browser.get(url)


def test_before_the_first_tariff_it_says_so(browser):
    assert "No tariff is in effect yet" in browser.get("/join/cost")
