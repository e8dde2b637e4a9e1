"""Who is told of what: those who follow a measure, or a list that has it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.core.db import db
from portal.legislation.lists import Facts, asked_by, holds
from portal.legislation.models import Measure, MeasureEvent, MeasureName
from portal.notices.models import Follow
from portal.notices.queries import all_words, followed_ids, followed_words, told_at_once
from portal.places.actions import folded
from portal.places.models import Place

KIND = "bills"  # of a followed list; a single one is "measure"
MAIL = "bill_alerts"
MOST = 100  # measures in one mail: more is read on the page


def facts_of(measures: Iterable[Measure]) -> dict[int, Facts]:
    """By id; their places are loaded."""
    by_id = {one.id: one for one in measures}
    query = select(MeasureName).where(MeasureName.measure_id.in_(sorted(by_id)))
    named: dict[tuple[int, str], set[str]] = {}
    for one in db.session.scalars(query):
        named.setdefault((one.measure_id, one.kind), set()).add(one.name)
    return {
        key: Facts(
            frozenset(one.place.path.strip("/").split("/")), one.place.level.value, one.topic,
            one.stage.value, frozenset(named.get((key, "sponsor"), ())),
            frozenset(named.get((key, "committee"), ())), one.search_text,
        )
        for key, one in by_id.items()
    }  # fmt: skip


def lists_with(measure: Measure) -> list[str]:
    """The lists that anybody follows and that have it."""
    facts = facts_of([measure])[measure.id]
    return [words for words in all_words(KIND) if _has(words, facts)]


def _has(words: str, facts: Facts) -> bool:
    asked = asked_by(words)
    return holds(asked, folded(asked.get("q", "")).split()[:8], facts)


def told_of(measure: Measure) -> Sequence[Person]:
    """Who gets a mail at once: each once, however many of their lists have it."""
    words = lists_with(measure)
    one = and_(Follow.kind == "measure", Follow.subject_id == measure.id)
    many = and_(Follow.kind == KIND, Follow.words.in_(words))
    return told_at_once(MAIL, or_(one, many) if words else one)


@dataclass
class News:
    """What is new in a while, read once for all who are told of it."""

    since: datetime
    until: datetime
    events: dict[int, list[MeasureEvent]] = field(default_factory=dict)  # by measure
    facts: dict[int, Facts] = field(default_factory=dict)
    found: dict[str, frozenset[int]] = field(default_factory=dict)  # of a list, by its words

    def of_list(self, words: str) -> frozenset[int]:
        if words not in self.found:
            has = (key for key, facts in self.facts.items() if _has(words, facts))
            self.found[words] = frozenset(has)
        return self.found[words]

    def of(self, person_id: int) -> list[tuple[Measure, list[MeasureEvent]]]:
        """For one person, by place and number."""
        ids = set(db.session.scalars(followed_ids(person_id, "measure"))) & self.events.keys()
        for words in followed_words(person_id, KIND):
            ids |= self.of_list(words)
        rows = [(self.events[key][0].measure, self.events[key]) for key in ids]
        return sorted(rows, key=lambda row: (row[0].place.path, row[0].number, row[0].id))


def news(since: datetime, until: datetime) -> News:
    """After the first instant, up to the second."""
    shown = joinedload(MeasureEvent.measure).joinedload(Measure.place).load_only(
        Place.name, Place.path, Place.level
    )  # fmt: skip
    query = select(MeasureEvent).where(
        MeasureEvent.is_news, MeasureEvent.noted_at > since, MeasureEvent.noted_at <= until
    )
    found = News(since, until)
    for one in db.session.scalars(query.options(shown).order_by(MeasureEvent.id)):
        found.events.setdefault(one.measure_id, []).append(one)
    found.facts = facts_of(rows[0].measure for rows in found.events.values())
    return found
