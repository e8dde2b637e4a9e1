"""Reading lists: who sees and changes one, their order, what was read. The caller commits."""

import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.accounts.models import Person
from portal.accounts.queries import sent_before
from portal.committees.models import Committee
from portal.committees.queries import committees_of
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.states import Refused
from portal.library.models import Practice, ReadingEntry, ReadingList, ReadMark
from portal.library.queries import published, titled_for

MOST, LONGEST = 50, 200  # lists of one person, practices on one list


def committees_for(person: Person | Any) -> list[Committee]:
    return list(committees_of(person)) if Role.COMMITTEE in person.roles else []


def changed_by(person: Person | Any) -> ColumnElement[bool]:
    """Whose lists a person changes: their own, and those of committees they sit on."""
    sits = [one.id for one in committees_for(person)]
    own = (ReadingList.person_id == person.id) & ReadingList.committee_id.is_(None)
    return or_(own, ReadingList.committee_id.in_(sits)) if sits else own


def of_person(person: Person | Any) -> list[ReadingList]:
    query = select(ReadingList).where(changed_by(person)).options(
        selectinload(ReadingList.entries), joinedload(ReadingList.committee),
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(ReadingList.title, ReadingList.id)))


def start(person: Person, title: str, about: str, committee_id: int | None) -> ReadingList:
    if committee_id and committee_id not in {one.id for one in committees_for(person)}:
        raise Refused("Choose a committee that you sit on.")
    if len(of_person(person)) >= MOST:
        raise Refused(f"You have {MOST} lists already: delete one first.")
    facts = {"person": person, "title": title, "about": about, "committee_id": committee_id}
    if twin := sent_before(ReadingList, ReadingList.made_at, person, **facts):
        return twin
    made = ReadingList(made_at=clock.now(), **facts)
    db.session.add(made)
    db.session.flush()
    return made


def lock(list_id: int) -> None:
    """Whoever changes it at the same moment waits: read it after this."""
    db.session.execute(select(ReadingList.id).where(ReadingList.id == list_id).with_for_update())


def entries_for(one: ReadingList, reader: Person | Any) -> list[ReadingEntry]:
    """In order; those whose titles this reader may see, and that are published."""
    return entries_of([one], reader)[one.id]


def entries_of(
    found: Iterable[ReadingList], reader: Person | Any
) -> dict[int, list[ReadingEntry]]:
    """Of several lists what this reader sees of each, in one statement."""
    by_list: dict[int, list[ReadingEntry]] = {one.id: [] for one in found}
    query: Select[ReadingEntry] = select(ReadingEntry).join(ReadingEntry.practice)
    query = query.where(
        ReadingEntry.list_id.in_(by_list),
        ReadingEntry.practice_id.in_(
            published().where(titled_for(reader)).with_only_columns(Practice.id)
        ),
    )
    query = query.options(contains_eager(ReadingEntry.practice).defer(Practice.body))
    for entry in db.session.scalars(query.order_by(ReadingEntry.place, ReadingEntry.id)):
        by_list[entry.list_id].append(entry)
    return by_list


def add(one: ReadingList, practice: Practice, note: str = "") -> None:
    """At the end; what is there already stays where it is."""
    if practice.id in {entry.practice_id for entry in one.entries}:
        return
    if len(one.entries) >= LONGEST:
        raise Refused(f"The list has {LONGEST} practices already: begin another.")
    place = max((entry.place for entry in one.entries), default=0) + 1
    one.entries.append(ReadingEntry(practice=practice, place=place, note=note))
    db.session.flush()


def shift(one: ReadingList, entry: ReadingEntry, by: int, reader: Person | Any) -> None:
    """One up (-1) or down (+1) among what the reader sees; its first and last stay there."""
    seen, order = entries_for(one, reader), list(one.entries)
    new = min(max(seen.index(entry) + by, 0), len(seen) - 1)
    order.insert(order.index(seen[new]), order.pop(order.index(entry)))
    for place, moved in enumerate(order, 1):
        moved.place = place


def share(one: ReadingList) -> None:
    """A link for members; a list that had one gets another, and the old one is dead."""
    one.share_token = secrets.token_urlsafe(24)


def shared(token: str) -> ReadingList | None:
    """Dead while the account of whoever shared it is closed, unless it is a committee's."""
    lives = ReadingList.committee_id.is_not(None) | Person.disabled_at.is_(None)
    query = select(ReadingList).join(ReadingList.person).where(lives)
    return db.session.scalar(query.where(ReadingList.share_token == token))


def read_ids(person: Person | Any, practice_ids: Iterable[int]) -> set[int]:
    mine = select(ReadMark.practice_id).where(ReadMark.person_id == person.id)
    return set(db.session.scalars(mine.where(ReadMark.practice_id.in_(list(practice_ids)))))


def mark(person: Person, practice: Practice, *, is_read: bool) -> None:
    """Twice is the same as once, at the same moment too."""
    db.session.get_one(Person, person.id, with_for_update={"key_share": True})
    known = db.session.scalar(
        select(ReadMark).filter_by(person_id=person.id, practice_id=practice.id)
    )
    if is_read and known is None:
        facts = {"person_id": person.id, "practice_id": practice.id}
        db.session.add(ReadMark(**facts, version=practice.version, read_at=clock.now()))
    elif known is not None and not is_read:
        db.session.delete(known)


def read_once(keep_id: int, lose_id: int) -> None:
    """Two accounts of one person become one: what both read is read once."""
    both = select(ReadMark.practice_id).where(ReadMark.person_id == keep_id).scalar_subquery()
    twin = delete(ReadMark).where(ReadMark.person_id == lose_id)
    db.session.execute(twin.where(ReadMark.practice_id.in_(both)))
