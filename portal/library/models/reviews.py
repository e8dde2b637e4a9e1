"""Who was asked to review a practice, what was said of it, and the counterparty's reply."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model
from portal.library.models.practices import Practice


class Verdict(enum.StrEnum):
    FIT = "fit"
    NOT_YET = "not_yet"


class Review(Model):
    """A person who reviews a practice: an editor, or a peer of another firm who was asked."""

    __tablename__ = "practice_reviews"
    __table_args__ = (UniqueConstraint("practice_id", "reviewer_id"),)

    id: Mapped[Key]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"), index=True)
    practice: Mapped[Practice] = relationship()
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    reviewer: Mapped[Person] = relationship()
    is_peer: Mapped[bool]
    asked_at: Mapped[datetime]
    due_on: Mapped[date]  # five working days after


class Comment(Model):
    """Something said in review; with a verdict, about the version that it names."""

    __tablename__ = "practice_comments"
    __table_args__ = (
        CheckConstraint("(resolved_at IS NULL) = (resolved_by_id IS NULL)", "resolved_by_whom"),
    )

    id: Mapped[Key]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    author: Mapped[Person] = relationship(foreign_keys=author_id)
    version: Mapped[int]
    verdict: Mapped[Verdict | None]
    text: Mapped[str]
    made_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    resolved_by: Mapped[Person | None] = relationship(foreign_keys=resolved_by_id)

    @property
    def is_open(self) -> bool:
        """It still asks for something."""
        return self.resolved_at is None and self.verdict is not Verdict.FIT


class Reply(Model):
    """A counterparty that the text names was asked to answer it; only the link's hash is kept."""

    __tablename__ = "practice_replies"
    __table_args__ = (CheckConstraint("(text = '') = (answered_at IS NULL)", "answered_when"),)

    id: Mapped[Key]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"), index=True)
    practice: Mapped[Practice] = relationship()
    party: Mapped[str]
    email: Mapped[str]
    secret_hash: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int]  # the text they were shown
    invited_on: Mapped[date]
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    invited_by: Mapped[Person] = relationship()
    due_on: Mapped[date]  # the last day, inclusive
    text: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    is_final: Mapped[bool] = mapped_column(default=False)  # nobody has to wait for the last day
    closed_at: Mapped[datetime | None]  # the practice went on, or went back
