"""When a session ends, its open bills are derived anew: on that day, or when somebody says so."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.core import jobs
from portal.core.access import Role
from portal.core.db import db
from portal.legislation import actions
from portal.legislation.actions.closing import derive_again, ended_with_open_bills
from portal.legislation.actions.sessions import load_sessions, set_end
from portal.legislation.models import BillSession, Measure, MeasureEvent
from portal.notices.actions import follow
from portal.places.models import Place
from tests.legislation import records
from tests.legislation.taking import CONTENT, only, take
from tests.make import make_member, make_person

INTRODUCED = ("2026-02-02T17:00:00+00:00", "lower", "Introduced", "introduction")
SIGNED = ("2026-02-20T17:00:00+00:00", "executive", "Became law", "became-law")
ENDED = date(2026, 3, 11)  # of the budget session of Wyoming


def session(place="us-wy", key="2026"):
    query = select(BillSession).join(Place).where(Place.slug == place, BillSession.key == key)
    return db.session.scalars(query).one()


def told():
    query = select(MeasureEvent.text).where(MeasureEvent.kind == "stage_changed")
    return list(db.session.scalars(query.order_by(MeasureEvent.id)))


def test_the_night_after_its_end_the_open_bills_have_lapsed_and_the_others_not(places, at, sent):
    take("openstates", records.openstates(actions=(INTRODUCED,)),
         records.openstates("HB 13", actions=(INTRODUCED, SIGNED)))  # fmt: skip
    bill = db.session.scalars(select(Measure).where(Measure.number == "HB 12")).one()
    member = make_member()
    follow(member.id, "measure", bill.id)
    db.session.commit()
    at(2026, 3, 10, 12)
    jobs.plan()
    jobs.work()
    assert told() == []
    for day in (13, 14):
        at(2026, 3, day, 12)
        jobs.plan()
        jobs.work()
    assert told() == ["Lapsed: session ended 2026-03-11, last action 2026-02-02"]
    db.session.expire_all()
    assert {one.number: one.stage.value for one in db.session.scalars(select(Measure))} == {
        "HB 12": "lapsed", "HB 13": "enacted",
    }  # fmt: skip
    assert (bill.stage_rule, bill.stage_confidence) == ("session_ended", "inferred_from_calendar")
    news = [one for one in sent() if "HB 12" in one["subject"]]
    assert [one["to"] for one in news] == [member.email]


def test_twice_is_once(places):
    take("openstates", records.openstates(actions=(INTRODUCED,)))
    assert derive_again(session(), ENDED) == 1
    assert derive_again(session(), ENDED) == 0
    assert ended_with_open_bills(ENDED) == []


def test_an_end_that_was_wrong_is_taken_back_with_what_it_made(places):
    take("openstates", records.openstates(actions=(INTRODUCED,)))
    derive_again(session(), ENDED)
    set_end(session(), None, "open", "It was prolonged", carries_over=False)
    assert derive_again(session(), ENDED) == 1
    assert (only().stage, only().stage_rule) == ("introduced", "os.introduced")
    assert len(told()) == 2


def test_bills_go_on_where_the_next_session_takes_them_over(places):
    take("openstates", records.openstates(actions=(INTRODUCED,)))
    set_end(session(), ENDED, "prorogued", "The journal", carries_over=True)
    derive_again(session(), ENDED)
    assert only().stage == "carried_over"


def test_what_a_person_corrected_stays(places):
    take("openstates", records.openstates(actions=(INTRODUCED,)))
    officer = make_person(Role.POLICY)
    actions.change(
        only(), {"stage": type(only().stage)("committee")}, "The clerk said so", officer
    )
    db.session.commit()
    assert derive_again(session(), ENDED) == 0
    assert only().stage == "committee"


def test_a_session_that_a_bill_names_is_known_and_goes_on(places):
    take("openstates", records.openstates(actions=(INTRODUCED,), session="2031"))
    found = session(key="2031")
    assert (found.ends_on, found.end_kind, found.source) == (None, "open", "Open States")
    assert derive_again(found, date(2040, 1, 1)) == 0


def test_bills_that_named_a_session_follow_when_the_list_describes_it(places):
    take("openstates", records.openstates(actions=(INTRODUCED,)))
    known = session()
    known.ends_on, known.end_kind = None, "open"  # as a bill named it
    db.session.commit()
    load_sessions(CONTENT / "sessions.csv")
    db.session.commit()
    jobs.work()
    db.session.expire_all()
    assert only().stage == "lapsed"


def test_the_list_of_the_association_does_not_overwrite_what_staff_set(places):
    set_end(session(), date(2026, 3, 20), "sine_die", "The journal", carries_over=False)
    load_sessions(CONTENT / "sessions.csv")
    assert session().ends_on == date(2026, 3, 20)


@pytest.fixture
def officer(browser, places):
    browser.sign_in(make_person(Role.POLICY))
    return browser


def test_staff_set_an_end_and_the_bills_follow(places, browser, at):
    take("openstates", records.openstates(actions=(INTRODUCED,), session="2031"))
    at(2031, 6, 1, 12)
    browser.sign_in(make_person(Role.POLICY))
    officer = browser
    page = officer.get("/staff/legislation/sessions")
    assert "Session 2031" in page
    assert "No end is known" in page
    address = f"/staff/legislation/sessions/{session(key='2031').id}"
    officer.post(address, end_kind="sine_die", ends_on="2031-05-30", source="House Journal")
    jobs.work()
    db.session.expire_all()
    assert only().stage == "lapsed"
    page = officer.get("/staff/legislation/sessions")
    assert "Ended 30\u00a0May\u00a02031" in page
    assert "House Journal (set here)" in page


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"end_kind": "sine_die", "source": "x"}, "Enter its last day too"),
        ({"end_kind": "open", "ends_on": "2026-05-30", "source": "x"}, "leave the day out"),
        ({"end_kind": "open"}, "Name the source"),
        ({"end_kind": "sine_die", "ends_on": "2026-02-30", "source": "x"}, "Enter a day, like"),
    ],
)
def test_an_end_that_is_none_is_answered_at_its_field(officer, facts, words):
    page = officer.post(
        f"/staff/legislation/sessions/{session().id}", status=200, **{"source": ""} | facts
    )
    assert words in page.text
    assert session().ends_on == ENDED
