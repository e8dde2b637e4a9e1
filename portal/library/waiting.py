"""What waits for the editors, how much and since when; and for a peer who was asked to review."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal.accounts.models import Person
from portal.association.queries import day_of, today
from portal.core.db import db
from portal.core.search import diary
from portal.core.search.index import diary_folder
from portal.library import links, proposals, reviewing
from portal.library.models import (
    Practice,
    PracticeStatus,
    Remark,
    RemarkKind,
    RemarkStatus,
    Reply,
    Review,
    Revision,
)
from portal.library.queries import Waiting, waiting_for_editors

GAPS = timedelta(days=7)
S, K = PracticeStatus, RemarkKind


@dataclass(frozen=True)
class Task:
    """`since` is the day of the oldest; `promise` what people were told about it."""

    name: str
    endpoint: str
    count: int
    since: date | None
    promise: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)

    @property
    def days(self) -> int | None:
        return (today() - self.since).days if self.since and self.count else None


def tasks() -> list[Task]:
    """In the order of the way that a practice takes, then what readers say."""
    return [*_coming(), *_said()]


def reviews_for(person: Person) -> list[Review]:
    """Those whose present version the peer has said nothing of."""
    found = reviewing.asked(person)
    return [one for one in found if person.id not in reviewing.verdicts(one.practice)]


def _coming() -> Iterator[Task]:
    within, moves = "First answer within 5 working days", _by_status()
    yield _task("Proposals of members", ".proposed", proposals.waiting(), within)
    for status, name, promise in (
        (S.IN_REVIEW, "Practices in review", within),
        (S.LEGAL_REVIEW, "Practices in legal review", ""),
        (S.RIGHT_OF_REPLY, "Replies of counterparties", _replies_due()),
        (S.APPROVED, "Approved, to be published", ""),
    ):
        found = moves.get(status, (0, None))
        yield _task(name, ".index", found, promise, status=status.value)
    yield _task(
        "Practices to read again", ".due_for_review", waiting_for_editors(today())[1],
        "Within 30 days",
    )  # fmt: skip
    yield _task("Broken links", ".links", _broken(), "")


def _broken() -> Waiting:
    found = links.broken().order_by(None).options().subquery()
    facts = select(func.count(), func.min(found.c.broken_since)).select_from(found)
    count, since = db.session.execute(facts).one()
    return count, since


def _said() -> Iterator[Task]:
    said, within = _remarks(), "Answered within 5 working days"
    for kind, name in (
        (K.ERROR, "Reported errors"), (K.PITCH, "Reported pitches"), (K.QUESTION, "Questions"),
    ):  # fmt: skip
        yield _task(name, ".remarks_made", said.get(kind, (0, None)), within, kind=kind.value)
    missed = [one for one in diary.asked(diary_folder(), today() - GAPS) if not one.hits]
    yield Task("Looked for and not found", "home_staff.asked", len(missed), None, "In 7 days")


def _task(name: str, endpoint: str, found: Waiting, promise: str, **args: Any) -> Task:
    count, since = found
    day = day_of(since) if isinstance(since, datetime) else since
    return Task(name, endpoint, count, day, promise, args)


def _by_status() -> dict[PracticeStatus, Waiting]:
    """How many stand at each step, and since when the oldest was last written."""
    last = (Revision.practice_id == Practice.id) & (Revision.version == Practice.version)
    query = select(Practice.status, func.count(), func.min(Revision.made_at)).join(Revision, last)
    rows = db.session.execute(query.group_by(Practice.status)).all()
    return {status: (count, since) for status, count, since in rows}


def _replies_due() -> str:
    """Until when the first of those that are waited for may answer, in words."""
    query = select(func.min(Reply.due_on)).join(Reply.practice)
    query = query.where(Practice.status == S.RIGHT_OF_REPLY, Reply.closed_at.is_(None))
    due = db.session.scalar(query)
    return f"The first may answer until {due.day} {due:%b %Y}" if due else ""


def _remarks() -> dict[RemarkKind, Waiting]:
    query = select(Remark.kind, func.count(), func.min(Remark.made_at)).group_by(Remark.kind)
    rows = db.session.execute(query.where(Remark.status == RemarkStatus.OPEN)).all()
    return {kind: (count, since) for kind, count, since in rows}
