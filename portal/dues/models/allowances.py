"""What firms used of what their memberships include: passes, hours, posts."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.audit import append_only
from portal.core.db import Key, Model
from portal.dues.rules import titled
from portal.members.models import CLASS_NAMES, Term


@append_only
class AllowanceUse(Model):
    """So many used of one allowance of a term; what is taken back is a row of its own."""

    __tablename__ = "allowance_uses"
    __table_args__ = (CheckConstraint("(amount < 0) = (undoes_id IS NOT NULL)", "less_undoes"),)

    id: Mapped[Key]
    term_id: Mapped[int] = mapped_column(ForeignKey("terms.id"), index=True)
    term: Mapped[Term] = relationship()
    of: Mapped[str]  # as the tariff names it: event_passes
    amount: Mapped[int]
    used_on: Mapped[date]
    what_for: Mapped[str]
    page_key: Mapped[str | None]  # of which showing of the form it was sent
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("allowance_uses.id"), unique=True)
    made_at: Mapped[datetime]

    @property
    def title(self) -> str:
        return titled(self.of)

    @property
    def whose(self) -> str:
        return CLASS_NAMES[self.term.membership.kind]
