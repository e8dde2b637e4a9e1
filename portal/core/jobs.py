"""Work for later: one row for each piece of it, under a key that says what it is.

The rows are the truth. huey only wakes the worker: a nudge that is lost costs seconds, never work.
"""

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar, cast

from flask import Flask
from huey import SqliteHuey, crontab
from sqlalchemy import JSON, CursorResult, bindparam, delete, event, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Key, Model, UtcDateTime, db

Handler = TypeVar("Handler", bound=Callable[..., None])

HANDLERS: dict[str, Callable[..., None]] = {}
SCHEDULE: dict[str, timedelta] = {}
LEASE = timedelta(minutes=5)
KEPT = timedelta(days=30)
log = logging.getLogger(__name__)
# One statement: whoever queues the same at this very moment waits, and then it is queued already.
QUEUE = text(
    'INSERT INTO jobs ("key", handler, arguments, due_at, attempts, progress) '
    "VALUES (:key, :handler, :arguments, :due_at, 0, 0) "
    'ON CONFLICT ("key") DO NOTHING'
).bindparams(bindparam("arguments", type_=JSON()), bindparam("due_at", type_=UtcDateTime()))


class Job(Model):
    __tablename__ = "jobs"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True)  # the same work is never queued twice
    handler: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    due_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    error: Mapped[str | None]
    progress: Mapped[int] = mapped_column(default=0)
    progress_of: Mapped[int | None]


def job(handler: Handler) -> Handler:
    """Mark a function as a job: idempotent, and safe to be run again after a crash."""
    HANDLERS[f"{handler.__module__}.{handler.__name__}"] = handler
    return handler


def every(interval: timedelta) -> Callable[[Handler], Handler]:
    """Mark a job that runs once in each `interval`, counted from the epoch, whoever plans it."""

    def mark(handler: Handler) -> Handler:
        SCHEDULE[f"{handler.__module__}.{handler.__name__}"] = interval
        return job(handler)

    return mark


def queue(
    handler: Callable[..., None] | str,
    key: str,
    due_at: datetime | None = None,
    **arguments: object,
) -> None:
    """Queue work once, in the caller's transaction, whoever else queues a twin.

    `handler` is the job, or its name where an action must not import what is above it.
    `arguments` must be plain JSON values.
    """
    name = handler if isinstance(handler, str) else f"{handler.__module__}.{handler.__name__}"
    _queue(name, key, due_at, arguments)


def queue_many(handler: Callable[..., None], arguments: dict[str, dict[str, Any]]) -> None:
    """As `queue`, in one statement; the arguments of each by its key."""
    name, now = f"{handler.__module__}.{handler.__name__}", clock.now()
    rows = [
        {"key": key, "handler": name, "arguments": told, "due_at": now}
        for key, told in arguments.items()
    ]
    db.session.execute(QUEUE, rows)


def wake_workers() -> None:
    """They look for work when the caller's transaction is over."""
    db.session.info["nudge"] = True


def _queue(name: str, key: str, due_at: datetime | None, arguments: dict[str, Any]) -> None:
    facts = {"key": key, "handler": name, "arguments": arguments, "due_at": due_at or clock.now()}
    queued = cast("CursorResult[Any]", db.session.execute(QUEUE, facts))
    if queued.rowcount == 1:
        db.session.info["nudge"] = True


def turn_key(name: str) -> str:
    """Under which the present turn of a planned job is queued: for `note_progress`."""
    return f"{name}:{int(clock.now().timestamp() // SCHEDULE[name].total_seconds())}"


def plan() -> None:
    """Queue what the schedule says is due now. Commits."""
    for name in SCHEDULE:
        _queue(name, turn_key(name), None, {})
    db.session.info.pop("nudge", None)
    db.session.commit()


def lease() -> Job | None:
    """The next due job, taken in one statement: two workers never hold the same row."""
    now = clock.now()
    free = or_(Job.leased_until.is_(None), Job.leased_until < now)
    due = select(Job.id).where(Job.done_at.is_(None), Job.due_at <= now, free)
    next_id = due.order_by(Job.due_at, Job.id).limit(1).with_for_update(skip_locked=True)
    taken = update(Job).where(Job.id == next_id.scalar_subquery(), free).returning(Job)
    values = {"leased_until": now + LEASE, "attempts": Job.attempts + 1}
    options = {"synchronize_session": False, "populate_existing": True}
    found = db.session.scalar(taken.values(values), execution_options=options)
    db.session.commit()
    return found


