"""Votes that come as files of their own: whose they are, and on which day they were taken."""

from datetime import date

from sqlalchemy import select

from portal.core.db import db
from portal.legislation import imported
from portal.legislation.models import BillRecord, MeasureEvent
from tests.legislation import records
from tests.legislation.taking import only, take

INTRODUCED = ("2026-02-02T17:00:00+00:00", "lower", "Introduced", "introduction")
LATE = "2026-02-12T03:30:00+00:00"  # in Wyoming it is still the evening before


def test_a_vote_waits_for_its_bill_and_names_are_joined(places):
    take("openstates", records.openstates_vote())
    assert db.session.scalars(select(BillRecord)).one().measure_id is None
    take("openstates", records.openstates(actions=(INTRODUCED,)))
    (vote,) = imported.of(only()).votes
    assert vote.voters == (("Brown, G", "yes"), ("Ide", "yes"), ("Yin", "no"))
    assert not vote.is_mismatched
    assert "vote_added" in db.session.scalars(select(MeasureEvent.kind)).all()


def test_a_vote_on_a_number_that_two_places_have_is_not_guessed(places):
    take("openstates", records.openstates(actions=(INTRODUCED,)),
         records.openstates(actions=(INTRODUCED,), place="us/state:co"))  # fmt: skip
    take("openstates", records.openstates_vote())
    vote = select(BillRecord).where(BillRecord.kind == "vote")
    assert db.session.scalars(vote).one().measure_id is None


def test_a_vote_is_of_the_day_that_it_was_where_it_was_taken(browser, places):
    in_the_bill = {"id": "v1", "motion_text": "Second reading", "start_date": LATE}
    version = {"note": "Engrossed", "date": LATE, "links": [{"url": "https://wyoleg.example/1"}]}
    take("openstates", records.openstates(
        actions=(INTRODUCED,), votes=[in_the_bill], versions=[version]
    ))  # fmt: skip
    take("openstates", records.openstates_vote(start_date=LATE))
    page = browser.get(f"/legislation/{only().id}").replace("\N{NO-BREAK SPACE}", " ")
    assert page.count('<td data-l="Day">11 Feb 2026</td>') == 2
    assert 'Engrossed</a> <span class="meta">11 Feb 2026</span>' in page
    assert "T03:30" not in page
    told = select(MeasureEvent.on).where(MeasureEvent.kind == "vote_added")
    assert db.session.scalars(told).all() == [date(2026, 2, 11)]


def test_of_votes_on_one_day_the_latest_stands_first(places):
    take("openstates", records.openstates(actions=(INTRODUCED,)))
    for hour, motion in (("19", "Third reading"), ("17", "Second reading"), ("21", "Concurrence")):
        at = f"2026-02-11T{hour}:00:00+00:00"
        take("openstates", records.openstates_vote(motion_text=motion, start_date=at))
    found = [(one.motion, one.on) for one in imported.of(only()).votes]
    day = "2026-02-11"
    assert found == [("Concurrence", day), ("Third reading", day), ("Second reading", day)]
