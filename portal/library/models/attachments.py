"""A file beside a practice, and how far its text could be read."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Key, Model
from portal.library.models.practices import Practice


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
