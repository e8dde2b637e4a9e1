"""Bank statements: the files, their lines, what became of each line, and how CSV is read."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.audit import append_only
from portal.core.db import Currency, Key, Model
from portal.core.money import Money
from portal.dues.matching import Ground
from portal.dues.models.invoices import Minor
from portal.dues.models.payments import Payment
from portal.dues.models.payouts import Payout
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


@append_only
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
    def external_id(self) -> str:
        """What the payment of this line is called."""
        return f"bank:{self.key}"


_IS_LIVE = text("undone_at IS NULL")


class BankMatch(Model):
    """What became of a line: a payment, or a payout; without either, set aside for a reason."""

    __tablename__ = "bank_matches"
    __table_args__ = (
        Index(
            "uq_bank_matches_one_live", "line_id", unique=True,
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
    payout_id: Mapped[int | None] = mapped_column(ForeignKey("payouts.id"))
    payout: Mapped[Payout | None] = relationship()
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
        return self.payment_id is None and self.payout_id is None
