"""What an editor typed and did not keep yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model


class Draft(Model):
    """The form as it stood; one for each editor and practice, and one for a new practice."""

    __tablename__ = "practice_drafts"
    __table_args__ = (
        UniqueConstraint("practice_id", "editor_id"),
        Index(
            "uq_practice_drafts_of_a_new_one", "editor_id", unique=True,
            sqlite_where=text("practice_id IS NULL"), postgresql_where=text("practice_id IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    practice_id: Mapped[int | None] = mapped_column(ForeignKey("practices.id"), index=True)
    editor_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    editor: Mapped[Person] = relationship()
    facts: Mapped[dict[str, Any]]  # by field: every value that was sent
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
