"""What followers are told whichever source said it, and what an import leaves to others."""

from datetime import date

from sqlalchemy import select, text

from portal.core.db import db
from portal.legislation import actions
from portal.legislation.actions.importing import begin, rehearse, take_in
from portal.legislation.models import ImportRun, Measure, MeasureEvent
from portal.notices.actions import follow
from tests.legislation import records
from tests.legislation.taking import AS_OF, CONTENT, only, take
from tests.make import make_member

INTRODUCED = ("2026-02-02", "lower", "Introduced", "introduction")
REFERRED = ("2026-02-03", "lower", "Referred to the Committee on Labor")


def told(kind):
    query = select(MeasureEvent.text).where(MeasureEvent.kind == kind, MeasureEvent.is_news)
    return list(db.session.scalars(query.order_by(MeasureEvent.id)))


def test_a_source_that_counts_first_and_arrives_second_tells_of_the_stage_it_brings(places, sent):
    take("legiscan", records.legiscan("HB 9"))
    measure = only()
    assert measure.stage == "introduced"
    follow(make_member().id, "measure", measure.id)
    db.session.commit()
    take("openstates", records.openstates(
        "HB 9", place="us/state:ga", session="2025 Regular Session",
        actions=(INTRODUCED, REFERRED),
    ))  # fmt: skip
    assert (only().stage, told("stage_changed")) == ("committee", ["In committee"])
    assert len(sent()) == 1


def test_a_source_that_counts_less_and_arrives_second_tells_nobody(places):
    take("openstates", records.openstates(
        "HB 9", place="us/state:ga", session="2025 Regular Session",
        actions=(INTRODUCED, REFERRED),
    ))  # fmt: skip
    take("legiscan", records.legiscan("HB 9"))
    assert (only().stage, told("stage_changed")) == ("committee", [])


def test_a_vote_in_the_first_run_of_a_source_is_told_to_who_followed_before(places, sent):
    actions.load_measures(CONTENT / "measures.csv")
    measure = db.session.scalars(select(Measure).filter_by(ref="B001")).one()
    follow(make_member().id, "measure", measure.id)
    db.session.commit()
    take("openstates",
         records.openstates("S. 2495", place="us", session="119", actions=(INTRODUCED,)),
         records.openstates_vote("S 2495", session="119"))  # fmt: skip
    assert told("vote_added") == ["Third reading 2-1: passed"]
    (mail,) = sent()
    assert "Third reading 2-1: passed" in mail.get_body(("plain",)).get_content()


def test_a_vote_on_a_bill_that_somebody_follows_while_its_first_run_goes_on_is_told(places):
    def files():
        yield "1.json", records.as_bytes(records.openstates(actions=(INTRODUCED,)))
        yield "2.json", records.as_bytes(records.openstates_vote())

    def quick_reader(done):
        if done == 1:
            follow(make_member().id, "measure", only().id)
            db.session.commit()

    take_in(begin("openstates", "by hand"), files(), AS_OF, quick_reader)
    assert told("vote_added") == ["Third reading 2-1: passed"]


def test_a_first_run_is_no_news_to_anybody_else(places):
    take("openstates", records.openstates(actions=(INTRODUCED,)), records.openstates_vote())
    assert told("vote_added") == []


def write_elsewhere():
    """At once, over another connection: it waits for nobody."""
    with db.engine.connect() as other:
        if db.engine.dialect.name == "sqlite":
            other.exec_driver_sql("PRAGMA busy_timeout = 0")
        other.execute(text("UPDATE import_runs SET path = path || '.'"))
        other.commit()
        if db.engine.dialect.name == "sqlite":
            other.exec_driver_sql("PRAGMA busy_timeout = 20000")


def test_whoever_writes_beside_an_import_waits_neither_for_its_reading_nor_for_its_next_bill(
    places,
):
    done = []

    def files():
        for n in range(1, 4):
            write_elsewhere()
            yield f"{n}.json", records.as_bytes(records.openstates(f"HB {n}"))
        write_elsewhere()

    def progress(count):
        write_elsewhere()
        done.append(count)

    run = take_in(begin("openstates", "p"), files(), AS_OF, progress)
    assert (done, run.counts["created"]) == ([1, 2, 3], 3)
    assert db.session.scalars(select(ImportRun.path)).one() == "p" + 7 * "."


def test_a_rehearsal_counts_as_the_import_would_and_writes_nothing(places):
    first = records.as_bytes(records.openstates())
    at = {"logs_latest_update": "2026-02-09T00:00:00Z"}
    later = records.as_bytes(records.openstates(actions=(INTRODUCED,), _processing=at))
    files = [("1.json", first), ("2.json", later), ("3.json", later), ("4.json", b"{")]
    counts, problems = rehearse("openstates", files)
    assert (counts["created"], counts["changed"], counts["unchanged"]) == (1, 1, 1)
    assert [one.partition(":")[0] for one in problems] == ["4.json"]
    assert db.session.scalar(select(Measure.id)) is None
    run = take_in(begin("openstates", "p"), files, date(2026, 3, 1))
    assert run.counts == counts
