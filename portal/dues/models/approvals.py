"""Money that one staff person proposes to give up or to send back, and another approves."""

import enum
from datetime import datetime
from typing import Any, Self

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Currency, Key, Model
from portal.core.money import Money
from portal.core.states import Status
from portal.dues.models.invoices import Invoice, Minor
from portal.dues.models.payments import Payment


class ApprovalKind(enum.StrEnum):
    REFUND = "refund"
    CREDIT = "credit"
    WRITE_OFF = "write_off"
    REVERSAL = "reversal"

    @property
    def words(self) -> str:
        return {
            ApprovalKind.REFUND: "Refund", ApprovalKind.CREDIT: "Credit note",
            ApprovalKind.WRITE_OFF: "Write-off", ApprovalKind.REVERSAL: "Reversal",
        }[self]  # fmt: skip


class ApprovalStatus(Status):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {cls.PROPOSED: {cls.APPROVED, cls.REFUSED, cls.WITHDRAWN}}


_WAITS = text("status = 'proposed'")


class Approval(Model):
    """Nothing is booked until it is approved; `facts` say how it is done then."""

    __tablename__ = "approvals"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", "positive"),
        CheckConstraint("(invoice_id IS NULL) <> (payment_id IS NULL)", "one_subject"),
        CheckConstraint("decided_by_id <> proposed_by_id", "two_people"),
        Index(
            "uq_approvals_one_of_invoice", "kind", "invoice_id", unique=True,
            sqlite_where=_WAITS, postgresql_where=_WAITS,
        ),
        Index(
            "uq_approvals_one_of_payment", "kind", "payment_id", unique=True,
            sqlite_where=_WAITS, postgresql_where=_WAITS,
        ),
    )  # fmt: skip

    id: Mapped[Key]
    kind: Mapped[ApprovalKind]
    status: Mapped[ApprovalStatus] = mapped_column(default=ApprovalStatus.PROPOSED, index=True)
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    invoice: Mapped[Invoice | None] = relationship()
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    payment: Mapped[Payment | None] = relationship()
    currency: Mapped[Currency]
    amount_minor: Mapped[int] = mapped_column(Minor)
    reason: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    proposed_by: Mapped[Person] = relationship(foreign_keys=[proposed_by_id])
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
    decided_at: Mapped[datetime | None]
    decided_why: Mapped[str] = mapped_column(default="")

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def payer(self) -> str:
        """Whose money it is about."""
        if self.invoice:
            return str(self.invoice.bill_to["name"])
        firm = self.payment.organization if self.payment else None
        return firm.name if firm else "A person without a firm"
