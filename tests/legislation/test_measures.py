"""Measures: the real ones load, the map and the list agree, notes stay with their committee."""

import csv
import io
import re
from datetime import date
from html import escape
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.committees.models import Committee, CommitteeSeat
from portal.core.access import Role
from portal.core.db import db
from portal.legislation import actions, queries
from portal.legislation.actions.measures import FACTS
from portal.legislation.models import Measure, MeasureNote
from portal.legislation.queries import Filters
from portal.legislation.stages import Stage
from portal.notices.actions import follow
from portal.places.actions import load_places
from portal.places.models import Place
from portal.places.queries import named, place_by_code, place_by_slug
from tests import tables
from tests.make import NOW, make_member, make_person, save

CONTENT = Path(__file__).parents[2] / "content"


KEPT = {}  # what the files made, read once


@pytest.fixture
def real(app):
    """The real places and measures, as `load_places` and `load_measures` write them."""
    if KEPT:
        tables.put_back(KEPT)
        return
    load_places(CONTENT / "places.csv")
    assert actions.load_measures(CONTENT / "measures.csv") == 76
    db.session.commit()
    KEPT.update(tables.keep())


def count(filters):
    query = queries.measures(filters).with_only_columns(func.count(Measure.id))
    return db.session.scalar(query.order_by(None))


def test_the_real_measures_load_twice_as_once(real, sent):
    load_places(CONTENT / "places.csv")
    actions.load_measures(CONTENT / "measures.csv")
    db.session.commit()
    assert db.session.scalar(select(func.count(Measure.id))) == 76
    assert sent() == []


def test_golden_38_the_real_measures_by_level_topic_certainty_and_next_date(real):
    levels = db.session.execute(select(Place.level, func.count()).join(Measure).group_by("level"))
    assert dict(levels.all()) == {
        "national": 53, "state_provincial": 16, "supranational": 5, "civic": 2,
    }  # fmt: skip
    topics = db.session.execute(select(Measure.topic, func.count()).group_by("topic"))
    assert dict(topics.all()) == {
        "labor": 42, "consumer": 10, "transport": 7, "tax": 6, "data": 6, "lobbying": 5,
    }  # fmt: skip
    sure = db.session.execute(select(Measure.certainty, func.count()).group_by("certainty"))
    assert dict(sure.all()) == {"A": 51, "B": 10, "C": 15}
    ahead = select(Measure.ref, Measure.next_on).where(Measure.next_on.is_not(None))
    rows = db.session.execute(ahead.order_by(Measure.next_on, Measure.ref)).all()
    assert len(rows) == 10
    assert [tuple(row) for row in rows[:2]] == [
        ("B070", date(2026, 12, 2)), ("B072", date(2026, 12, 2)),
    ]  # fmt: skip


def test_a_place_is_found_by_either_of_its_identifiers(real):
    eu, uk = place_by_slug("eu"), place_by_slug("uk")
    assert (
        place_by_code("ocd-division/region:eu") == place_by_code("ocd-division/country:eu") == eu
    )
    assert (
        place_by_code("ocd-division/country:gb") == place_by_code("ocd-division/country:uk") == uk
    )
    assert place_by_code("ocd-division/country:in/state:or").name == "Odisha"
    assert db.session.scalars(named("Bogota")).first().slug.startswith("co-")


def test_a_nation_holds_what_its_states_and_cities_have(real):
    assert count(Filters(place=place_by_slug("ph"))) == 18
    assert count(Filters(place=place_by_slug("us"))) == 21
    assert count(Filters(place=place_by_slug("ph"), level="civic")) == 2


@pytest.mark.parametrize(
    "query", ["", "topic=transport", "stage=in_force", "topic=labor&stage=committee", "q=wage"]
)
@pytest.mark.parametrize("place", ["", "us", "ph", "in"])
def test_the_map_agrees_with_the_list(browser, real, query, place):
    page = browser.get(f"/legislation/?{query}&jurisdiction={place}")
    total = int(re.search(r"<strong>([\d,]+) measures?</strong>", page)[1])
    drawn = page.split('<svg class="tiles"')[1].split("</svg>")[0]
    tiles = sum(map(int, re.findall(r'class="num"[^>]*>(\d+)<', drawn)))
    elsewhere = (
        page.split("Not on the map:")[1].split("</p>")[0] if "Not on the map" in page else ""
    )
    assert tiles + sum(map(int, re.findall(r"</a> (\d+)", elsewhere))) == total


def test_every_tile_leads_to_as_many_as_it_says(browser, real):
    page = browser.get("/legislation/?topic=labor")
    for url, said in re.findall(
        r'href="([^"]+)" aria-label="[A-Z]+ \d+, [^:]+: (\d+) measure', page
    ):
        found = browser.get(url.replace("&amp;", "&"))
        assert f"<strong>{said} measure" in found


def test_a_filter_that_does_not_exist_finds_nothing_and_a_place_is_404(browser, real):
    assert "No measure matches" in browser.get("/legislation/?stage=nonsense")
    browser.get("/legislation/?jurisdiction=atlantis", status=404)


def test_nothing_offers_to_narrow_a_list_of_nothing(browser, real):
    assert "Narrow" in browser.get("/legislation/")
    empty = browser.get("/legislation/?q=zzzzz")
    assert "No measure matches" in empty
    assert "Narrow" not in empty


def test_a_bill_says_source_certainty_and_as_of(browser, real):
    measure = db.session.scalars(select(Measure).where(Measure.ref == "B042")).one()
    page = browser.get(f"/legislation/{measure.id}")
    for words in (
        measure.source.split(";")[0],
        "Certainty A",
        "22\N{NO-BREAK SPACE}Nov",
        "Cebu City",
    ):
        assert words in page


