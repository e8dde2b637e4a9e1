"""A saved search tells once, by mail, of what is new or changed; its owner can end it."""

from dataclasses import replace
from datetime import date

import pytest

from portal.core import jobs
from portal.core.db import db
from portal.core.search import Document, index
from portal.core.states import Refused
from portal.home import actions, queries, searches
from portal.home.jobs import tell_news_of_searches
from portal.home.models import SavedSearch
from portal.notices.actions import stop
from portal.notices.models import Often
from tests.make import make_member, save
from tests.people import make_found

BUS = Document(
    key="practice:1", kind="practice", title="The night bus", body="Who pays.", url="/library/bus",
    audience=frozenset({"members"}), date=date(2026, 1, 1),
    stored={"version": 1, "kind": "Guide", "minutes": 1},
)  # fmt: skip
NEW = replace(BUS, key="practice:2", title="A second bus", url="/library/second")
ADDRESS = "/library/?q=bus"


@pytest.fixture
def person(at):
    at(2026, 3, 2)
    index.engine().rebuild([BUS], lambda *_: None)
    make_found(BUS)
    make_found(NEW)
    return make_member()


def saved(person, often=Often.INSTANT, address=ADDRESS):
    return save(actions.save_search(person, "Buses", address, often))


def told(sent):
    tell_news_of_searches()
    return sent()


def test_what_was_known_is_not_told_what_is_new_is_told_once(person, sent):
    saved(person)
    assert told(sent) == []
    index.engine().write([NEW])
    [mail] = told(sent)
    assert mail["To"] == person.email
    assert "A second bus" in mail["Subject"]
    text = mail.get_body(("plain",)).get_content()
    assert "http://portal.test/library/second" in text
    assert "The night bus" not in text
    assert "/stop-mail/" in text
    assert len(told(sent)) == 1


def test_what_has_changed_is_told_and_what_is_hidden_is_not(person, sent):
    saved(person)
    index.engine().write([replace(NEW, audience=frozenset({"staff"}))])
    assert told(sent) == []
    index.engine().write([replace(BUS, stored=BUS.stored | {"version": 2})])
    assert len(told(sent)) == 1


def test_daily_and_weekly_ones_wait_for_their_day(person, sent, at):
    saved(person, Often.DAILY)
    saved(person, Often.WEEKLY, "/search?q=bus")
    index.engine().write([NEW])
    assert queries.searches_due() == []
    at(2026, 3, 3)
    assert len(told(sent)) == 1
    at(2026, 3, 9)
    assert len(told(sent)) == 2


def test_who_stopped_these_mails_or_cannot_sign_in_gets_none(person, sent, at):
    saved(person)
    stop(person.id, "saved_searches")
    db.session.commit()
    index.engine().write([NEW])
    assert told(sent) == []
    person.disabled_at = person.created_at
    db.session.commit()
    assert queries.searches_due() == []


def test_fifty_are_the_most_and_an_empty_one_is_none(person):
    for n in range(actions.MOST):
        saved(person, address=f"{ADDRESS}{n}")
    with pytest.raises(Refused, match="remove one first"):
        saved(person)
    with pytest.raises(Refused, match="Search for something"):
        saved(make_member(), address="/library/?theme=")


def test_the_same_search_is_saved_once(person):
    first = saved(person)
    assert saved(person, Often.WEEKLY).id == first.id
    assert first.often is Often.WEEKLY


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/library/?q=bus&page=3&theme=tax&x=1&sort=newest", "/library/?q=bus&theme=tax"),
        ("/search?q=bus&kind=event", "/search?q=bus&kind=event"), ("/search?kind=event", None),
        ("/library/?theme=tax", "/library/?theme=tax"), ("/staff/?q=x", None), ("", None),
        ("https://else.example/library/?q=x", None), ("//else.example/library/?q=x", None),
        ("/library/?q=" + "x" * 2000, None), ("http://[", None),
    ],
)  # fmt: skip
def test_only_the_address_of_a_search_is_kept(given, kept):
    assert searches.plain_address(given) == kept


def test_a_search_is_saved_from_its_results_and_removed(browser, person, another_browser):
    browser.sign_in(person)
    page = browser.get("/library/?q=bus&theme=")
    assert "/searches/?address=" in page
    form = "/searches/?address=/library/%3Fq%3Dbus"
    said = browser.post(form, 200, address="/library/?q=bus", name=" ", often="daily").text
    assert "Give it a name" in said
    browser.post(form, address="/library/?q=bus", name="Buses", often="weekly")
    assert "Once a week" in browser.get("/searches/")
    [one] = db.session.query(SavedSearch)
    another_browser.sign_in(make_member())
    another_browser.post(f"/searches/{one.id}/remove", 404, page="/searches/")
    browser.post(f"/searches/{one.id}/remove", page="/searches/")
    assert "None yet" in browser.get("/searches/")


def test_nothing_searched_is_nothing_to_save(browser, person):
    browser.sign_in(person)
    said = browser.post("/searches/", 200, page="/searches/?address=/library/%3Fq%3Dx",
                        name="x", often="daily", address="/staff/").text  # fmt: skip
    assert "Search for something first" in said


def test_the_job_is_planned(app):
    assert "portal.home.jobs.tell_news_of_searches" in jobs.SCHEDULE
