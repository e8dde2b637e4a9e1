"""What readers say of the library: useful or not, a pitch, an error, a question."""

import enum
from datetime import datetime
from typing import Self

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model
from portal.core.states import Status
from portal.library.models.practices import Practice
from portal.library.models.proposals import Proposal

OPEN_REPORT = "status = 'open' AND kind <> 'question'"


class Vote(Model):
    """Was this version of a practice of use to a person? It may be changed."""

    __tablename__ = "practice_votes"
    __table_args__ = (UniqueConstraint("practice_id", "version", "person_id"),)

    id: Mapped[Key]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"), index=True)
    practice: Mapped[Practice] = relationship()
    version: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person] = relationship()
    is_useful: Mapped[bool]
    text: Mapped[str]
    at: Mapped[datetime]


class RemarkKind(enum.StrEnum):
    PITCH = "pitch"  # somebody sells instead of telling
    ERROR = "error"
    QUESTION = "question"


class RemarkStatus(Status):
    OPEN = "open"
    UPHELD = "upheld"  # it was a pitch, it was an error
    DISMISSED = "dismissed"
    ANSWERED = "answered"  # of questions

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {
            cls.OPEN: {cls.UPHELD, cls.DISMISSED, cls.ANSWERED},
            cls.ANSWERED: {cls.OPEN},  # the answer is taken off the page
        }


class Remark(Model):
    """Something for the editors to decide or to answer; whoever sent it has their answer."""

    __tablename__ = "remarks"
    __table_args__ = (
        CheckConstraint("kind = 'question' OR practice_id IS NOT NULL", "of_a_practice"),
        CheckConstraint("status = 'open' OR answered_at IS NOT NULL", "answered"),
        Index(
            "uq_remarks_open_of_a_practice", "person_id", "kind", "practice_id", unique=True,
            sqlite_where=text(f"{OPEN_REPORT} AND proposal_id IS NULL"),
            postgresql_where=text(f"{OPEN_REPORT} AND proposal_id IS NULL"),
        ),
        Index(
            "uq_remarks_open_of_an_experience", "person_id", "kind", "proposal_id", unique=True,
            sqlite_where=text(OPEN_REPORT), postgresql_where=text(OPEN_REPORT),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    kind: Mapped[RemarkKind]
    practice_id: Mapped[int | None] = mapped_column(ForeignKey("practices.id"), index=True)
    practice: Mapped[Practice | None] = relationship()
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposals.id"), index=True)
    proposal: Mapped[Proposal | None] = relationship()  # the experience that it is about
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person] = relationship()
    text: Mapped[str]
    made_at: Mapped[datetime]
    status: Mapped[RemarkStatus] = mapped_column(default=RemarkStatus.OPEN, index=True)
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    is_by_author: Mapped[bool] = mapped_column(default=False, server_default=false())  # the answer
