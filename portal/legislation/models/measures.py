"""Measures: bills, acts, rules, ordinances; what happened to them, and what committees think."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.committees.models import Committee
from portal.core.audit import append_only
from portal.core.db import Key, Model
from portal.legislation.stages import Stage
from portal.places.models import Place


class Measure(Model):
    """One measure, known by place, session and number; never by its title.

    What people wrote down themselves has no records; of an imported one, stage, rule, status and
    days are derived from its records, and `corrections` of people are put on top of them.
    """

    __tablename__ = "measures"
    __table_args__ = (
        UniqueConstraint("place_id", "session", "number_key"),
        CheckConstraint("certainty IN ('A', 'B', 'C')", "known_certainty"),
        Index(None, "next_on", "status_on"),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)  # B001
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), index=True)
    place: Mapped[Place] = relationship()
    topic: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    number: Mapped[str]
    session: Mapped[str]  # "119", "2024-2025", the year where there are none; see `session_key`
    number_key: Mapped[str]  # the number however it is spelled
    title: Mapped[str]
    year: Mapped[int]
    status_words: Mapped[str]  # what the source says, in our words
    stage: Mapped[Stage] = mapped_column(index=True)
    stage_rule: Mapped[str]  # why this stage
    stage_evidence: Mapped[str] = mapped_column(default="")
    stage_confidence: Mapped[str] = mapped_column(default="stated")
    flags: Mapped[list[str]] = mapped_column(default=list)  # unsigned, pocket, check_outcome, …
    corrections: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by field
    introduced_on: Mapped[date | None]
    effective_on: Mapped[date | None]
    status_on: Mapped[date | None]
    next_on: Mapped[date | None]
    next_what: Mapped[str]
    why_it_matters: Mapped[str]
    certainty: Mapped[str] = mapped_column(String(1))
    source: Mapped[str]
    as_of: Mapped[date] = mapped_column(index=True)
    search_text: Mapped[str]  # small, without accents
    events: Mapped[list["MeasureEvent"]] = relationship(
        back_populates="measure", order_by="MeasureEvent.on.desc(), MeasureEvent.id.desc()"
    )


@append_only
class MeasureEvent(Model):
    """What happened, or what a person corrected, with day, source and author."""

    __tablename__ = "measure_events"

    id: Mapped[Key]
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"), index=True)
    measure: Mapped[Measure] = relationship(back_populates="events")
    on: Mapped[date]
    text: Mapped[str]
    source: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # none: from a file
    author: Mapped[Person | None] = relationship()
    noted_at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(default="noted")  # see `changes`
    is_news: Mapped[bool] = mapped_column(default=True)  # followers are told


class MeasureName(Model):
    """Who stands behind a measure or has it before them, as its record that counts first says."""

    __tablename__ = "measure_names"
    __table_args__ = (
        UniqueConstraint("measure_id", "kind", "name"),
        Index(None, "kind", "name"),
    )

    id: Mapped[Key]
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    kind: Mapped[str]  # sponsor, committee
    name: Mapped[str]
    role: Mapped[str]  # primary, co, joint, committee
    party: Mapped[str]


class MeasureReview(Model):
    """That a member of a committee went through a measure for it."""

    __tablename__ = "measure_reviews"
    __table_args__ = (UniqueConstraint("measure_id", "committee_id"),)

    id: Mapped[Key]
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    committee_id: Mapped[int] = mapped_column(ForeignKey("committees.id"), index=True)
    committee: Mapped[Committee] = relationship()
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    person: Mapped[Person] = relationship()
    at: Mapped[datetime]


@append_only
class MeasureNote(Model):
    """What a committee member wrote for their committee alone; a correction is another note."""

    __tablename__ = "measure_notes"

    id: Mapped[Key]
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"), index=True)
    measure: Mapped[Measure] = relationship()
    committee_id: Mapped[int] = mapped_column(ForeignKey("committees.id"), index=True)
    committee: Mapped[Committee] = relationship()
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    author: Mapped[Person] = relationship()
    text: Mapped[str]
    written_at: Mapped[datetime]
