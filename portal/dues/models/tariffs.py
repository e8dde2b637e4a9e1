"""Tariffs as adopted, tariffs in the making, and what firms declare to be priced by."""

import enum
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.audit import append_only
from portal.core.db import Currency, Key, Model
from portal.core.states import Status
from portal.members.models import Decision, Organization

TEN_THOUSANDTHS = 4


@append_only
class Tariff(Model):
    """A price book as `portal quote` reads it, adopted by a named decision; never changed."""

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

    @property
    def whole_book(self) -> dict[str, Any]:
        """The tariff in the shape that `portal quote` reads."""
        return whole_book(self)


def whole_book(one: "Tariff | TariffDraft") -> dict[str, Any]:
    head = {"code": one.code, "currency": one.currency}
    return {**one.book, **head, "effective_from": one.effective_from.isoformat()}


class DraftStatus(Status):
    DRAFT = "draft"
    ADOPTED = "adopted"
    WITHDRAWN = "withdrawn"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {cls.DRAFT: {cls.ADOPTED, cls.WITHDRAWN}}


class TariffDraft(Model):
    """A price book in the making: it prices nothing, and becomes a tariff when it is adopted."""

    __tablename__ = "tariff_drafts"

    id: Mapped[Key]
    status: Mapped[DraftStatus] = mapped_column(default=DraftStatus.DRAFT)
    code: Mapped[str]
    currency: Mapped[Currency]
    effective_from: Mapped[date]
    explanation: Mapped[str]
    book: Mapped[dict[str, Any]]
    prior_id: Mapped[int | None] = mapped_column(ForeignKey("tariffs.id"))  # copied from
    prior: Mapped[Tariff | None] = relationship(foreign_keys=prior_id)
    tariff_id: Mapped[int | None] = mapped_column(ForeignKey("tariffs.id"), unique=True)
    tariff: Mapped[Tariff | None] = relationship(foreign_keys=tariff_id)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    @property
    def whole_book(self) -> dict[str, Any]:
        """The draft in the shape that `portal quote` reads."""
        return whole_book(self)


class Source(enum.StrEnum):
    SELF = "self"
    AUDITED = "audited"
    ESTIMATE = "estimate"


class Checked(enum.StrEnum):
    NONE = "none"
    SAMPLED = "sampled"  # looked at, and found right
    CORRECTED = "corrected"


@append_only
class Declaration(Model):
    """What a firm signed of itself: a number for a period. A correction is a new row."""

    __tablename__ = "declarations"
    __table_args__ = (
        CheckConstraint("period_start <= period_end", "starts_before_it_ends"),
        CheckConstraint("ten_thousandths >= 0", "never_negative"),
        Index(None, "organization_id", "metric", "period_end"),
    )

    id: Mapped[Key]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()
    metric: Mapped[str]  # contact_centre_fte, headcount, seats, revenue …
    ten_thousandths: Mapped[int] = mapped_column(BigInteger)  # decimal(18, 4), exact everywhere
    unit: Mapped[str]
    period_start: Mapped[date]
    period_end: Mapped[date]
    scope: Mapped[str]  # what was counted, in words
    source: Mapped[Source]
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    signed_by: Mapped[Person] = relationship()
    signed_at: Mapped[datetime]
    text_hash: Mapped[str]  # of the sentence that was signed
    prior_id: Mapped[int | None] = mapped_column(ForeignKey("declarations.id"), unique=True)
    prior: Mapped["Declaration | None"] = relationship(remote_side="Declaration.id")
    checked: Mapped[Checked] = mapped_column(default=Checked.NONE)
    reason: Mapped[str] = mapped_column(default="")  # of a check or a correction

    @property
    def value(self) -> Decimal:
        return plain_number(Decimal(self.ten_thousandths).scaleb(-TEN_THOUSANDTHS))


def plain_number(value: Decimal) -> Decimal:
    """Without the noughts after the point that say nothing: 60, 25.4."""
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