def test_the_list_asks_as_much_for_a_thousand_as_for_seventy(browser, real, statements):
    browser.get("/legislation/")
    statements.clear()
    browser.get("/legislation/")
    few = len(statements)
    place = place_by_slug("za")
    facts = {name: getattr(db.session.scalars(select(Measure)).first(), name) for name in FACTS}
    db.session.add_all(
        Measure(
            ref=f"X{n}",
            place=place,
            search_text="x",
            session="2026",
            number_key=f"X{n}",
            **facts | {"number": f"X {n}"},
        )
        for n in range(1000)
    )
    db.session.commit()
    statements.clear()
    assert "1,0" in browser.get("/legislation/")  # the first to ask counts them anew
    assert len(statements) <= 12
    statements.clear()
    browser.get("/legislation/")
    assert len(statements) == few < 9


def test_followers_are_told_once_when_the_stage_changes(browser, real, sent):
    member, measure = make_member(), db.session.scalars(select(Measure)).first()
    follow(member.id, "measure", measure.id)
    officer = browser.sign_in(make_person(Role.POLICY))
    db.session.commit()
    actions.change(measure, {"stage": Stage.LAPSED}, "The session ended", officer)
    db.session.commit()
    sent()
    told = [one for one in sent() if one["To"] == member.email]
    assert len(told) == 1
    assert "lapsed" in told[0]["Subject"]


def test_what_nobody_cares_about_mails_nobody(real, sent):
    member, measure = make_member(), db.session.scalars(select(Measure)).first()
    follow(member.id, "measure", measure.id)
    actions.review(measure)
    actions.change(measure, {"source": "another source"}, "A better source", None)
    db.session.commit()
    assert sent() == []


def test_a_correction_by_a_person_outlives_the_file(real):
    measure = db.session.scalars(select(Measure).where(Measure.ref == "B001")).one()
    actions.change(
        measure, {"status_words": "We asked the clerk."}, "Asked", make_person(Role.POLICY)
    )
    db.session.commit()
    actions.load_measures(CONTENT / "measures.csv")
    assert measure.status_words == "We asked the clerk."


def test_a_member_follows_and_stops(browser, real):
    browser.sign_in(make_member())
    measure = db.session.scalars(select(Measure)).first()
    browser.post(f"/legislation/{measure.id}/follow", page=f"/legislation/{measure.id}")
    assert escape(measure.number) in browser.get("/legislation/?following=1")
    browser.post(f"/legislation/{measure.id}/unfollow", page=f"/legislation/{measure.id}")
    assert "No measure matches" in browser.get("/legislation/?following=1")


SECRET = "We would rather split than oppose"


@pytest.fixture
def noted(real):
    """A measure with a note of a committee, and its writer."""
    writer, measure = make_member(), db.session.scalars(select(Measure)).first()
    committee = Committee(slug="policy", name="Policy committee", remit="Bills")
    save(CommitteeSeat(committee=committee, person=writer, from_on=NOW.date()))
    actions.write_note(measure, committee, writer, SECRET)
    db.session.commit()
    return measure, writer


def test_a_note_is_seen_by_its_committee(browser, noted):
    measure, writer = noted
    browser.sign_in(writer)
    assert SECRET in browser.get(f"/legislation/{measure.id}")


@pytest.mark.parametrize("who", ["visitor", "member", "policy", "admin"])
def test_a_note_is_seen_by_nobody_else(browser, noted, who):
    measure, _writer = noted
    if who != "visitor":
        browser.sign_in(make_member() if who == "member" else make_person(Role(who)))
    assert SECRET not in browser.get(f"/legislation/{measure.id}")
    assert SECRET not in browser.get("/legislation/measures.csv")
    documents = list(queries.documents())
    assert all(SECRET not in one.body for one in documents)
    assert [one.audience for one in queries.note_documents()] == [frozenset({"committee:policy"})]


def test_nobody_writes_for_a_committee_they_do_not_sit_on(browser, noted):
    measure, _writer = noted
    other = make_member()
    second = Committee(slug="library", name="Library committee", remit="Practices")
    save(CommitteeSeat(committee=second, person=other, from_on=NOW.date()))
    browser.sign_in(other)
    policy = db.session.scalars(select(Committee).where(Committee.slug == "policy")).one()
    page, url = f"/legislation/{measure.id}", f"/legislation/{measure.id}/notes/{policy.id}"
    browser.post(url, page=page, status=404, text="x")
    assert db.session.scalar(select(func.count(MeasureNote.id))) == 1


def test_the_export_holds_no_formula(browser, real):
    measure = db.session.scalars(select(Measure)).first()
    measure.title = "=cmd()"
    db.session.commit()
    rows = list(csv.DictReader(io.StringIO(browser.get("/legislation/measures.csv"))))
    assert any(row["title"] == "'=cmd()" for row in rows)


def test_an_officer_adds_a_measure_and_a_number_that_is_taken_is_answered(browser, real):
    browser.sign_in(make_person(Role.POLICY))
    facts = {
        "place": "jm", "number": "Bill 9", "title": "A Test Act", "year": "2026", "topic": "labor",
        "kind": "bill", "stage": "introduced", "stage_rule": "tabled", "status_words": "Tabled.",
        "why_it_matters": "It is a test.", "certainty": "A", "source": "Gazette", "reason": "New",
    }  # fmt: skip
    browser.post("/staff/legislation/new", **facts)
    again = browser.post("/staff/legislation/new", status=200, **facts)
    assert "has a measure of this number and year already" in again.text
    empty = browser.post("/staff/legislation/new", status=200, place="", number="").text
    assert "There is a problem" in empty
