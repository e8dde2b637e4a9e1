"""Editors change what means the same, see the effect first, and read what was not found."""

from datetime import date

import pytest

from portal.core.access import Role
from portal.core.db import db
from portal.core.search import Document, diary, index
from portal.home.models import SynonymList
from tests.make import make_person
from tests.people import make_found, make_practice

BUS = Document(
    key="practice:1", kind="practice", title="The night bus", body="Who pays.", url="/library/bus",
    date=date(2026, 1, 1),
    audience=frozenset({"public"}), stored={"version": 1, "kind": "Guide", "minutes": 1},
)  # fmt: skip
PAGE = "/staff/search/synonyms"


@pytest.fixture
def editor(browser):
    index.engine().rebuild([BUS], lambda *_: None)
    make_found(BUS)
    for path in index.diary_folder().glob("*.tsv"):
        path.unlink()
    return browser.sign_in(make_person(Role.EDITOR))


def test_the_effect_is_shown_before_anything_is_kept(browser, editor):
    page = browser.post(PAGE, 200, text="jitney, bus", query="jitney", preview="1").text
    assert "Also searched now: nothing. Then: bus." in page
    assert "The night bus" in page
    assert "new</td>" in page
    assert "jitney, bus</textarea>" in page
    assert db.session.query(SynonymList).count() == 0


def test_what_is_kept_is_searched_with_at_once_and_stands_in_the_record(browser, editor):
    assert "average handling time" in browser.get(PAGE)
    assert "0 found" in browser.get("/search?q=jitney")
    browser.post(PAGE, text="jitney, bus", note="Manila says so")
    assert "Also searched: bus." in browser.get("/search?q=jitney")
    assert "average handling time" not in browser.get(PAGE)
    browser.post(PAGE, text="# none", note="Enough")
    assert "0 found" in browser.get("/search?q=jitney")


def test_a_group_that_misleads_is_refused_and_stays_typed(browser, editor):
    page = browser.post(PAGE, 200, text="churn, attrition", note="").text
    assert "Line 1: “churn” and “attrition” are two things." in page
    assert "churn, attrition</textarea>" in page
    assert db.session.query(SynonymList).count() == 0


def test_what_was_looked_for_and_not_found_is_listed_without_anybody(browser, editor):
    browser.get("/search?q=Zqx+wv")
    browser.get("/library/?q=zqx+wv")
    browser.get("/library/?q=bus&page=2")
    browser.get("/library/?q=bus")
    page = browser.get("/staff/search/asked")
    found, _, most = page.partition("Asked most often")
    assert "zqx wv</a>" in found
    assert 'data-l="Times">2<' in found
    assert "bus</a>" not in found
    assert "bus</a>" in most
    assert editor.email not in str(next(index.diary_folder().glob("*.tsv")).read_text())
    assert diary.KEPT.days == 90
    browser.get("/staff/search/asked?days=100000")


def open_from(browser, page, before):
    return browser.send("GET", page, headers={"Referer": before})


def test_what_is_found_and_not_opened_is_listed_until_somebody_opens_it(browser, editor):
    practice = make_practice("night-bus", title="The night bus")
    for _ in range(3):
        browser.get("/library/?q=Bus")
    here, shown = "http://localhost", f"/library/{practice.slug}"
    for before in ("", "http://elsewhere.example/library/?q=bus", f"{here}/library/",
                   f"{here}/events/?q=bus", f"{here}/search?q=tram", "http://[bad"):  # fmt: skip
        assert open_from(browser, shown, before).status_code == 200
    open_from(browser, "/library/?kind=guide", f"{here}/library/?q=bus")
    open_from(browser, "/library/nothing-here", f"{here}/library/?q=bus")
    passed = passed_over(browser)
    assert "bus</a>" in passed
    assert 'data-l="Times">3<' in passed
    assert 'data-l="Opened">0<' in passed
    open_from(browser, shown, f"{here}/library/?q=bus&sort=newest")
    assert "bus</a>" not in passed_over(browser)
    assert 'data-l="Opened">1<' in browser.get("/staff/search/asked")


def passed_over(browser):
    page = browser.get("/staff/search/asked")
    return page.partition("Found, and passed over")[2].partition("Asked most often")[0]
