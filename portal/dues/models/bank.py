"""Bank statements: the files, their lines, what became of each line, and how CSV is read."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.audit import kept_from
from portal.core.db import Currency, Key, Model
from portal.core.money import Money
from portal.dues.matching import Ground
from portal.dues.models.invoices import Minor
from portal.dues.models.payments import Payment
from portal.dues.models.payouts import Payout
from portal.dues.models.refunds import Refund
from portal.dues.models.reversals import Reversal
from portal.dues.statements import Columns
from portal.members.models import Organization


class ColumnMap(Model):
    """Which column of a bank's CSV says what."""

    __tablename__ = "column_maps"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    separator: Mapped[str]
    decimal: Mapped[str]
    day_format: Mapped[str]
    skipped: Mapped[int]  # rows before the headings
    account: Mapped[str]
    currency: Mapped[Currency]  # where no column says it
    headings: Mapped[dict[str, Any]]

    @property
    def columns(self) -> Columns:
        return Columns(
            self.separator, self.decimal, self.day_format, self.skipped, self.account,
            self.currency, self.headings,
        )  # fmt: skip


class BankFile(Model):
    """A statement that was read; `records` wait here until it is imported."""

    __tablename__ = "bank_files"

    id: Mapped[Key]
    sha256: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]  # camt053, mt940, csv
    read_at: Mapped[datetime]
    records: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    imported_at: Mapped[datetime | None]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    known_count: Mapped[int] = mapped_column(default=0)  # lines that were there before


MARKS = ("bank", *(f"bank{n}" for n in range(2, 10)))


@kept_from("booked_on")
class BankLine(Model):
    """One movement as the bank told it; the key names it whichever file brings it."""

    __tablename__ = "bank_lines"
    __table_args__ = (Index(None, "booked_on", "id"),)

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("bank_files.id"), index=True)
    file: Mapped[BankFile] = relationship()
    account: Mapped[str]
    booked_on: Mapped[date]
    currency: Mapped[Currency]
    minor: Mapped[int] = mapped_column(Minor)  # above zero: it came in
    counterparty: Mapped[str]
    counterparty_account: Mapped[str]
    text: Mapped[str]
    entry_reference: Mapped[str]
    holder: Mapped[str] = mapped_column(index=True)  # who sends: the account, else the name

    @property
    def money(self) -> Money:
        """What moved, whichever way."""
        return Money(abs(self.minor), self.currency)

    @property
    def came_in(self) -> bool:
        return self.minor > 0

    @property
    def external_ids(self) -> list[str]:
        """What its payment is called; the next where one was for the wrong firm, and reversed."""
        return [f"{mark}:{self.key}" for mark in MARKS]


class Purpose(enum.StrEnum):
    """What money was for that left and was no refund; fees are booked, the rest is set aside."""

    BANK_FEE = "bank_fee"
    PROVIDER_FEE = "provider_fee"
    SUPPLIER = "supplier"
    STAFF = "staff"
    TAX = "tax"
    OWN_ACCOUNT = "own_account"
    OTHER = "other"

    @property
    def words(self) -> str:
        return {
            Purpose.BANK_FEE: "Fee of the bank",
            Purpose.PROVIDER_FEE: "Fee of a payment provider",
            Purpose.SUPPLIER: "Payment to a supplier",
            Purpose.STAFF: "Pay and social charges",
            Purpose.TAX: "Tax office",
            Purpose.OWN_ACCOUNT: "Between accounts of our own",
            Purpose.OTHER: "Something else",
        }[self]


FEES = (Purpose.BANK_FEE, Purpose.PROVIDER_FEE)


class BankIncome(enum.StrEnum):
    """What money is that came without an invoice and is nobody's credit: a category of income."""

    SPONSORSHIP = "sponsorship"
    GRANT = "grant"
    GIFT = "gift"
    INTEREST = "interest"
    OTHER = "other"

    @property
    def words(self) -> str:
        return {
            BankIncome.SPONSORSHIP: "Sponsorship",
            BankIncome.GRANT: "Grant",
            BankIncome.GIFT: "Gift",
            BankIncome.INTEREST: "Interest from our bank",
            BankIncome.OTHER: "Other income",
        }[self]


_IS_LIVE = text("undone_at IS NULL")
_IS_WHOLE = text("undone_at IS NULL AND part_of_id IS NULL")


class BankMatch(Model):
    """What became of a line: money of the books as it moved, or a fee; else it is set aside."""

    __tablename__ = "bank_matches"
    __table_args__ = (
        Index(
            "uq_bank_matches_one_live", "line_id", unique=True,
            sqlite_where=_IS_WHOLE, postgresql_where=_IS_WHOLE,
        ),
        Index(
            "uq_bank_matches_one_payment", "payment_id", unique=True,
            sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE,
        ),
        Index(
            "uq_bank_matches_one_refund", "refund_id", unique=True,
            sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE,
        ),
        Index(
            "uq_bank_matches_one_reversal", "reversal_id", unique=True,
            sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE,
        ),
        Index(
            "uq_bank_matches_one_payout", "payout_id", unique=True,
            sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE,
        ),
    )  # fmt: skip

    id: Mapped[Key]
    line_id: Mapped[int] = mapped_column(ForeignKey("bank_lines.id"), index=True)
    line: Mapped[BankLine] = relationship()
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), index=True)
    payment: Mapped[Payment | None] = relationship()
    # The first match of a line that is several payments at once: the others are parts of it.
    part_of_id: Mapped[int | None] = mapped_column(ForeignKey("bank_matches.id"), index=True)
    payout_id: Mapped[int | None] = mapped_column(ForeignKey("payouts.id"))
    payout: Mapped[Payout | None] = relationship()
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"))
    refund: Mapped[Refund | None] = relationship()
    reversal_id: Mapped[int | None] = mapped_column(ForeignKey("reversals.id"))
    reversal: Mapped[Reversal | None] = relationship()
    purpose: Mapped[Purpose | None]  # of money that left and was no refund
    payee: Mapped[str] = mapped_column(default="")  # who got it
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization | None] = relationship()  # for whom it paid
    ground: Mapped[Ground | None]
    why: Mapped[str]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    undone_at: Mapped[datetime | None]
    undone_why: Mapped[str] = mapped_column(default="")

    @property
    def is_aside(self) -> bool:
        known = self.payment_id, self.payout_id, self.refund_id, self.reversal_id
        return known == (None, None, None, None) and not self.is_fee

    @property
    def is_fee(self) -> bool:
        """Booked as a cost, by a journal of its own."""
        return self.purpose in FEES

    @property
    def was_by_hand(self) -> bool:
        """Staff entered the payment: the match only says that it is the same money."""
        return self.payment is not None and self.payment.external_id is None
