"""The addresses that practices lead to, and how each answered."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Key, Model
from portal.library.models.practices import Practice


class PracticeLink(Model):
    """An address in a published practice, its text or its sources, as it was last looked at."""

    __tablename__ = "practice_links"
    __table_args__ = (UniqueConstraint("practice_id", "url"),)

    id: Mapped[Key]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"))
    practice: Mapped[Practice] = relationship()
    url: Mapped[str]
    looked_at: Mapped[datetime | None] = mapped_column(index=True)
    answer: Mapped[str] = mapped_column(default="")
    broken_since: Mapped[datetime | None] = mapped_column(index=True)
    told_at: Mapped[datetime | None]  # its owner knows
    fine_answer: Mapped[str] = mapped_column(default="")  # an editor saw it work all the same
