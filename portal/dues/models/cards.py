"""Cards kept with consent, and what is charged to them without the payer at the page."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model
from portal.dues.models.payments import PaymentAttempt
from portal.members.models import Organization

_IS_KEPT = text("saved_at IS NOT NULL AND revoked_at IS NULL")


class CardMandate(Model):
    """Consent of a firm that a card may be charged: the card itself lies with Stripe alone.

    The row is the consent; it has a card once Stripe says that one was saved for it.
    """

    __tablename__ = "card_mandates"
    __table_args__ = (
        Index(
            "uq_card_mandates_one_kept", "organization_id", unique=True,
            sqlite_where=_IS_KEPT, postgresql_where=_IS_KEPT,
        ),
    )  # fmt: skip

    id: Mapped[Key]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization] = relationship()
    consented_at: Mapped[datetime]
    consented_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    consented_by: Mapped[Person] = relationship()
    text_version: Mapped[str]
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("payment_attempts.id"), index=True)
    session_id: Mapped[str | None] = mapped_column(unique=True)  # of the page that asks for a card
    customer_id: Mapped[str | None]  # the firm, as Stripe names it
    payment_method_id: Mapped[str | None] = mapped_column(unique=True)
    brand: Mapped[str] = mapped_column(default="")
    last4: Mapped[str] = mapped_column(default="")
    expiry_month: Mapped[int | None]
    expiry_year: Mapped[int | None]
    saved_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    @property
    def last_day(self) -> date:
        """A card is good to the end of its month."""
        year, month = self.expiry_year or 1, self.expiry_month or 1
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)

    @property
    def words(self) -> str:
        return f"{self.brand.capitalize()} ending in {self.last4}"

    @property
    def expiry(self) -> str:
        return f"{self.expiry_month:02}/{self.expiry_year}"


class AutomaticCharge(Model):
    """One step at which a kept card was charged for an invoice: never twice for the same step."""

    __tablename__ = "automatic_charges"
    __table_args__ = (UniqueConstraint("invoice_id", "step"),)

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    step: Mapped[str]  # days after the first try: "0", "1" …; "card:7" when a card was changed
    on: Mapped[date]
    mandate_id: Mapped[int] = mapped_column(ForeignKey("card_mandates.id"), index=True)
    mandate: Mapped[CardMandate] = relationship()
    attempt_id: Mapped[int] = mapped_column(ForeignKey("payment_attempts.id"), unique=True)
    attempt: Mapped[PaymentAttempt] = relationship()
    intent_id: Mapped[str | None] = mapped_column(unique=True)
    failure: Mapped[str] = mapped_column(default="")  # Stripe's code: "insufficient_funds"


class EventCursor(Model):
    """How far Stripe's own list of events was read: one row."""

    __tablename__ = "event_cursor"

    id: Mapped[Key]
    read_until: Mapped[datetime]


class ProviderReport(Model):
    """What Stripe and we said of the same money on a day; a difference names both sides."""

    __tablename__ = "provider_reports"

    id: Mapped[Key]
    on: Mapped[date] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    since_on: Mapped[date]
    counts: Mapped[dict[str, Any]]  # of what was compared: {"payments": 12}
    differences: Mapped[dict[str, Any]]  # {"rows": [{"kind", "id", "theirs", "ours"}]}

    @property
    def rows(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.differences["rows"]
        return found
