"""How each class of membership works, as last decided."""

import enum
from dataclasses import fields

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Key, Model
from portal.members.models.firms import Decision, MembershipClass
from portal.members.policy import Policy
from portal.members.renewing import Return


class Votes(enum.StrEnum):
    FULL = "full"
    SCOPED = "scoped"  # only on the matters that `scope` names
    NONE = "none"


class Counting(enum.StrEnum):
    """Which of a firm's people, seats or money its dues count."""

    CONTACT_CENTRE_ONLY = "contact_centre_only"
    WHOLE_ORGANIZATION = "whole_organization"
    SITE = "site"
    COUNTRY = "country"
    GROUP = "group"


class BaseYear(enum.StrEnum):
    PREVIOUS = "previous"
    CURRENT = "current"
    PROJECTED = "projected"


class AdmissionOrder(enum.StrEnum):
    APPROVE_THEN_PAY = "approve_then_pay"
    PAY_THEN_APPROVE = "pay_then_approve"


class MembershipType(Model):
    """How a class is admitted, votes, counts, renews and lapses, as last decided.

    A class that has no row works as `by_default` says: `queries.type_of` knows.
    """

    __tablename__ = "membership_types"
    __table_args__ = (
        CheckConstraint("grace_days >= 0 AND grace_days <= 366", "grace_is_days"),
        CheckConstraint("invoice_days <= window_before_days", "invoiced_in_the_window"),
    )

    id: Mapped[Key]
    kind: Mapped[MembershipClass] = mapped_column(unique=True)
    votes: Mapped[Votes]
    scope: Mapped[str]  # the matters of a scoped vote
    counting: Mapped[Counting]
    base_year: Mapped[BaseYear]
    admission_order: Mapped[AdmissionOrder]
    grace_days: Mapped[int]
    window_before_days: Mapped[int]  # renewal is open so long before the next term starts
    invoice_days: Mapped[int]  # the renewal invoice goes out so long before it
    window_after_days: Mapped[int]  # a lapsed firm comes back by renewing, not joining, so long
    comeback: Mapped[Return]  # how it then comes back
    benefits_before_payment: Mapped[bool]  # from the invoice on, not from its payment
    notice_before: Mapped[str]  # of a calendar year's term: who tells before 09-01 leaves with it
    notice_days: Mapped[int]  # of any other term
    stays_first_year: Mapped[bool]  # nobody leaves in the year in which they joined
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    decision: Mapped[Decision | None] = relationship()

    @classmethod
    def by_default(cls, kind: MembershipClass) -> "MembershipType":
        """A centre counts those who work in it, everybody else their whole firm."""
        is_trade = kind not in OUTSIDE_THE_TRADE
        is_centre = kind is MembershipClass.PROVIDER_FRONT
        return cls(
            kind=kind, votes=Votes.FULL if is_trade else Votes.NONE, scope="",
            counting=Counting.CONTACT_CENTRE_ONLY if is_centre else Counting.WHOLE_ORGANIZATION,
            base_year=(
                BaseYear.PROJECTED if kind is MembershipClass.STARTUP else BaseYear.PREVIOUS
            ),
            admission_order=AdmissionOrder.APPROVE_THEN_PAY,
            grace_days=60 if kind in PUBLIC else 30, window_before_days=90, invoice_days=60,
            window_after_days=180,
            comeback=Return.RESTART if kind is MembershipClass.STARTUP else Return.BACKDATE,
            benefits_before_payment=kind in PUBLIC, notice_before="09-01", notice_days=30,
            stays_first_year=False,
        )  # fmt: skip

    @property
    def policy(self) -> Policy:
        """What renewing reads of it."""
        return Policy(**{one.name: getattr(self, one.name) for one in fields(Policy)})


PUBLIC = frozenset({MembershipClass.PUBLIC_BODY, MembershipClass.ACADEMIC})  # budgets take time
OUTSIDE_THE_TRADE = frozenset({
    MembershipClass.CLIENT, MembershipClass.ACADEMIC, MembershipClass.PUBLIC_BODY,
    MembershipClass.SUPPORTER, MembershipClass.INDIVIDUAL,
})  # fmt: skip
