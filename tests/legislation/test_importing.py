"""Taking bills in: twice is once, any order ends in the same state, news is told once."""

import json
import zlib
from datetime import date

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.core.access import Role
from portal.core.db import db
from portal.legislation import actions, exports, imported
from portal.legislation.models import (
    BillRecord,
    BillRelation,
    BillRevision,
    ImportRun,
    Measure,
    MeasureEvent,
)
from portal.notices.actions import follow
from tests import tables
from tests.legislation import records
from tests.legislation.taking import AS_OF, CONTENT, only, places_again, take
from tests.make import make_member, make_person

INTRODUCED = ("2026-02-02T17:00:00+00:00", "lower", "Introduced", "introduction")
REFERRED = ("2026-02-03T17:00:00+00:00", "lower", "Referred to the Committee on Labor")
PASSED = ("2026-02-05T17:00:00+00:00", "lower", "Passed House", "passage")


def touched(at, **facts):
    return {"_processing": {"logs_latest_update": at}} | facts


def kinds(news=None):
    query = select(MeasureEvent.kind).order_by(MeasureEvent.id)
    if news is not None:
        query = query.where(MeasureEvent.is_news.is_(news))
    return list(db.session.scalars(query))


def test_a_bill_is_taken_in_with_its_stage_and_why(places):
    run = take("openstates", records.openstates(actions=(INTRODUCED, REFERRED)))
    measure = only()
    assert (measure.number, measure.session, measure.number_key) == ("HB 12", "2026", "HB12")
    assert (measure.place.slug, measure.stage, measure.stage_rule) == (
        "us-wy", "committee", "os.committee",
    )  # fmt: skip
    assert (measure.introduced_on, measure.status_on) == (date(2026, 2, 2), date(2026, 2, 3))
    assert measure.stage_evidence == "2026-02-03: Referred to the Committee on Labor"
    assert run.counts == {
        "created": 1, "changed": 0, "unchanged": 0, "older": 0, "unused": 0, "failed": 0,
    }  # fmt: skip
    assert kinds() == ["created"]


def test_twice_changes_nothing_and_alerts_nobody(places):
    record = records.openstates(actions=(INTRODUCED, REFERRED))
    take("openstates", record)
    db.session.rollback()
    before = tables.keep()
    run = take("openstates", record | touched("2026-02-20T00:00:00Z"))
    assert run.counts["unchanged"] == 1
    db.session.rollback()
    after = tables.keep()
    moving = {"import_runs", "audit_events", "audit_head", "jobs", "bill_records"}
    assert {name for name in before if before[name] != after.get(name)} <= moving
    assert kinds() == ["created"]


def test_a_revision_tells_followers_once_and_only_of_what_happened(places, sent, at):
    at(2026, 3, 1, 12)  # in the session
    take("openstates", records.openstates(actions=(INTRODUCED, REFERRED)))
    member, measure = make_member(), only()
    follow(member.id, "measure", measure.id)
    db.session.commit()
    later = records.openstates(
        actions=(INTRODUCED, REFERRED, PASSED), **touched("2026-02-06T00:00:00Z")
    )
    take("openstates", later)
    take("openstates", later | touched("2026-02-07T00:00:00Z"))
    assert kinds(news=True) == ["stage_changed"]
    assert "action_added" in kinds(news=False)
    (mail,) = sent()
    assert "HB 12" in mail["subject"]
    assert "Passed first chamber" in mail.get_body(("plain",)).get_content()
    assert len(sent()) == 1


def test_an_older_copy_is_history_and_moves_nothing_back(places):
    new = records.openstates(actions=(INTRODUCED, PASSED), **touched("2026-02-06T00:00:00Z"))
    take("openstates", new)
    run = take("openstates", records.openstates(actions=(INTRODUCED,)))
    assert run.counts["older"] == 1
    assert only().stage == "passed_first"
    assert db.session.scalar(select(func.count(BillRevision.id))) == 1


