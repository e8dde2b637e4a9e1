"""A practice, its revisions, and the words its facets may take."""

import enum
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.audit import append_only
from portal.core.db import Key, Model
from portal.core.states import Status


class PracticeStatus(Status):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {
            cls.DRAFT: {cls.IN_REVIEW},
            cls.IN_REVIEW: {cls.DRAFT, cls.PUBLISHED},
            cls.PUBLISHED: {cls.ARCHIVED, cls.WITHDRAWN},
            cls.ARCHIVED: {cls.DRAFT},
        }


class Visibility(enum.StrEnum):
    PUBLIC = "public"
    MEMBERS = "members"
    STAFF = "staff"


class Practice(Model):
    """One practice. `front` is its whole front matter; the columns are what lists ask for."""

    __tablename__ = "practices"
    __table_args__ = (
        CheckConstraint(
            "kind <> 'case_study' OR status = 'draft' OR outcome IS NOT NULL", "frank"
        ),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)  # A01, never reused
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    summary: Mapped[str]
    body: Mapped[str]  # Markdown
    front: Mapped[dict[str, Any]]
    kind: Mapped[str] = mapped_column(index=True)
    service: Mapped[str]
    stage: Mapped[str]
    theme: Mapped[str] = mapped_column(index=True)
    outcome: Mapped[str | None]
    status: Mapped[PracticeStatus] = mapped_column(default=PracticeStatus.DRAFT, index=True)
    visibility: Mapped[Visibility]
    has_teaser: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)
    words: Mapped[int]
    published_on: Mapped[date | None] = mapped_column(index=True)
    updated_on: Mapped[date | None]
    review_due_on: Mapped[date | None] = mapped_column(index=True)
    synced_hash: Mapped[str] = mapped_column(default="")  # of the file, when last in step with it
    attachments: Mapped[list["Attachment"]] = relationship(
        back_populates="practice", order_by="Attachment.id"
    )
    revisions: Mapped[list["Revision"]] = relationship(
        back_populates="practice", order_by="Revision.version.desc()"
    )

    @property
    def minutes(self) -> int:
        """Reading time at 200 words a minute."""
        return max(1, -(-self.words // 200))


class Extraction(enum.StrEnum):
    """How far the text of an attachment could be read."""

    QUEUED = "queued"
    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
    NO_TEXT = "no_text"


class Attachment(Model):
    """A file beside a practice. Its bytes are in the store under `key`, its text is here."""

    __tablename__ = "attachments"
    __table_args__ = (CheckConstraint("size > 0", "has_size"),)

    id: Mapped[Key]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"), index=True)
    practice: Mapped[Practice] = relationship(back_populates="attachments")
    title: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    content_type: Mapped[str]
    size: Mapped[int]  # bytes
    sha256: Mapped[str]
    extraction: Mapped[Extraction] = mapped_column(default=Extraction.QUEUED)
    pages: Mapped[list[str]]  # the text of each page, sheet or slide
    added_at: Mapped[datetime]


@append_only
class Revision(Model):
    """The whole of a practice as it was at one version."""

    __tablename__ = "practice_revisions"
    __table_args__ = (UniqueConstraint("practice_id", "version"),)

    id: Mapped[Key]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"), index=True)
    practice: Mapped[Practice] = relationship(back_populates="revisions")
    version: Mapped[int]
    front: Mapped[dict[str, Any]]
    body: Mapped[str]
    change_note: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # none: from a file
    author: Mapped[Person | None] = relationship()
    made_at: Mapped[datetime]
