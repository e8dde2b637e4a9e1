"""Tariffs, invoices, payments, and the postings that every balance is a sum of."""

import enum
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.audit import append_only
from portal.core.db import Currency, Key, Model
from portal.core.mail import OutgoingMail
from portal.core.money import Money
from portal.core.states import Status
from portal.members.models import Decision, Membership, Organization

Minor = BigInteger  # minor units: a large firm's revenue band does not fit in 32 bits


class Tariff(Model):
    """A price book as `portal quote` reads it, adopted by a named decision."""

    __tablename__ = "tariffs"
    __table_args__ = (UniqueConstraint("code", "currency", "effective_from"),)

    id: Mapped[Key]
    code: Mapped[str]
    currency: Mapped[Currency]
    effective_from: Mapped[date]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    decision: Mapped[Decision] = relationship()
    explanation: Mapped[str]  # what dues buy, in words
    book: Mapped[dict[str, Any]]  # period, proration, tax_percent, rules


class NumberSeries(Model):
    """The last number taken: one row for each series and year, locked while taking."""

    __tablename__ = "number_series"
    __table_args__ = (UniqueConstraint("series", "year"),)

    id: Mapped[Key]
    series: Mapped[str]
    year: Mapped[int]
    last: Mapped[int] = mapped_column(default=0)


class InvoiceKind(enum.StrEnum):
    DUES = "dues"
    EVENT = "event"


@append_only
class Invoice(Model):
    """A claim. It exists from the moment it is issued and is never changed after."""

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("series", "year", "sequence"),
        CheckConstraint("total_minor = net_minor + tax_minor", "sums_match"),
        CheckConstraint("total_minor >= 0", "never_negative"),
    )

    id: Mapped[Key]
    series: Mapped[str]
    year: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)  # LH-2026-000012
    reference: Mapped[str] = mapped_column(unique=True)  # RF creditor reference, ISO 11649
    kind: Mapped[InvoiceKind]
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization | None] = relationship()
    bill_to: Mapped[dict[str, Any]]  # name, address, country, tax_id, email as they were
    purchase_order: Mapped[str] = mapped_column(default="")
    currency: Mapped[Currency]
    issued_on: Mapped[date] = mapped_column(index=True)
    due_on: Mapped[date] = mapped_column(index=True)
    net_minor: Mapped[int] = mapped_column(Minor)
    tax_minor: Mapped[int] = mapped_column(Minor)
    total_minor: Mapped[int] = mapped_column(Minor)
    tax_text: Mapped[str]  # "VAT 21 %", or why there is none
    lines: Mapped[list["InvoiceLine"]] = relationship(
        back_populates="invoice", order_by="InvoiceLine.position"
    )
    postings: Mapped[list["Posting"]] = relationship(back_populates="invoice")

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def title(self) -> str:
        return self.lines[0].text


@append_only
class InvoiceLine(Model):
    __tablename__ = "invoice_lines"

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    invoice: Mapped[Invoice] = relationship(back_populates="lines")
    position: Mapped[int]
    rule: Mapped[str]  # the tariff's rule, or "event"
    text: Mapped[str]
    formula: Mapped[str]  # how it was reckoned, in words
    inputs: Mapped[dict[str, Any]]
    income: Mapped[str]  # dues | entry | seats | events: what the independence figures read
    net_minor: Mapped[int] = mapped_column(Minor)
    covers_from: Mapped[date | None]
    covers_to: Mapped[date | None]
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("memberships.id"))
    membership: Mapped[Membership | None] = relationship()


@append_only
class CreditNote(Model):
    """Takes a claim back, whole; it has a number of its own and says why."""

    __tablename__ = "credit_notes"
    __table_args__ = (
        UniqueConstraint("series", "year", "sequence"),
        CheckConstraint("total_minor = net_minor + tax_minor", "sums_match"),
    )

    id: Mapped[Key]
    series: Mapped[str]
    year: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), unique=True)
    invoice: Mapped[Invoice] = relationship()
    reason: Mapped[str]
    issued_on: Mapped[date]
    currency: Mapped[Currency]
    net_minor: Mapped[int] = mapped_column(Minor)
    tax_minor: Mapped[int] = mapped_column(Minor)
    total_minor: Mapped[int] = mapped_column(Minor)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class InvoiceMail(Model):
    """Who was mailed about an invoice, and in which mail."""

    __tablename__ = "invoice_mails"

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("outgoing_mail.id"))
    mail: Mapped[OutgoingMail] = relationship()


class PayLink(Model):
    """A secret address at which one invoice can be seen and paid; revoking it makes another."""

    __tablename__ = "pay_links"

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    invoice: Mapped[Invoice] = relationship()
    token: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PaymentMethod(enum.StrEnum):
    CARD = "card"
    BANK = "bank"
    CHEQUE = "cheque"
    CASH = "cash"


@append_only
class Payment(Model):
    """Money received. Which invoice it paid is a posting."""

    __tablename__ = "payments"
    __table_args__ = (CheckConstraint("amount_minor > 0", "positive"),)

    id: Mapped[Key]
    method: Mapped[PaymentMethod]
    external_id: Mapped[str | None] = mapped_column(unique=True)  # the payment intent
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    currency: Mapped[Currency]
    amount_minor: Mapped[int] = mapped_column(Minor)
    received_on: Mapped[date]
    booked_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)


class AttemptStatus(Status):
    CREATED = "created"
    OPEN = "open"
    UNKNOWN = "unknown"  # Stripe was asked and did not answer
    PROCESSING = "processing"  # submitted by the payer; the bank takes its time
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
            cls.OPEN: {cls.PROCESSING, cls.SUCCEEDED, cls.FAILED, cls.EXPIRED},
            cls.PROCESSING: {cls.SUCCEEDED, cls.FAILED},
            cls.EXPIRED: late,
            cls.FAILED: late,
        }


LIVE = (
    AttemptStatus.CREATED, AttemptStatus.OPEN, AttemptStatus.UNKNOWN, AttemptStatus.PROCESSING,
)  # fmt: skip
_IS_LIVE = text("status IN ('created', 'open', 'unknown', 'processing')")


class PaymentAttempt(Model):
    """One try to collect an invoice by card: one hosted page."""

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

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)


class Account(enum.StrEnum):
    RECEIVABLE = "receivable"
    INCOME = "income"
    TAX_PAYABLE = "tax_payable"
    BANK = "bank"
    CARD_CLEARING = "card_clearing"
    UNALLOCATED = "unallocated"


@append_only
class Posting(Model):
    """One debit (positive) or credit (negative); each journal sums to zero in its currency."""

    __tablename__ = "postings"
    __table_args__ = (Index(None, "account", "on"),)

    id: Mapped[Key]
    journal: Mapped[str] = mapped_column(index=True)  # "issue:7", "payment:12"
    on: Mapped[date]
    account: Mapped[Account]
    income: Mapped[str | None]  # the category, on income postings
    currency: Mapped[Currency]
    minor: Mapped[int] = mapped_column(Minor)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    invoice: Mapped[Invoice | None] = relationship(back_populates="postings")
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), index=True)
    payment: Mapped[Payment | None] = relationship()
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("postings.id"))


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
