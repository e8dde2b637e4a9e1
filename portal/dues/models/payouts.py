"""What the card processor keeps for its work, and what it pays out to our bank."""

from datetime import date, datetime
from typing import Self

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.audit import append_only
from portal.core.db import Currency, Key, Model
from portal.core.money import Money
from portal.core.states import Status
from portal.dues.models.invoices import Minor
from portal.dues.models.payments import Payment


@append_only
class ProviderFee(Model):
    """The fee of one movement of Stripe's balance; less than nothing is a fee returned."""

    __tablename__ = "provider_fees"
    __table_args__ = (CheckConstraint("amount_minor <> 0", "some"),)

    id: Mapped[Key]
    external_id: Mapped[str] = mapped_column(unique=True)  # txn_…
    source: Mapped[str]  # ch_…, du_…
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), index=True)
    payment: Mapped[Payment | None] = relationship()
    currency: Mapped[Currency]
    amount_minor: Mapped[int] = mapped_column(Minor)
    made_at: Mapped[datetime]

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)


class PayoutStatus(Status):
    PAID = "paid"
    FAILED = "failed"  # the bank sent it back

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {cls.PAID: {cls.FAILED}}


class Payout(Model):
    """Money that Stripe paid to our bank; one that it takes from there is less than nothing."""

    __tablename__ = "payouts"
    __table_args__ = (CheckConstraint("amount_minor <> 0", "some"),)

    id: Mapped[Key]
    external_id: Mapped[str] = mapped_column(unique=True)  # po_…
    status: Mapped[PayoutStatus] = mapped_column(default=PayoutStatus.PAID)
    currency: Mapped[Currency]
    amount_minor: Mapped[int] = mapped_column(Minor)
    made_at: Mapped[datetime]
    arrives_on: Mapped[date]
    trace: Mapped[str]  # what the bank's statement may name it by
    trouble: Mapped[str] = mapped_column(default="")

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)
