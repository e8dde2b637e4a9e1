"""What changes a claim after it was issued: void, written off, or paid over time."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.audit import append_only
from portal.core.db import Key, Model
from portal.dues.models.invoices import Invoice, Minor
from portal.members.models import Decision


@append_only
class WriteOff(Model):
    """What was owed is given up, by a decision; money that comes later revives it."""

    __tablename__ = "write_offs"
    __table_args__ = (CheckConstraint("amount_minor > 0", "positive"),)

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    invoice: Mapped[Invoice] = relationship()
    amount_minor: Mapped[int] = mapped_column(Minor)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    decision: Mapped[Decision] = relationship()
    made_at: Mapped[datetime]


@append_only
class Void(Model):
    """An invoice that claims nothing since a day: its number stays, its journal is reversed."""

    __tablename__ = "voids"

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), unique=True)
    invoice: Mapped[Invoice] = relationship()
    reason: Mapped[str]
    voided_on: Mapped[date]
    made_at: Mapped[datetime]


class Instalment(Model):
    """One part of a plan by which an invoice is paid over time; a plan that is given up ends."""

    __tablename__ = "instalments"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", "positive"),
        Index(
            "uq_instalments_day", "invoice_id", "due_on", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    due_on: Mapped[date]
    amount_minor: Mapped[int] = mapped_column(Minor)
    left_minor: Mapped[int] = mapped_column(Minor)  # what may be owed once this part is paid
    ended_at: Mapped[datetime | None]