def run_next() -> bool:
    """Run one due job; its work and its `done_at` commit together. False when nothing is due."""
    held = lease()
    if held is None:
        return False
    job_id, attempt, name, arguments = held.id, held.attempts, held.handler, held.arguments
    mine = update(Job).where(Job.id == job_id, Job.attempts == attempt, Job.done_at.is_(None))
    try:
        HANDLERS[name](**arguments)
        done = db.session.execute(mine.values(done_at=clock.now(), error=None))
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise LeaseLost(name)
        db.session.commit()
    except Exception as error:
        db.session.rollback()
        log.warning("job %s %s failed, attempt %s: %r", job_id, name, attempt, error)
        again = clock.now() + wait_after(attempt)
        db.session.execute(mine.values(error=repr(error)[:500], due_at=again, leased_until=None))
        db.session.commit()
    return True


class LeaseLost(Exception):
    """Another worker took the job over while this one was slow: nothing of ours is kept."""


def wait_after(attempt: int) -> timedelta:
    """10 s, 20 s, 40 s … up to six hours, with a little chance so that failures spread out."""
    seconds = min(10 * 2 ** (attempt - 1), 6 * 3600)
    return timedelta(seconds=seconds * random.uniform(1.0, 1.2))  # noqa: S311


def work() -> int:
    """Plan, then run all that is due; the number of jobs run. Safe twice at once."""
    plan()
    ran = 0
    while run_next():
        ran += 1
    return ran


def note_progress(key: str, done: int, of: int | None = None) -> None:
    """Say how far a long job is, and keep its lease. Commits, so that everybody can see it."""
    values = {"progress": done, "progress_of": of, "leased_until": clock.now() + LEASE}
    db.session.execute(update(Job).where(Job.key == key).values(values))
    if db.session.info.pop("nudge_later", False):
        db.session.info["nudge"] = True
    db.session.commit()


def commit_item() -> None:
    """Commit one of the many things of a long job; its next note of progress wakes the workers."""
    info = db.session.info
    info["nudge_later"] = info.pop("nudge", False) or info.get("nudge_later", False)
    db.session.commit()


def run_again(waiting: Job) -> None:
    """Have a job that failed run now instead of later."""
    waiting.due_at, waiting.leased_until = clock.now(), None
    db.session.info["nudge"] = True


def overdue(by: timedelta = timedelta(minutes=10)) -> int:
    """How many jobs should have been run by now: the health page asks."""
    late = select(Job.id).where(Job.done_at.is_(None), Job.due_at < clock.now() - by)
    return len(db.session.scalars(late.limit(1000)).all())


@every(timedelta(days=1))
def forget_old_jobs() -> None:
    db.session.execute(delete(Job).where(Job.done_at < clock.now() - KEPT))


def _nudge_if_asked(huey: SqliteHuey, wake: Callable[[], object], session: Session) -> None:
    if session.info.pop("nudge", False):
        try:
            wake()
        except Exception:
            log.warning("the worker could not be woken", exc_info=True)


def make_engine(app: Flask, settings: Settings) -> SqliteHuey:
    """huey on this machine's own SQLite file; its one task runs what our rows say is due."""
    for folder in (settings.data, settings.jobs_file.parent):
        folder.mkdir(parents=True, exist_ok=True)
    huey = SqliteHuey("portal", filename=str(settings.jobs_file), results=False)

    @huey.task()
    def wake() -> None:
        with app.app_context():
            work()

    @huey.periodic_task(crontab())
    def look_every_minute() -> None:
        with app.app_context():
            work()

    app.extensions["wake"] = wake
    return huey


def init_app(app: Flask, settings: Settings) -> None:
    huey = app.extensions["huey"] = make_engine(app, settings)
    with app.app_context():
        listener = partial(_nudge_if_asked, huey, app.extensions["wake"])
        event.listen(db.sessionmaker, "after_commit", listener)
