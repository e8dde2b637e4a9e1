"""Questions about practices: what a person may read, the search documents, the newest."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import defer

from portal.core.access import Permission
from portal.core.audit import Transition, name_of
from portal.core.db import db
from portal.library.models import (
    FormerAddress,
    Practice,
    PracticeStatus,
    Revision,
    Visibility,
)
from portal.library.related import chosen
from portal.library.sharing import shared_with, special_audiences
from portal.library.versions import readers_had
from portal.members.models import Organization
from portal.places.models import Place

CANDIDATES = 100  # compared for what to read next
IN_FEED = 30

Reader = Any  # a Person, or the visitor that flask_login makes up


def audiences(reader: Reader) -> frozenset[str]:
    """Which audiences a reader belongs to, as search and pages ask it."""
    if not reader.is_authenticated:
        return frozenset({"public"})
    return frozenset(_plain(reader) | special_audiences(reader))


def _plain(reader: Reader) -> set[str]:
    found = {"public"}
    if reader.may(Permission.LIBRARY_READ):
        found.add("members")
    if reader.may(Permission.LIBRARY_WRITE):
        found.add("staff")
    return found


def published() -> Select[Practice]:
    return select(Practice).where(Practice.status == PracticeStatus.PUBLISHED)


def newest_free(limit: int = 3) -> list[Practice]:
    query = published().where(Practice.visibility == Visibility.PUBLIC)
    return list(db.session.scalars(query.order_by(Practice.published_on.desc()).limit(limit)))


def newest(reader: Reader, limit: int = 3) -> list[Practice]:
    """Those whose titles this reader may see."""
    query = published().where(titled_for(reader))
    return list(db.session.scalars(query.order_by(Practice.published_on.desc()).limit(limit)))


def titled_for(reader: Reader | None) -> ColumnElement[bool]:
    """Practices whose titles a reader may see; none: whoever passes by."""
    teased = and_(Practice.has_teaser, Practice.visibility == Visibility.MEMBERS)
    if reader is None or not reader.is_authenticated:
        return or_(Practice.visibility == Visibility.PUBLIC, teased)
    return or_(Practice.visibility.in_(_plain(reader)), teased, *shared_with(reader))


def readable(slug: str, reader: Reader) -> Practice | None:
    """The practice if this reader may know of it: it is published for them, or they edit."""
    practice = db.session.scalar(select(Practice).where(Practice.slug == slug))
    if practice is None or (reader.is_authenticated and reader.may(Permission.LIBRARY_WRITE)):
        return practice
    if practice.status is not PracticeStatus.PUBLISHED or not may_see_title(practice, reader):
        return None
    return practice


def tombstone(slug: str, reader: Reader) -> Transition | None:
    """The move that took a practice away, with its reason, for whoever could see its title."""
    practice = db.session.scalar(select(Practice).where(Practice.slug == slug))
    gone = {PracticeStatus.ARCHIVED, PracticeStatus.WITHDRAWN}
    if practice is None or practice.status not in gone or not practice.published_on:
        return None
    moves = history(practice) if may_see_title(practice, reader) else []
    return next((one for one in moves if one.new == practice.status), None)


def firm_named(name: str) -> Organization | None:
    """The firm of this name, however it is capitalized."""
    query = select(Organization).where(func.lower(Organization.name) == name.strip().lower())
    return db.session.scalars(query.order_by(Organization.id)).first()


def due_to_publish(day: date) -> list[int]:
    """Approved practices whose day has come."""
    query = select(Practice.id).where(
        Practice.status == PracticeStatus.APPROVED, Practice.publish_on <= day
    )
    return list(db.session.scalars(query.order_by(Practice.id)))


def may_see_title(practice: Practice, reader: Reader) -> bool:
    return may_read(practice, reader) or (
        practice.has_teaser and practice.visibility is Visibility.MEMBERS
    )


def may_read(practice: Practice, reader: Reader) -> bool:
    """May this reader read the body, not only the summary?"""
    if practice.visibility is Visibility.PUBLIC or not reader.is_authenticated:
        return practice.visibility is Visibility.PUBLIC
    if practice.visibility.value in _plain(reader) or reader.may(Permission.LIBRARY_WRITE):
        return True
    is_shared = practice.committee_id or practice.group_id
    return bool(is_shared) and practice.audience in _plain(reader) | special_audiences(reader)


def now_at(slug: str, reader: Reader) -> Practice | None:
    """What had that address once, if this reader may know of it."""
    query = select(Practice).join(FormerAddress).where(FormerAddress.slug == slug)
    practice = db.session.scalar(query)
    return readable(practice.slug, reader) if practice else None


def related(practice: Practice, reader: Reader) -> list[Practice]:
    """At most five to read next, of those whose titles the reader may see."""
    refs = [str(one) for one in practice.front.get("related") or []]
    near = or_(
        Practice.ref.in_(refs),
        Practice.theme == practice.theme,
        Practice.stage == practice.stage,
        Practice.outcome != practice.outcome,
    )
    query = published().where(near, titled_for(reader)).options(defer(Practice.body))
    query = query.order_by(
        Practice.ref.in_(refs).desc(), (Practice.theme == practice.theme).desc(),
        Practice.published_on.desc(), Practice.id,
    )  # fmt: skip
    return chosen(practice, refs, list(db.session.scalars(query.limit(CANDIDATES))))


def outcomes(since: date) -> tuple[dict[str, int], dict[str, int]]:
    """How many published cases went well, badly, both ways: all, and those published since."""
    query = published().where(Practice.outcome.is_not(None))
    recent = func.count().filter(Practice.published_on >= since)
    counted = query.with_only_columns(Practice.outcome, func.count(), recent)
    rows = db.session.execute(counted.group_by(Practice.outcome)).all()
    return {str(one): n for one, n, _ in rows}, {str(one): n for one, _, n in rows}


def versions_of(practice: Practice) -> list[Revision]:
    """Those that readers had before them, newest first: what a citation may point at."""
    is_published = practice.status is PracticeStatus.PUBLISHED
    moves = history(practice)[::-1]  # in order, also within one instant
    had = readers_had(practice.revisions, moves, is_published=is_published)
    return [one for one in practice.revisions if one.version in had]


def teasers(theme: str = "", kind: str = "") -> list[Practice]:
    """The newest of what everybody may know of, for feeds: title and summary only."""
    query = published().where(titled_for(None))
    for column, asked in ((Practice.theme, theme), (Practice.kind, kind)):
        if asked:
            query = query.where(column == asked)
    query = query.order_by(Practice.updated_on.desc(), Practice.id.desc())
    return list(db.session.scalars(query.options(defer(Practice.body)).limit(IN_FEED)))


def for_staff(status: str = "", text: str = "") -> Select[Practice]:
    query = select(Practice).order_by(Practice.review_due_on.is_(None), Practice.review_due_on)
    if status in set(PracticeStatus):
        query = query.where(Practice.status == PracticeStatus(status))
    if text:
        found = or_(
            *(one.icontains(text, autoescape=True) for one in (Practice.title, Practice.ref))
        )
        query = query.where(found)
    return query.order_by(Practice.id)


def place_names(slugs: Iterable[str]) -> dict[str, str]:
    """Of places that practices apply in, by slug; nothing is asked where there are none."""
    wanted = sorted(slugs)
    query = select(Place.slug, Place.name).where(Place.slug.in_(wanted))
    return {row.slug: row.name for row in db.session.execute(query)} if wanted else {}


def places_of(practice: Practice) -> list[Place]:
    slugs = practice.front.get("applies_in") or []
    return list(
        db.session.scalars(select(Place).where(Place.slug.in_(slugs)).order_by(Place.name))
    )


def history(practice: Practice) -> list[Transition]:
    """Who moved it, when and why, newest first."""
    subject = name_of(practice)
    query = select(Transition).where(Transition.subject == subject)
    return list(db.session.scalars(query.order_by(Transition.id.desc())))


Waiting = tuple[int, date | datetime | None]  # how many, and since when the oldest


def waiting_for_editors(by: date) -> tuple[Waiting, Waiting]:
    """Practices sent to review, since they were last written; published ones due to be read."""
    last = (Revision.practice_id == Practice.id) & (Revision.version == Practice.version)
    is_sent = Practice.status == PracticeStatus.IN_REVIEW
    is_due = (Practice.status == PracticeStatus.PUBLISHED) & (Practice.review_due_on <= by)
    facts = select(
        func.count().filter(is_sent), func.min(Revision.made_at).filter(is_sent),
        func.count().filter(is_due), func.min(Practice.review_due_on).filter(is_due),
    )  # fmt: skip
    sent, sent_at, due, due_on = db.session.execute(
        facts.select_from(Practice).join(Revision, last)
    ).one()
    return (sent, sent_at), (due, due_on)
