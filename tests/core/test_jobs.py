"""Jobs: once under a key, leased to one worker, tried again later, planned by facts."""

from datetime import timedelta

from sqlalchemy import select, update

from portal.core import clock, jobs
from portal.core.db import db
from portal.core.jobs import Job

DONE = []


@jobs.job
def note(word):
    DONE.append(word)


@jobs.job
def stumble(word):
    raise RuntimeError(word)


def queue(handler, key, **arguments):
    jobs.queue(handler, key=key, **arguments)
    db.session.commit()


def test_a_job_runs_once_however_often_it_is_queued():
    DONE.clear()
    for _ in range(3):
        queue(note, "once", word="a")
    jobs.work()
    jobs.work()
    assert DONE == ["a"]


def test_a_job_of_a_transaction_that_failed_was_never_queued():
    jobs.queue(note, key="undone", word="b")
    db.session.rollback()
    assert db.session.scalar(select(Job).where(Job.key == "undone")) is None


def test_a_failure_is_noted_and_tried_again_later_each_time():
    queue(stumble, "fails", word="c")
    waits = []
    for _ in range(3):
        while jobs.run_next():
            pass
        found = db.session.scalars(select(Job).where(Job.key == "fails")).one()
        waits.append(found.due_at - clock.now())
        assert "RuntimeError" in found.error
        db.session.execute(update(Job).values(due_at=clock.now()))
        db.session.commit()
    assert waits[0] < waits[1] < waits[2]


def test_a_leased_job_is_nobody_else_s_until_the_lease_is_over(at):
    queue(note, "leased", word="d")
    assert jobs.lease().key == "leased"
    assert jobs.lease() is None
    later = clock.now() + timedelta(minutes=6)
    at(later.year, later.month, later.day, later.hour, later.minute)
    assert jobs.lease().attempts == 2


def test_a_worker_that_lost_its_lease_writes_nothing():
    queue(steal, "stolen")
    jobs.run_next()
    found = db.session.scalars(select(Job).where(Job.key == "stolen")).one()
    assert found.done_at is None


@jobs.job
def steal():
    """Another worker takes the job over while this one is still at it."""
    db.session.execute(update(Job).where(Job.key == "stolen").values(attempts=Job.attempts + 1))


def test_the_schedule_queues_each_interval_once():
    before = len(db.session.scalars(select(Job)).all())
    jobs.plan()
    jobs.plan()
    planned = len(db.session.scalars(select(Job)).all()) - before
    assert planned == len(jobs.SCHEDULE)


def test_progress_can_be_seen_while_the_job_runs():
    queue(note, "long", word="e")
    jobs.note_progress("long", 34, 60)
    found = db.session.scalars(select(Job).where(Job.key == "long")).one()
    assert (found.progress, found.progress_of) == (34, 60)
