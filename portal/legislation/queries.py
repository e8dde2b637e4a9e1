"""Questions about measures: lists with filters, counts for maps, notes that only some may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import joinedload

from portal.association.queries import day_of, today
from portal.committees.queries import committees_of
from portal.core.access import Person
from portal.core.db import db
from portal.core.search import Document
from portal.legislation.models import (
    BillSession,
    ImportProblem,
    ImportRun,
    Measure,
    MeasureEvent,
    MeasureName,
    MeasureNote,
    MeasureReview,
)
from portal.legislation.stages import ENDED, LAW, TOPICS, Stage
from portal.notices.queries import followed_ids
from portal.places.actions import folded
from portal.places.models import Level, Place
from portal.places.queries import is_inside

STALE_DAYS = 30


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; a word that is not known narrows it to nothing."""

    text: str = ""
    place: Place | None = None
    level: str = ""
    topic: str = ""
    stage: str = ""
    sponsor: str = ""
    committee: str = ""
    followed_by: int | None = None
    since: datetime | None = None  # with news after it
    unreviewed_by: tuple[int, ...] = ()  # committees that have not gone through its news

    def without(self, name: str) -> "Filters":
        changes: dict[str, Any] = {name: None if name in {"place", "followed_by"} else ""}
        return replace(self, **changes)


def measures(filters: Filters) -> Select[Measure]:
    """Those with a date ahead first, soonest first; then the latest news."""
    query = select(Measure).join(Measure.place)
    if filters.place:
        query = query.where(is_inside(filters.place))
    equal = (
        (filters.level, Place.level == _or_none(Level, filters.level)),
        (filters.topic, Measure.topic == filters.topic),
        (filters.stage, Measure.stage == _or_none(Stage, filters.stage)),
    )
    query = _of_readers(query.where(*(holds for asked, holds in equal if asked)), filters)
    for kind, name in (("sponsor", filters.sponsor), ("committee", filters.committee)):
        query = query.where(_named(kind, name)) if name else query
    for word in folded(filters.text).split()[:8]:
        query = query.where(Measure.search_text.contains(word, autoescape=True))
    return query


def _of_readers(query: Select[Measure], filters: Filters) -> Select[Measure]:
    """Narrowed by what one reader follows, has read, has gone through."""
    if filters.since:
        query = query.where(_news(MeasureEvent.noted_at > filters.since))
    if filters.unreviewed_by:
        query = query.where(_unreviewed(filters.unreviewed_by))
    if filters.followed_by is not None:
        query = query.where(Measure.id.in_(followed_ids(filters.followed_by, "measure")))
    return query


def _named(kind: str, name: str) -> ColumnElement[bool]:
    mine = MeasureName.measure_id == Measure.id
    return exists().where(mine, MeasureName.kind == kind, MeasureName.name == name)


