"""What was imported, as its source gave it: records, their older revisions, runs, sessions."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Key, Model
from portal.legislation.models.measures import Measure
from portal.places.models import Place


class RecordKind(enum.StrEnum):
    BILL = "bill"
    VOTE = "vote"
    MEETING = "meeting"


class BillRecord(Model):
    """One record of one source, compressed as it came; everything else is derived from it.

    A vote or a meeting whose bill has not arrived has no measure yet: `refers` says which it is.
    """

    __tablename__ = "bill_records"
    __table_args__ = (
        UniqueConstraint("source", "kind", "key"),
        Index(None, "source", "refers"),
    )

    id: Mapped[Key]
    source: Mapped[str]
    kind: Mapped[RecordKind]
    key: Mapped[str]
    refers: Mapped[str] = mapped_column(default="")
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measures.id"), index=True)
    measure: Mapped[Measure | None] = relationship()
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str]  # SHA-256 without what is touched for nothing
    revised_at: Mapped[datetime | None]  # by the source
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class BillRevision(Model):
    """A record as it was before, or as an older copy has it."""

    __tablename__ = "bill_revisions"
    __table_args__ = (UniqueConstraint("record_id", "digest"),)

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("bill_records.id"))
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str]
    revised_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]


class BillRelation(Model):
    """A bill's word about another of its place, which may not have arrived yet."""

    __tablename__ = "bill_relations"
    __table_args__ = (
        UniqueConstraint("measure_id", "relation", "session", "number_key"),
        Index(None, "session", "number_key"),
    )

    id: Mapped[Key]
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    measure: Mapped[Measure] = relationship(foreign_keys=measure_id)
    relation: Mapped[str]
    session: Mapped[str]
    identifier: Mapped[str]
    number_key: Mapped[str]
    other_id: Mapped[int | None] = mapped_column(ForeignKey("measures.id"), index=True)
    other: Mapped[Measure | None] = relationship(foreign_keys=other_id)


class BillSession(Model):
    """A session of a place's chambers, and when it ended: a fact with a source of its own."""

    __tablename__ = "bill_sessions"
    __table_args__ = (UniqueConstraint("place_id", "key"),)

    id: Mapped[Key]
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"))
    place: Mapped[Place] = relationship()
    key: Mapped[str]
    name: Mapped[str]
    ends_on: Mapped[date | None]
    end_kind: Mapped[str]  # open, sine_die, prorogued, dissolved, term_ended
    carries_over: Mapped[bool]
    source: Mapped[str]
    is_by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())


class ImportRun(Model):
    """One import: what it was given and what came of it."""

    __tablename__ = "import_runs"

    id: Mapped[Key]
    source: Mapped[str]
    path: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]  # created, changed, unchanged, skipped, failed, events
    problems: Mapped[list["ImportProblem"]] = relationship(order_by="ImportProblem.id")


class ImportProblem(Model):
    """A file or row that could not be taken, in words."""

    __tablename__ = "import_problems"

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("import_runs.id"), index=True)
    name: Mapped[str]
    message: Mapped[str]
    excerpt: Mapped[str]
