"""The tax rules that were adopted, and the tax ids that somebody looked up."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.audit import append_only
from portal.core.db import Key, Model
from portal.members.models import Decision


@append_only
class TaxTable(Model):
    """Which tax invoices have from a day on, until the next table's; adopted, never changed."""

    __tablename__ = "tax_tables"

    id: Mapped[Key]
    effective_from: Mapped[date] = mapped_column(unique=True)
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # the first that fits a line decides
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    decision: Mapped[Decision] = relationship()


@append_only
class TaxIdCheck(Model):
    """What the register of a country said of a tax id; the latest word holds."""

    __tablename__ = "tax_id_checks"
    __table_args__ = (Index(None, "country", "tax_id"),)

    id: Mapped[Key]
    country: Mapped[str] = mapped_column(String(2))
    tax_id: Mapped[str]  # letters and figures only, in capitals
    is_valid: Mapped[bool]
    checked_on: Mapped[date]
    checked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    checked_by: Mapped[Person] = relationship()
    note: Mapped[str]  # where it was looked up, and what it said
