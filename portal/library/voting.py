"""Was it useful? One vote of a person for each version; the score is of each one's last vote."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.core import clock
from portal.core.db import db
from portal.core.merging import ids_of
from portal.core.search import index
from portal.library.models import Practice, Vote

SHOWN_FROM = 10  # votes


@dataclass(frozen=True)
class Score:
    useful: int
    votes: int

    @property
    def is_shown(self) -> bool:
        return self.votes >= SHOWN_FROM


def vote(practice: Practice, person: Person, text: str, *, is_useful: bool) -> Vote:
    """For the version that is read now; a second one, or a second click, replaces the first."""
    db.session.get_one(Person, person.id, with_for_update={"key_share": True})
    mine = vote_of(practice, person)
    if mine is None:
        mine = Vote(practice_id=practice.id, version=practice.version, person_id=person.id)
        db.session.add(mine)
    mine.is_useful, mine.text, mine.at = is_useful, text, clock.now()
    index.changed("practice", practice.id)
    return mine


def vote_of(practice: Practice, person: Person) -> Vote | None:
    """A person's vote on the current version."""
    mine = Vote.person_id.in_(ids_of(Person, person.id))
    query = select(Vote).filter_by(practice_id=practice.id, version=practice.version)
    fresh = query.where(mine).execution_options(populate_existing=True)
    return db.session.scalar(fresh)


def _last(practice_id: int | None = None) -> Select[int]:
    """The number of each person's last vote on each practice."""
    last = func.max(Vote.version).over(partition_by=(Vote.practice_id, Vote.person_id))
    numbered = select(Vote.id, Vote.version, last.label("last"))
    if practice_id is not None:
        numbered = numbered.where(Vote.practice_id == practice_id)
    rows = numbered.subquery()
    return select(rows.c.id).where(rows.c.version == rows.c.last)


def score_of(practice: Practice) -> Score:
    facts = select(func.count().filter(Vote.is_useful), func.count(Vote.id))
    useful, votes = db.session.execute(facts.where(Vote.id.in_(_last(practice.id)))).one()
    return Score(useful, votes)


def useful_counts(only: int | None = None) -> dict[int, int]:
    """Of each practice how many found it useful, where enough have voted to show it."""
    counted = select(Vote.practice_id, func.count().filter(Vote.is_useful))
    counted = counted.where(Vote.id.in_(_last(only))).group_by(Vote.practice_id)
    rows = db.session.execute(counted.having(func.count(Vote.id) >= SHOWN_FROM)).all()
    return {practice_id: count for practice_id, count in rows}  # noqa: C416 - a Row is no pair


def written() -> Select[Vote]:
    """Votes with words, newest first: for editors."""
    query = select(Vote).options(joinedload(Vote.person), joinedload(Vote.practice))
    return query.where(Vote.text != "").order_by(Vote.at.desc(), Vote.id.desc())


def vote_once(keep: int, lose: int) -> None:
    """Two records of one person have one vote on each version: that of the one that stays."""
    kept = select(Vote.practice_id, Vote.version).filter_by(person_id=keep)
    pairs = {tuple(row) for row in db.session.execute(kept)}
    for one in _votes(lose):
        if (one.practice_id, one.version) in pairs:
            db.session.delete(one)


def _votes(person_id: int) -> Sequence[Vote]:
    return db.session.scalars(select(Vote).filter_by(person_id=person_id)).all()
