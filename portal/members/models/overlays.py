"""What lies over a state for some days: suspensions, holds, pauses, excuses."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Key, Model
from portal.members.models.firms import Decision


class OverlayKind(enum.StrEnum):
    SUSPENSION = "suspension"  # a body decided; of a membership
    HOLD = "hold"  # the invoice is disputed: nobody is reminded, the due day stays
    PAUSE = "pause"  # a promise to pay, a plan
    EXCUSE = "excuse"  # what would follow does not, until a day


class Overlay(Model):
    """Something that lies over a state for some days; it lapses by itself, or is lifted."""

    __tablename__ = "overlays"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR from_on <= until_on", "begins_before_it_ends"),
        Index(None, "subject_kind", "subject_id"),
    )

    id: Mapped[Key]
    subject_kind: Mapped[str]  # membership | invoice | affiliation
    subject_id: Mapped[int]
    kind: Mapped[OverlayKind]
    scope: Mapped[str] = mapped_column(default="")  # of a suspension: vote, benefits, listing, all
    from_on: Mapped[date]
    until_on: Mapped[date | None]  # the last day
    reason: Mapped[str]
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    decision: Mapped[Decision | None] = relationship()
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    lifted_at: Mapped[datetime | None]

    def holds_on(self, day: date) -> bool:
        is_over = self.until_on is not None and day > self.until_on
        return self.lifted_at is None and self.from_on <= day and not is_over