STREAM = [
    records.openstates(actions=(INTRODUCED,), **touched("2026-02-02T20:00:00Z")),
    records.openstates(actions=(INTRODUCED, REFERRED), **touched("2026-02-03T20:00:00Z")),
    records.openstates(
        actions=(INTRODUCED, REFERRED), **touched("2026-02-04T20:00:00Z", title="Quiet hours")
    ),
    records.openstates(
        actions=(INTRODUCED, REFERRED, PASSED),
        **touched("2026-02-05T20:00:00Z", title="Quiet hours"),
    ),
    records.openstates_vote(),
    records.openstates(
        "SF 3", actions=(INTRODUCED,),
        related_bills=[{"identifier": "HB 12", "legislative_session": "2026",
                        "relation_type": "companion"}],
    ),
]  # fmt: skip


def state():
    """All that readers see, without ids and times of ours."""
    db.session.expire_all()
    found = {}
    for one in db.session.scalars(select(Measure).order_by(Measure.number)):
        whole = imported.of(one)
        names = [(row.words, row.identifier, row.measure and row.measure.number)
                 for row in whole.related]  # fmt: skip
        found[one.number] = (
            one.title, one.stage, one.stage_rule, one.status_on, whole.bill, whole.votes, names,
        )  # fmt: skip
    return found


@given(order=st.permutations(range(len(STREAM))))
@hypothesis_settings(max_examples=20, deadline=None)
def test_any_order_ends_in_the_same_state(app, order):
    with app.app_context():
        places_again()
        for one in STREAM:
            take("openstates", one)
        expected = state()
        places_again()
        for number in order:
            take("openstates", STREAM[number])
        assert state() == expected
        assert expected["HB 12"][1] == "passed_first"
        assert [row[1] for row in expected["SF 3"][6]] == ["HB 12"]
        db.session.rollback()


def test_the_same_number_in_two_states_is_two_bills(places):
    take("openstates", records.openstates(), records.openstates(place="us/state:co"))
    assert db.session.scalar(select(func.count(Measure.id))) == 2


def test_companions_are_joined_whichever_came_first(places):
    named = [{"identifier": "SF 3", "legislative_session": "2026", "relation_type": "companion"}]
    take("openstates", records.openstates(related_bills=named))
    assert db.session.scalars(select(BillRelation)).one().other_id is None
    take("openstates", records.openstates("SF0003"))
    assert db.session.scalars(select(BillRelation)).one().other.number == "SF0003"
    other = db.session.scalars(select(Measure).where(Measure.number == "SF0003")).one()
    assert [(one.words, one.identifier) for one in imported.related(other)] == [
        ("Companion", "HB 12")
    ]


def test_two_sources_for_one_bill_are_one_bill_and_never_flip(places):
    take("congress", records.congress())
    assert only().stage == "lapsed"  # the 116th Congress is over
    take("congress", records.billstatus())
    measure = only()
    assert (measure.title, measure.stage_rule) == (
        "To require that agents say where they are.", "session_ended",
    )  # fmt: skip
    assert [one.name for one in imported.of(measure).others] == ["congress"]
    assert measure.stage_confidence == "inferred_from_calendar"


def test_what_cannot_be_read_is_listed_and_the_rest_goes_on(places):
    half = records.as_bytes(records.openstates())[:80]
    nowhere = records.openstates(place="zz")
    number = records.openstates(**touched("2026-02-09T00:00:00Z", title=3))
    run = take("openstates", half, records.openstates(), nowhere, b"\xff\xfe", number)
    assert (run.counts["created"], run.counts["failed"], run.counts["changed"]) == (1, 3, 1)
    words = {one.message.split(":")[0] for one in run.problems}
    assert words == {
        "The file is not whole JSON", "No place here has the code ocd-division/country",
    }  # fmt: skip
    assert only().title == "3"


def test_a_correction_outlives_the_next_import_and_retires_when_the_source_agrees(places):
    take("openstates", records.openstates(actions=(INTRODUCED,)))
    measure, officer = only(), make_person(Role.POLICY)
    actions.change(measure, {"title": "Quiet hours at night"}, "The clerk wrote", officer)
    db.session.commit()
    take("openstates", records.openstates(
        actions=(INTRODUCED, REFERRED), **touched("2026-02-04T00:00:00Z")
    ))  # fmt: skip
    assert (measure.title, measure.stage) == ("Quiet hours at night", "committee")
    assert measure.corrections["title"]["was"] == "Quiet hours for agents"
    take("openstates", records.openstates(
        actions=(INTRODUCED, REFERRED),
        **touched("2026-02-05T00:00:00Z", title="Quiet hours at night"),
    ))  # fmt: skip
    assert measure.corrections == {}


