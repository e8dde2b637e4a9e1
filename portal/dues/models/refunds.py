"""Money that goes back: refunds by us, and disputes that payers open at their bank."""

import enum
from datetime import date, datetime
from typing import Self

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Currency, Key, Model
from portal.core.money import Money
from portal.core.states import Status
from portal.dues.models.invoices import Minor
from portal.dues.models.payments import Payment, PaymentMethod


class RefundStatus(Status):
    REQUESTED = "requested"
    PENDING = "pending"  # Stripe was asked; what it answers is believed
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        ends = {cls.SUCCEEDED, cls.FAILED, cls.CANCELLED}
        return {
            cls.REQUESTED: {cls.PENDING, *ends},
            cls.PENDING: ends,
            cls.SUCCEEDED: {cls.FAILED},  # the payer's bank may send it back days later
        }


HOLDS_MONEY = (RefundStatus.REQUESTED, RefundStatus.PENDING, RefundStatus.SUCCEEDED)
ON_THE_WAY = (RefundStatus.REQUESTED, RefundStatus.PENDING)


class RefundOrigin(enum.StrEnum):
    PORTAL = "portal"
    PROVIDER_DASHBOARD = "provider_dashboard"


class Refund(Model):
    """Money of a payment sent back. Its journal is written when it is asked for, and undone when
    it fails: nobody can spend the same money meanwhile.
    """

    __tablename__ = "refunds"
    __table_args__ = (CheckConstraint("amount_minor > 0", "positive"),)

    id: Mapped[Key]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    payment: Mapped[Payment] = relationship()
    status: Mapped[RefundStatus] = mapped_column(default=RefundStatus.REQUESTED, index=True)
    origin: Mapped[RefundOrigin]
    method: Mapped[PaymentMethod]  # the way it goes back
    currency: Mapped[Currency]
    amount_minor: Mapped[int] = mapped_column(Minor)
    external_id: Mapped[str | None] = mapped_column(unique=True)  # re_…
    reason: Mapped[str]
    trouble: Mapped[str] = mapped_column(default="")  # why it failed, in words
    made_at: Mapped[datetime]
    sent_on: Mapped[date]  # the day of its journal
    seen_at: Mapped[datetime | None]  # when staff looked at one that was made elsewhere, or failed

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def key(self) -> str:
        """What makes a second try at Stripe the same refund."""
        return f"refund-{self.id}"


class DisputeStatus(Status):
    OPEN = "open"
    WON = "won"
    LOST = "lost"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {cls.OPEN: {cls.WON, cls.LOST}, cls.LOST: {cls.WON}}  # a bank may think again


class Dispute(Model):
    """A payer's bank takes a card payment back until it is decided who is right."""

    __tablename__ = "disputes"
    __table_args__ = (CheckConstraint("amount_minor > 0", "positive"),)

    id: Mapped[Key]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    payment: Mapped[Payment] = relationship()
    status: Mapped[DisputeStatus] = mapped_column(default=DisputeStatus.OPEN, index=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    currency: Mapped[Currency]
    amount_minor: Mapped[int] = mapped_column(Minor)
    reason: Mapped[str]  # in Stripe's words: fraudulent, duplicate, …
    opened_at: Mapped[datetime]
    evidence_due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)
