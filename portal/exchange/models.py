"""Files of rows that staff bring in: what each row would do, what it did, and how to undo it."""

import enum
from datetime import datetime
from typing import Any, Self

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model
from portal.core.states import Status

Many = list[Any]


class ImportStatus(Status):
    CHECKING = "checking"  # a job reads the rows and writes nothing but what it finds
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"  # nothing of it was written
    UNDOING = "undoing"
    UNDONE = "undone"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {
            cls.CHECKING: {cls.CHECKED},
            cls.CHECKED: {cls.CHECKING, cls.RUNNING},
            cls.RUNNING: {cls.DONE, cls.REFUSED},
            cls.REFUSED: {cls.CHECKING},
            cls.DONE: {cls.UNDOING},
            cls.UNDOING: {cls.UNDONE, cls.DONE},
        }


class ImportMode(enum.StrEnum):
    WHOLE = "whole"  # all rows or none
    ROWS = "rows"  # the good ones


class Outcome(enum.StrEnum):
    CREATE = "create"
    UPDATE = "update"
    SKIP = "skip"
    CONFLICT = "conflict"
    ERROR = "error"


class Import(Model):
    """One file, its columns as they were understood, and how far it is."""

    __tablename__ = "imports"

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(index=True)  # firms, people, terms, invoices
    filename: Mapped[str]
    sha256: Mapped[str]
    status: Mapped[ImportStatus] = mapped_column(default=ImportStatus.CHECKING)
    mode: Mapped[ImportMode] = mapped_column(default=ImportMode.WHOLE)
    columns: Mapped[Many] = mapped_column(JSON)  # heading, field or "", policy
    total: Mapped[int]  # rows
    turn: Mapped[int] = mapped_column(default=0)  # of its jobs: each run has a key of its own
    note: Mapped[str] = mapped_column(default="")  # why it was refused, or could not be undone
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    made_by: Mapped[Person | None] = relationship()
    done_at: Mapped[datetime | None]


class ImportRow(Model):
    """A line of the file: its cells, what it means, and what was done with it."""

    __tablename__ = "import_rows"
    __table_args__ = (
        UniqueConstraint("import_id", "line"),
        Index(None, "import_id", "outcome"),
    )

    id: Mapped[Key]
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"))
    line: Mapped[int]  # as a spreadsheet counts: the headings are line 1
    cells: Mapped[Many] = mapped_column(JSON)
    outcome: Mapped[Outcome | None]
    label: Mapped[str] = mapped_column(default="")  # whom or what it is about
    changes: Mapped[Many] = mapped_column(JSON, default=list)  # field, old, new: in words
    problems: Mapped[Many] = mapped_column(JSON, default=list)  # column, sentence
    made: Mapped[Many] = mapped_column(JSON, default=list)  # table, id
    before: Mapped[Many] = mapped_column(JSON, default=list)  # table, id, column, old, new
    written_at: Mapped[datetime | None]


class ExternalId(Model):
    """The number that another system gave a firm or a person."""

    __tablename__ = "external_ids"
    __table_args__ = (
        UniqueConstraint("kind", "value"),
        UniqueConstraint("kind", "subject_id"),
    )

    id: Mapped[Key]
    kind: Mapped[str]  # firm, person
    value: Mapped[str]
    subject_id: Mapped[int]