def _news(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(MeasureEvent.measure_id == Measure.id, MeasureEvent.is_news, which)


def _unreviewed(committee_ids: tuple[int, ...]) -> ColumnElement[bool]:
    """One of them never went through it, or not since its last news."""
    later = exists().where(
        MeasureEvent.measure_id == MeasureReview.measure_id, MeasureEvent.is_news,
        MeasureEvent.noted_at > MeasureReview.at,
    )  # fmt: skip
    done = select(func.count(MeasureReview.id)).where(
        MeasureReview.measure_id == Measure.id, MeasureReview.committee_id.in_(committee_ids),
        ~later.correlate(MeasureReview),
    )  # fmt: skip
    return done.correlate(Measure).scalar_subquery() < len(committee_ids)


def _or_none(kind: type[Level] | type[Stage], value: str) -> Level | Stage | None:
    return kind(value) if value in set(kind) else None


def listed(filters: Filters) -> Select[Measure]:
    ahead = case((Measure.next_on >= today(), Measure.next_on), else_=date.max)
    news = func.coalesce(Measure.status_on, date(1900, 1, 1)).desc()
    query = measures(filters).options(joinedload(Measure.place))
    return query.order_by(ahead, news, Measure.id)


def moving(limit: int = 3) -> Sequence[Measure]:
    """What has a date ahead, soonest first."""
    query = select(Measure).where(Measure.next_on >= today()).options(joinedload(Measure.place))
    return db.session.scalars(query.order_by(Measure.next_on, Measure.id).limit(limit)).all()


def how_many() -> int:
    return db.session.scalar(select(func.count(Measure.id))) or 0


def stale(day: date) -> tuple[int, date | None]:
    """Measures that nobody looked at for STALE_DAYS, and since when the oldest."""
    facts = select(func.count(Measure.id), func.min(Measure.as_of))
    late = Measure.as_of < day - timedelta(days=STALE_DAYS)
    count, oldest = db.session.execute(facts.where(late)).one()
    return count, oldest


def followed_by(person_id: int, limit: int = 100) -> Sequence[Measure]:
    return db.session.scalars(listed(Filters(followed_by=person_id)).limit(limit)).all()


def whole(measure_id: int) -> Measure | None:
    """A measure with its place and what happened to it."""
    query = select(Measure).where(Measure.id == measure_id)
    events = joinedload(Measure.events).joinedload(MeasureEvent.author)
    return db.session.scalars(query.options(joinedload(Measure.place), events)).unique().first()


def notes_for(measure: Measure, person: Person) -> Sequence[MeasureNote]:
    """Notes of the committees this person sits on; nobody else's, whatever their role."""
    mine = [one.id for one in committees_of(person)]
    query = select(MeasureNote).where(
        MeasureNote.measure_id == measure.id, MeasureNote.committee_id.in_(mine)
    )
    shown = joinedload(MeasureNote.author), joinedload(MeasureNote.committee)
    return db.session.scalars(query.options(*shown).order_by(MeasureNote.id.desc())).all()


def reviews_of(measure: Measure, committee_ids: Iterable[int]) -> dict[int, MeasureReview]:
    """By committee, its last time through."""
    query = select(MeasureReview).where(
        MeasureReview.measure_id == measure.id, MeasureReview.committee_id.in_(committee_ids)
    )
    found = db.session.scalars(query.options(joinedload(MeasureReview.person)))
    return {one.committee_id: one for one in found}


def notes_of_committee(committee_id: int, limit: int = 10) -> Sequence[MeasureNote]:
    """The latest notes of a committee; the caller has checked that the reader sits on it."""
    query = select(MeasureNote).where(MeasureNote.committee_id == committee_id)
    shown = joinedload(MeasureNote.author), joinedload(MeasureNote.measure)
    return db.session.scalars(
        query.options(*shown).order_by(MeasureNote.id.desc()).limit(limit)
    ).all()


def import_runs() -> Select[ImportRun]:
    return select(ImportRun).order_by(ImportRun.id.desc())


def sessions() -> Select[BillSession]:
    """Of every place, the latest first."""
    query = select(BillSession).join(BillSession.place).options(joinedload(BillSession.place))
    return query.order_by(Place.name, BillSession.key.desc(), BillSession.id)


def open_bills(sessions: Iterable[BillSession]) -> dict[int, int]:
    """How many bills of each, by its id, nothing has decided or ended; those with none are out."""
    ids = [one.id for one in sessions]
    on = (Measure.place_id == BillSession.place_id) & (Measure.session == BillSession.key)
    query = (
        select(BillSession.id, func.count(Measure.id)).join(Measure, on)
        .where(BillSession.id.in_(ids), Measure.stage.not_in(ENDED | LAW | {Stage.CARRIED_OVER}))
        .group_by(BillSession.id)
    )  # fmt: skip
    return {row[0]: row[1] for row in db.session.execute(query)}


def import_problems(run: ImportRun) -> Select[ImportProblem]:
    query = select(ImportProblem).where(ImportProblem.run_id == run.id)
    return query.order_by(ImportProblem.id)


def documents(only: int | None = None) -> Iterable[Document]:
    """What everybody may find of measures."""
    query = select(Measure).options(joinedload(Measure.place)).order_by(Measure.id)
    if only is not None:
        query = query.where(Measure.id == only)
    for one in db.session.scalars(query):
        yield Document(
            key=f"measure:{one.id}", kind="measure", title=f"{one.number}, {one.title}",
            summary=f"{one.place.name}. {one.stage.words}. {one.status_words}",
            body=f"{one.why_it_matters}\n{TOPICS.get(one.topic, '')}",
            url=f"/legislation/{one.id}",
            audience=frozenset({"public"}), teaser_audience=frozenset(),
            facets={"topic": (one.topic,) if one.topic else ()}, date=one.status_on, stored={},
        )  # fmt: skip


def note_documents(only: int | None = None) -> Iterable[Document]:
    """Notes, for the members of their committee alone."""
    query = select(MeasureNote).options(
        joinedload(MeasureNote.measure), joinedload(MeasureNote.committee)
    )
    if only is not None:
        query = query.where(MeasureNote.id == only)
    for one in db.session.scalars(query.order_by(MeasureNote.id)):
        yield Document(
            key=f"committee_note:{one.id}", kind="committee_note",
            title=f"Note of the {one.committee.name} on {one.measure.number}",
            summary=one.text[:200], body=one.text, url=f"/legislation/{one.measure_id}#notes",
            audience=frozenset({f"committee:{one.committee.slug}"}), teaser_audience=frozenset(),
            facets={}, date=day_of(one.written_at), stored={},
        )  # fmt: skip