def test_our_own_file_adds_why_it_matters_to_a_bill_that_came_by_import(places):
    take(
        "openstates",
        records.openstates("S 2495", place="us", session="119", actions=(INTRODUCED,)),
    )
    measure = only()
    actions.load_measures(CONTENT / "measures.csv")
    db.session.commit()
    assert measure.why_it_matters.startswith("Firms with 50 or more call-centre staff")
    assert (measure.topic, measure.stage_rule) == ("labor", "os.introduced")
    assert db.session.scalar(select(func.count(Measure.id))) == 76


def test_an_import_takes_over_a_measure_that_people_wrote_down(places):
    actions.load_measures(CONTENT / "measures.csv")
    db.session.commit()
    run = take("openstates", records.openstates(
        "S. 2495", place="us", session="119", actions=(INTRODUCED, REFERRED)
    ))  # fmt: skip
    assert run.counts["created"] == 1
    assert db.session.scalar(select(func.count(Measure.id))) == 76
    measure = db.session.scalars(select(Measure).where(Measure.ref == "B001")).one()
    assert (measure.stage_rule, bool(measure.why_it_matters)) == ("os.committee", True)


def test_records_are_kept_as_they_came(places):
    record = records.openstates(extras={"something": "that we do not read"})
    take("openstates", record)
    kept = db.session.scalars(select(BillRecord)).one()
    assert json.loads(zlib.decompress(kept.raw)) == record


def test_a_line_of_the_export(places):
    take("openstates", records.openstates(
        actions=(INTRODUCED, REFERRED),
        sponsorships=[{"name": "Ana Doe", "primary": True, "entity_type": "person"},
                      {"name": "Ben Roe", "primary": False, "entity_type": "person"}],
        versions=[{"note": "Introduced", "date": "2026-02-02", "links": []}],
        other_titles=[{"title": "An act about quiet hours"}],
    ), records.openstates_vote())  # fmt: skip
    (line,) = exports.lines(AS_OF)
    assert line == {
        "jurisdiction": "us-wy", "session": "2026", "identifier": "HB 12",
        "title": "Quiet hours for agents",
        "titles": ["Quiet hours for agents", "An act about quiet hours"], "stage": "committee",
        "rule": "os.committee", "source_status": "", "introduced_on": "2026-02-02",
        "latest_action_on": "2026-02-03", "actions": 2, "sponsors": 2, "cosponsors": 1,
        "versions": 1, "votes": 1, "related": [], "source": "openstates", "flags": [],
    }  # fmt: skip
    (later,) = exports.lines(date(2026, 3, 11))
    assert (later["stage"], later["rule"]) == ("lapsed", "session_ended")


def test_the_page_of_a_bill_shows_what_its_source_says(browser, places):
    take("openstates", records.openstates(
        actions=(INTRODUCED, REFERRED),
        abstracts=[{"abstract": "Agents may rest."}],
        sponsorships=[{"name": "Ana <b>Doe</b>", "primary": True, "entity_type": "person"}],
        versions=[{"note": "Introduced", "date": "2026-02",
                   "links": [{"url": "javascript:alert(1)"}]}],
        sources=[{"url": "https://wyoleg.example/HB12"}],
    ), records.openstates_vote())  # fmt: skip
    page = browser.get(f"/legislation/{only().id}")
    for words in ("Agents may rest.", "Referred to the Committee on Labor", "Rule os.committee",
                  "Ana &lt;b&gt;Doe", "Third reading 2-1", "public domain", "not sorted yet",
                  'href="https://wyoleg.example/HB12"'):  # fmt: skip
        assert words in page
    assert "javascript:" not in page
    assert "HB 12" in browser.get("/legislation/?jurisdiction=us-wy")


def test_staff_see_every_import_and_what_could_not_be_read(browser, places):
    take("openstates", records.openstates(), b"{half <script>")
    browser.sign_in(make_person(Role.POLICY))
    db.session.commit()
    page = browser.get("/staff/legislation/imports")
    assert "by hand" in page
    run = db.session.scalars(select(ImportRun)).one()
    page = browser.get(f"/staff/legislation/imports/{run.id}")
    assert "The file is not whole JSON" in page
    assert "{half &lt;script&gt;" in page
    browser.get("/staff/legislation/imports/999", status=404)
