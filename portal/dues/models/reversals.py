"""Payments that are none: booked twice or for the wrong firm, or their money went back."""

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.audit import append_only
from portal.core.db import Key, Model
from portal.dues.models.payments import Payment


class ReversalKind(enum.StrEnum):
    TWICE = "twice"
    OTHER_FIRM = "other_firm"
    RETURNED = "returned"
    BOUNCED = "bounced"

    @property
    def words(self) -> str:
        return {
            ReversalKind.TWICE: "Booked twice: the money came once",
            ReversalKind.OTHER_FIRM: "Booked for the wrong firm",
            ReversalKind.RETURNED: "The transfer was returned by the bank",
            ReversalKind.BOUNCED: "The cheque bounced",
        }[self]

    @property
    def was_there(self) -> bool:
        """The money came, and left again: the bank has a line for each."""
        return self in WENT_BACK


WENT_BACK = (ReversalKind.RETURNED, ReversalKind.BOUNCED)
NEVER_CAME = (ReversalKind.TWICE, ReversalKind.OTHER_FIRM)


@append_only
class Reversal(Model):
    """Takes a payment out of the books, whole; what it paid is owed again."""

    __tablename__ = "reversals"

    id: Mapped[Key]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), unique=True)
    payment: Mapped[Payment] = relationship()
    kind: Mapped[ReversalKind]
    reason: Mapped[str]
    reversed_on: Mapped[date]  # the day of its journal
    made_at: Mapped[datetime]
