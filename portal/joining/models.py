"""An application: what the applicant said, what was decided, and the invoice that follows."""

from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model
from portal.core.states import Status
from portal.dues.models import Invoice
from portal.members.models import MembershipClass, Organization


class ApplicationStatus(Status):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    NEEDS_INFORMATION = "needs_information"
    APPROVED = "approved"
    AWAITING_PAYMENT = "awaiting_payment"
    ACTIVATED = "activated"
    DECLINED = "declined"
    APPEALED = "appealed"
    DECLINED_FINAL = "declined_final"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {
            cls.DRAFT: {cls.SUBMITTED, cls.EXPIRED, cls.WITHDRAWN},
            cls.SUBMITTED: {
                cls.UNDER_REVIEW, cls.NEEDS_INFORMATION, cls.AWAITING_PAYMENT, cls.WITHDRAWN,
            },
            cls.UNDER_REVIEW: {
                cls.NEEDS_INFORMATION, cls.APPROVED, cls.DECLINED, cls.WITHDRAWN,
            },
            cls.NEEDS_INFORMATION: {cls.UNDER_REVIEW, cls.EXPIRED, cls.WITHDRAWN},
            cls.APPROVED: {cls.AWAITING_PAYMENT, cls.ACTIVATED},
            cls.DECLINED: {cls.APPEALED},
            cls.APPEALED: {cls.APPROVED, cls.DECLINED_FINAL},
            cls.AWAITING_PAYMENT: {
                cls.UNDER_REVIEW, cls.ACTIVATED, cls.EXPIRED, cls.WITHDRAWN,
            },
        }  # fmt: skip


IS_OPEN = (
    "status IN ('submitted', 'under_review', 'needs_information', 'awaiting_payment', 'appealed')"
)


class Application(Model):
    """One firm asking to become a member of one class."""

    __tablename__ = "applications"
    __table_args__ = (
        Index(
            "uq_applications_open_per_applicant", "email", "kind", unique=True,
            sqlite_where=text(IS_OPEN), postgresql_where=text(IS_OPEN),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)  # AP-7K3M9QXW
    token: Mapped[str] = mapped_column(unique=True)  # of the mailed link
    status: Mapped[ApplicationStatus] = mapped_column(default=ApplicationStatus.DRAFT, index=True)
    kind: Mapped[MembershipClass]
    country: Mapped[str]
    email: Mapped[str]
    applicant: Mapped[str]
    answers: Mapped[dict[str, Any]]  # firm, contacts, declaration: page by page; metrics; choices
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    deadline_on: Mapped[date | None]
    question: Mapped[str] = mapped_column(default="")
    reply: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime | None]  # since when the clock stands still
    decided_on: Mapped[date | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)
    reason: Mapped[str] = mapped_column(default="")
    appeal: Mapped[str] = mapped_column(default="", server_default="")
    appealed_at: Mapped[datetime | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person | None] = relationship(foreign_keys=person_id)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization | None] = relationship()
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), unique=True)
    invoice: Mapped[Invoice | None] = relationship()

    @property
    def metrics(self) -> dict[str, str]:
        """The numbers that it told for its dues, by metric, as written."""
        return dict(self.answers.get("metrics") or {})

    @property
    def choices(self) -> dict[str, Any]:
        """What the applicant chose: chapters, a gift as written, to begin with a trial."""
        return dict(self.answers.get("choices") or {})

    @property
    def payer(self) -> dict[str, str]:
        """Who pays the dues in the firm's place, as `Organization.paid_by`; empty: the firm."""
        told = self.answers.get("contacts", {})
        if not told.get("payer"):
            return {}
        parts = {one: told.get(f"payer_{one}") or "" for one in ("country", "tax_id", "email")}
        return {"name": told["payer"], "address": "", "reference": "", **parts}

    @property
    def invoices_to(self) -> str:
        told = self.answers.get("contacts", {})
        return str(self.payer.get("email") or told.get("finance_email") or self.email)

    @property
    def is_paid_first(self) -> bool:
        """Its dues were asked for before anybody decided, and nobody has decided yet."""
        return self.invoice_id is not None and self.decided_on is None

    @property
    def firm_name(self) -> str:
        return str(self.answers.get("firm", {}).get("name", "")) or "a firm not named yet"
