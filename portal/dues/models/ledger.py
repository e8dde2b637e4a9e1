"""The postings that every balance is a sum of."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.audit import append_only
from portal.core.db import Currency, Key, Model
from portal.dues.models.invoices import Invoice, Minor
from portal.dues.models.payments import Payment


class Account(enum.StrEnum):
    RECEIVABLE = "receivable"
    INCOME = "income"
    TAX_PAYABLE = "tax_payable"
    BANK = "bank"
    CARD_CLEARING = "card_clearing"
    UNALLOCATED = "unallocated"
    WITHHELD = "withheld"  # what the payer's tax office holds for us
    FEES = "fees"  # what the card processor keeps for its work
    BAD_DEBT = "bad_debt"  # claims given up by a decision, and money that was lost
    EXCHANGE = "exchange"  # where the bank credited another amount than was paid


COMES_IN = (Account.BANK, Account.CARD_CLEARING, Account.WITHHELD)  # where payments arrive


@append_only
class Posting(Model):
    """One debit (positive) or credit (negative); each journal sums to zero in its currency."""

    __tablename__ = "postings"
    # The second holds all that a balance is the sum of.
    __table_args__ = (
        Index(None, "account", "on"),
        Index(None, "invoice_id", "account", "minor"),
    )

    id: Mapped[Key]
    journal: Mapped[str] = mapped_column(index=True)  # "issue:7", "payment:12"
    on: Mapped[date]
    account: Mapped[Account]
    income: Mapped[str | None]  # the category, on income postings
    currency: Mapped[Currency]
    minor: Mapped[int] = mapped_column(Minor)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    invoice: Mapped[Invoice | None] = relationship()
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), index=True)
    payment: Mapped[Payment | None] = relationship()
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("postings.id"))


class Closing(Model):
    """The day until which the books are closed: one row, held by whoever posts or closes."""

    __tablename__ = "closing"
    __table_args__ = (CheckConstraint("id = 1", "only_one"),)

    id: Mapped[Key]
    until_on: Mapped[date | None]  # None after everything was opened again
    changed_at: Mapped[datetime]
    reason: Mapped[str]
