"""Payments, the tries to collect by card, and what Stripe told us."""

import enum
from datetime import date, datetime
from typing import Self

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.audit import append_only
from portal.core.db import Currency, Key, Model
from portal.core.money import Money
from portal.core.states import Status
from portal.dues.models.invoices import Invoice, Minor
from portal.members.models import Organization


class PaymentMethod(enum.StrEnum):
    CARD = "card"
    BANK = "bank"
    CHEQUE = "cheque"
    CASH = "cash"
    WITHHOLDING = "withholding"  # tax the payer kept back, proved by a certificate


@append_only
class Payment(Model):
    """Money received. Which invoice it paid is a posting."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", "positive"),
        Index(None, "amount_minor", "received_on"),
    )

    id: Mapped[Key]
    method: Mapped[PaymentMethod]
    external_id: Mapped[str | None] = mapped_column(unique=True)  # at the card processor or bank
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization | None] = relationship()
    currency: Mapped[Currency]
    amount_minor: Mapped[int] = mapped_column(Minor)
    received_on: Mapped[date]
    booked_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
    # The name of who paid it for the firm; empty where the firm did. What is left is theirs.
    paid_by: Mapped[str] = mapped_column(default="", server_default="")

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def may_go_back_to_card(self) -> bool:
        """The card processor knows it; a card payment that was noted by hand it does not."""
        return self.method is PaymentMethod.CARD and self.external_id is not None


class AttemptStatus(Status):
    CREATED = "created"
    OPEN = "open"
    UNKNOWN = "unknown"  # Stripe was asked and did not answer
    PROCESSING = "processing"  # submitted by the payer; the bank takes its time
    REQUIRES_ACTION = "requires_action"  # the bank wants to ask the payer, who was not there
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        late = {cls.SUCCEEDED}
        return {
            cls.CREATED: {cls.OPEN, cls.UNKNOWN, cls.CANCELLED},
            cls.UNKNOWN: {cls.OPEN, cls.SUCCEEDED, cls.FAILED, cls.EXPIRED, cls.CANCELLED},
            cls.OPEN: {
                cls.PROCESSING, cls.SUCCEEDED, cls.FAILED, cls.EXPIRED, cls.REQUIRES_ACTION,
            },
            cls.PROCESSING: {cls.SUCCEEDED, cls.FAILED},
            cls.REQUIRES_ACTION: {cls.SUCCEEDED, cls.FAILED},
            cls.EXPIRED: late,
            cls.FAILED: late,
        }  # fmt: skip


LIVE = (
    AttemptStatus.CREATED, AttemptStatus.OPEN, AttemptStatus.UNKNOWN, AttemptStatus.PROCESSING,
    AttemptStatus.REQUIRES_ACTION,
)  # fmt: skip
_IS_LIVE = text("status IN ('created', 'open', 'unknown', 'processing', 'requires_action')")


class PaymentAttempt(Model):
    """One try to collect an invoice by card: one hosted page, or one charge of a kept card."""

    __tablename__ = "payment_attempts"
    __table_args__ = (
        UniqueConstraint("invoice_id", "n"),
        Index(
            "uq_payment_attempts_one_live", "invoice_id", unique=True,
            sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE,
        ),
    )  # fmt: skip

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    invoice: Mapped[Invoice] = relationship()
    n: Mapped[int]
    status: Mapped[AttemptStatus] = mapped_column(default=AttemptStatus.CREATED, index=True)
    currency: Mapped[Currency]
    amount_minor: Mapped[int] = mapped_column(Minor)
    key: Mapped[str] = mapped_column(unique=True)  # inv-<invoice>-att-<n>
    session_id: Mapped[str | None] = mapped_column(unique=True)
    url: Mapped[str | None]
    back: Mapped[str]  # the page of ours that the payer returns to
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    # The firm's own people pay, though somebody else was asked to: it is the firm's money.
    is_own: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)


class StripeEvent(Model):
    """The inbox of what Stripe told us: an id is believed once; the job reads the truth again."""

    __tablename__ = "stripe_events"

    id: Mapped[Key]
    event_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    object_id: Mapped[str]
    heard_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    reason: Mapped[str | None]  # why staff set it aside
