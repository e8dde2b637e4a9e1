"""Invoices, credit notes, and how people are told of them."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.audit import append_only
from portal.core.db import Currency, Key, Model
from portal.core.mail import OutgoingMail
from portal.core.money import Money
from portal.dues.notes import Notes, sentences
from portal.members.models import Membership, Organization

Minor = BigInteger  # minor units: a large firm's revenue band does not fit in 32 bits


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
    # Who is asked to pay it where that is not who owes it, by the same names; else empty.
    paid_by: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    issued_by: Mapped[dict[str, Any] | None]  # the association as it was; None on older ones
    purchase_order: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")  # of the paper
    currency: Mapped[Currency]
    issued_on: Mapped[date] = mapped_column(index=True)
    due_on: Mapped[date] = mapped_column(index=True)
    net_minor: Mapped[int] = mapped_column(Minor)
    tax_minor: Mapped[int] = mapped_column(Minor)
    total_minor: Mapped[int] = mapped_column(Minor)
    tax_text: Mapped[str]  # "VAT 21 %", or why there is none
    lobbying_minor: Mapped[int] = mapped_column(Minor, default=0, server_default="0")
    lobbying_text: Mapped[str] = mapped_column(default="", server_default="")  # the tariff's own
    notice_until_on: Mapped[date | None]  # the last day to say that one leaves with `leaves_on`
    leaves_on: Mapped[date | None]
    early_until_on: Mapped[date | None]  # who pays by this day owes `early_minor` less
    early_minor: Mapped[int] = mapped_column(Minor, default=0, server_default="0")
    lines: Mapped[list["InvoiceLine"]] = relationship(
        back_populates="invoice", order_by="InvoiceLine.position"
    )
    links: Mapped[list["PayLink"]] = relationship(back_populates="invoice", order_by="PayLink.id")

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def to(self) -> dict[str, Any]:
        """Whom it is addressed to: who pays it, or who owes it."""
        return self.paid_by or self.bill_to

    @property
    def said(self) -> list[str]:
        """What it says beside its sum, in the language of the paper."""
        lobbying = self.lobbying_minor, self.lobbying_text
        notes = Notes(*lobbying, self.notice_until_on, self.leaves_on)
        return sentences(notes, self.currency, self.language)

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
    tax_percent: Mapped[str | None]  # None on lines from before rates were kept by line
    tax_outcome: Mapped[str] = mapped_column(default="", server_default="")  # of adopted rules
    tax_text: Mapped[str] = mapped_column(default="", server_default="")  # "Reverse charge: …"

    @property
    def net(self) -> Money:
        return Money(self.net_minor, self.invoice.currency)


class CreditReason(enum.StrEnum):
    PRICE_CORRECTION = "price_correction"
    SEAT_CORRECTION = "seat_correction"
    DROP = "drop"  # a renewal that was never paid
    GOODWILL = "goodwill"
    DUPLICATE = "duplicate"
    TAX_CORRECTION = "tax_correction"
    WITHDRAWAL = "withdrawal"
    EARLY_PAYMENT = "early_payment"
    EARLY_LOST = "early_lost"  # the money that was early went back: below zero, it is owed again


@append_only
class CreditNote(Model):
    """Takes a claim back, whole or in part; it has a number of its own and says why.

    One below zero claims again what an earlier one took off.
    """

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
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    invoice: Mapped[Invoice] = relationship()
    issued_by: Mapped[dict[str, Any] | None]
    code: Mapped[CreditReason]
    reason: Mapped[str]
    issued_on: Mapped[date]
    currency: Mapped[Currency]
    net_minor: Mapped[int] = mapped_column(Minor)
    tax_minor: Mapped[int] = mapped_column(Minor)
    total_minor: Mapped[int] = mapped_column(Minor)
    lines: Mapped[list["CreditNoteLine"]] = relationship(
        back_populates="note", order_by="CreditNoteLine.invoice_line_id"
    )

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


@append_only
class CreditNoteLine(Model):
    """How much of one line of the invoice a credit note takes back."""

    __tablename__ = "credit_note_lines"
    __table_args__ = (UniqueConstraint("note_id", "invoice_line_id"),)

    id: Mapped[Key]
    note_id: Mapped[int] = mapped_column(ForeignKey("credit_notes.id"))
    note: Mapped[CreditNote] = relationship(back_populates="lines")
    invoice_line_id: Mapped[int] = mapped_column(ForeignKey("invoice_lines.id"), index=True)
    invoice_line: Mapped[InvoiceLine] = relationship()
    net_minor: Mapped[int] = mapped_column(Minor)


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
    invoice: Mapped[Invoice] = relationship(back_populates="links")
    token: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
