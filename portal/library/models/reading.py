"""Reading lists of a person or a committee, and what a person has read."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.committees.models import Committee
from portal.core.db import Key, Model
from portal.library.models.practices import Practice


class ReadingList(Model):
    """Of whoever made it; of a committee, when it is named, and then of all who sit on it."""

    __tablename__ = "reading_lists"

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person] = relationship()
    committee_id: Mapped[int | None] = mapped_column(ForeignKey("committees.id"), index=True)
    committee: Mapped[Committee | None] = relationship()
    title: Mapped[str]
    about: Mapped[str]
    share_token: Mapped[str | None] = mapped_column(unique=True)  # for members who have the link
    made_at: Mapped[datetime]
    entries: Mapped[list["ReadingEntry"]] = relationship(
        back_populates="reading_list", order_by="ReadingEntry.place, ReadingEntry.id",
        cascade="all, delete-orphan",
    )  # fmt: skip


class ReadingEntry(Model):
    """A practice on a list."""

    __tablename__ = "reading_entries"
    __table_args__ = (UniqueConstraint("list_id", "practice_id"),)

    id: Mapped[Key]
    list_id: Mapped[int] = mapped_column(ForeignKey("reading_lists.id"))
    reading_list: Mapped[ReadingList] = relationship(back_populates="entries")
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"), index=True)
    practice: Mapped[Practice] = relationship()
    place: Mapped[int]
    note: Mapped[str]


class ReadMark(Model):
    """A person has read a practice, as it was in a version."""

    __tablename__ = "read_marks"
    __table_args__ = (UniqueConstraint("person_id", "practice_id"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"), index=True)
    version: Mapped[int]
    read_at: Mapped[datetime]
