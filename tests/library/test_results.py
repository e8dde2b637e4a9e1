"""The results page: facets, chips, orders, help where nothing is found, suggestions."""

import re
from datetime import date
from html import unescape

import pytest

from portal.core.search import Document, index
from tests.make import make_member, make_place
from tests.people import make_found


def a_practice(n, title, body, **more):
    facets = {"theme": ("workforce",), "kind": ("case_study",), "year": ("2026",)}
    return Document(
        key=f"practice:{n}", kind="practice", title=title, body=body, url=f"/library/p{n}",
        audience=frozenset({more.pop("audience", "public")}),
        facets=facets | more.pop("facets", {}), date=date(2026, 1, n),
        stored={"kind": "Case study", "outcome": "negative", "minutes": 3, "version": 1,
                "evidence": "One case", "reviewed": "2026-03-01"}, **more,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def shelf(app):
    laid = [
        a_practice(1, "Reducing attrition", "People leave early.", summary="Who stays.",
                   facets={"outcome": ("negative",), "place": ("ph",), "evidence": ("survey",),
                           "language": ("en",)}),
        a_practice(2, "The night bus", "Attrition fell.",
                   facets={"outcome": ("positive",), "theme": ("transport",)}),
        a_practice(3, "Attrition in figures", "Locked away.", audience="members",
                   teaser_audience=frozenset({"public"}), summary="Figures.",
                   facets={"outcome": ("mixed",)}),
        a_practice(4, "Zebra attrition", "Staff only.", audience="staff",
                   facets={"theme": ("tax",)}),
    ]  # fmt: skip
    index.engine().rebuild(laid, lambda *_: None)
    for one in laid:
        make_found(one)
    make_place(slug="ph", name="Philippines")


def words(html):
    """What a person reads of it."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


def link(html, text):
    return unescape(re.search(rf'<a href="([^"]*)">{text}', html)[1])


def test_every_facet_is_a_link_with_its_count_and_its_words(browser):
    said = words(browser.get("/library/?q=attrition"))
    for facet in ("Workforce 2", "Transport 1", "Case study 3", "Philippines 1", "2026 3",
                  "Went badly 1", "Survey 1", "English 1"):  # fmt: skip
        assert facet in said
    assert "Tax" not in said
    assert "1 went well, 1 badly, 1 both ways" in said
    assert "Also searched: churn of staff" in said
    said = words(browser.get("/library/?q=turnover"))
    assert "“Turnover” is read as people who leave; for sales, choose the theme Tax." in said


def test_a_filter_becomes_a_chip_that_takes_it_alone_away(browser):
    page = browser.get("/library/?q=attrition&theme=transport&theme=workforce&sort=newest")
    address = link(page, "Theme: Transport")
    assert address == "?theme=workforce&q=attrition&sort=newest"
    fewer = words(browser.get(f"/library/{address}"))
    assert "Theme: Transport" not in fewer
    assert "Theme: Workforce" in fewer


def test_how_it_went_is_counted_of_what_is_found_and_of_what_says_so(browser):
    said = words(browser.get("/library/?outcome=negative"))
    assert "Of those found that say how it went, 1 went well" not in said
    assert "0 went well, 1 badly, 0 both ways" in said
    both = words(browser.get("/library/?outcome=negative&outcome=positive"))
    assert "Of those found that say how it went, 1 went well, 1 badly, 0 both ways" in both
    assert "Went well 1" in said
    assert "Of the practices here that say how it went, 0 went well" in words(
        browser.get("/library/")
    )


def test_the_order_is_an_address(browser):
    page = browser.get("/library/?q=attrition&sort=newest")
    places = [page.index(f'href="/library/p{n}"') for n in (3, 2, 1)]
    assert places == sorted(places)
    browser.get("/library/?q=attrition&sort=nonsense")


def test_a_locked_hit_says_why_and_a_found_word_is_marked(browser):
    page = browser.get("/library/?q=figures")
    assert "Locked: open to members" in words(page)
    assert "Attrition in <mark>figures</mark></a>" in page
    assert "<mark>Figures</mark>." in page
    browser.sign_in(make_member())
    assert "Locked:" not in words(browser.get("/library/?q=figures"))


def test_where_a_phrase_stands_in_the_way_that_is_said_with_a_count(browser):
    page = browser.get('/library/?q=bus+"nobody+writes+this"')
    said = words(page)
    assert '1 found without "nobody writes this"' in said
    assert "Near what you asked The night bus" in said
    assert "The night bus" in words(browser.get("/library/" + link(page, "without")))


def test_where_a_filter_stands_in_the_way_that_is_said_with_a_count(browser):
    page = browser.get("/library/?q=bus&outcome=negative")
    assert "1 found without the filter Went badly" in words(page)
    nothing = words(browser.get("/library/?q=zqqxq"))
    assert "The newest practices Attrition in figures" in nothing
    assert "Zebra" not in nothing


def test_suggestions_are_options_for_the_box_and_a_page_of_their_own(browser):
    assert "All of “Workforce”" in words(browser.get("/library/suggestions?q=work"))
    said = words(browser.get("/library/suggestions?q=attr"))
    assert "Reducing attrition" in said
    assert "Attrition in figures" in said
    assert "Zebra" not in said
    assert "Nothing begins like this" in words(browser.get("/library/suggestions?q=zeb"))
    options = browser.send("GET", "/library/suggestions?q=attr", headers={"HX-Request": "true"})
    assert '<option value="Reducing attrition">' in options.text
    assert "<html" not in options.text
    assert "Zebra" not in options.text


def test_an_empty_library_says_so(browser):
    index.engine().rebuild([], lambda *_: None)
    said = words(browser.get("/library/"))
    assert "0 practices." in said
    assert "Try other words, or fewer" in said
