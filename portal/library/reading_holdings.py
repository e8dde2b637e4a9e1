"""What a person reads: their lists, and what they marked as read."""

from sqlalchemy import delete, select

from portal.accounts.holdings import HOLDINGS, Holding, Rows, plain
from portal.accounts.models import Person
from portal.core import merging
from portal.core.db import db
from portal.library import reading
from portal.library.models import ReadingEntry, ReadingList, ReadMark


def _lists(person: Person) -> Rows:
    query = select(ReadingList).filter_by(person_id=person.id).order_by(ReadingList.id)
    for one in db.session.scalars(query):
        for entry in one.entries:
            yield {**plain(one, "title", "about", "made_at"), "note": entry.note,
                   "practice": entry.practice.slug}  # fmt: skip


def _marks(person: Person) -> Rows:
    query = select(ReadMark).filter_by(person_id=person.id).order_by(ReadMark.id)
    return [plain(one, "practice_id", "version", "read_at") for one in db.session.scalars(query)]


def _forget_lists(person: Person) -> None:
    """Those of a committee stay with the committee."""
    mine = select(ReadingList.id).where(
        ReadingList.person_id == person.id, ReadingList.committee_id.is_(None)
    )
    numbers = db.session.scalars(mine).all()
    db.session.execute(delete(ReadingEntry).where(ReadingEntry.list_id.in_(numbers)))
    db.session.execute(delete(ReadingList).where(ReadingList.id.in_(numbers)))


def _forget_marks(person: Person) -> None:
    db.session.execute(delete(ReadMark).where(ReadMark.person_id == person.id))


merging.settlers.setdefault("people", []).append(reading.read_once)
HOLDINGS += [
    Holding(
        "reading-lists", "Your reading lists", "To read in an order of your own", "You",
        "You; members to whom you gave a link; your committee, where it is the committee’s",
        "Until you delete them or ask for erasure; a committee’s with the committee",
        _lists, erase=_forget_lists,
    ),
    Holding(
        "read-marks", "What you marked as read", "To show how far you are", "You", "Nobody",
        "Until you take them back or ask for erasure", _marks, erase=_forget_marks,
    ),
]  # fmt: skip
