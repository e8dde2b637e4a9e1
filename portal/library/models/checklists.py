"""A checklist as a firm fills and keeps it: the run, who helps, what is answered to each item."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model
from portal.library.models.practices import Practice
from portal.members.models import Organization


class Answer(enum.StrEnum):
    OPEN = "open"
    YES = "yes"
    NO = "no"
    NA = "na"  # not applicable here


class ChecklistRun(Model):
    """The task items of one version of a practice, answered by people of one firm."""

    __tablename__ = "checklist_runs"
    __table_args__ = (CheckConstraint("version > 0", "of_a_version"),)

    id: Mapped[Key]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"), index=True)
    practice: Mapped[Practice] = relationship()
    version: Mapped[int]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization] = relationship()
    title: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    owner: Mapped[Person] = relationship()
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ChecklistHelper(Model):
    """Somebody of the firm, or of a sister firm, who fills it with the owner."""

    __tablename__ = "checklist_helpers"
    __table_args__ = (UniqueConstraint("run_id", "person_id"),)

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("checklist_runs.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person] = relationship()


class ChecklistAnswer(Model):
    """What is said of one item. An item that the version has no more keeps its answer."""

    __tablename__ = "checklist_answers"
    __table_args__ = (UniqueConstraint("run_id", "item_key"),)

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("checklist_runs.id"))
    item_key: Mapped[str]
    item_text: Mapped[str]  # as it stood when it was answered
    answer: Mapped[Answer]
    note: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    owner: Mapped[Person | None] = relationship(foreign_keys=owner_id)
    due_on: Mapped[date | None]
    file_key: Mapped[str | None]  # of the evidence, in the store
    file_name: Mapped[str] = mapped_column(default="")
    file_type: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    changed_by: Mapped[Person] = relationship(foreign_keys=changed_by_id)
