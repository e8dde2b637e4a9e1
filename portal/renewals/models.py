"""Renewals, changes inside a term, resignations: what a term's future follows from."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.audit import append_only
from portal.core.db import Key, Model
from portal.dues.models import Invoice
from portal.members.models import Decision, Membership, Term


class Renewal(Model):
    """What comes after a term: one row for each term, from the day its window opens."""

    __tablename__ = "renewals"
    __table_args__ = (
        CheckConstraint("invoice_id IS NULL OR ends_on IS NOT NULL", "an_invoice_buys_days"),
    )

    id: Mapped[Key]
    term_id: Mapped[int] = mapped_column(ForeignKey("terms.id"), unique=True)
    term: Mapped[Term] = relationship()
    opened_at: Mapped[datetime]
    seats: Mapped[int | None]  # as asked for the next term
    gift_minor: Mapped[int | None] = mapped_column(BigInteger)  # given beside the next dues
    told_at: Mapped[datetime | None]  # of the seats and the gift
    told_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    starts_on: Mapped[date | None]  # the days that the invoice buys
    ends_on: Mapped[date | None]
    # The tariff that each period of these days was quoted by, by its first day.
    tariffs: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, server_default="{}")
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), unique=True)
    invoice: Mapped[Invoice | None] = relationship()
    dropped_at: Mapped[datetime | None]

    @property
    def cuts_short(self) -> bool:
        """It buys days of the term itself: a trial that becomes a membership before its end."""
        return self.starts_on is not None and self.starts_on <= self.term.end_on


class TermChange(Model):
    """A firm grew or shrank inside a term; or what it had said was corrected.

    An increase has the invoice that charges it; a decrease waits for the next term.
    """

    __tablename__ = "term_changes"

    id: Mapped[Key]
    term_id: Mapped[int] = mapped_column(ForeignKey("terms.id"), index=True)
    term: Mapped[Term] = relationship()
    on: Mapped[date]
    metrics: Mapped[dict[str, Any]]  # the numbers that changed, as written
    seats: Mapped[int]  # as they were: a change of size leaves them
    is_correction: Mapped[bool]  # it was so from the term's first day
    reason: Mapped[str]
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), unique=True)
    invoice: Mapped[Invoice | None] = relationship()
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


HEARD = {
    "heard": "It was heard", "absent": "It was invited to be heard, and did not come",
    "not_heard": "It was not heard",
}  # fmt: skip


class Resignation(Model):
    """A firm says that it leaves; it may take that back until its last day.

    With a decision it is expelled: then only staff take it back. A decision takes the place of a
    resignation, which is taken back at the instant at which the decision is noted.
    """

    __tablename__ = "resignations"
    __table_args__ = (
        Index(
            "uq_resignations_open", "membership_id", unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    membership_id: Mapped[int] = mapped_column(ForeignKey("memberships.id"), index=True)
    membership: Mapped[Membership] = relationship()
    told_on: Mapped[date]
    leaves_on: Mapped[date]  # the last day of membership
    reason: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    withdrawn_at: Mapped[datetime | None]
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    decision: Mapped[Decision | None] = relationship()
    heard: Mapped[str | None]  # of who is expelled: a key of `HEARD`

    @property
    def heard_words(self) -> str:
        return HEARD.get(self.heard or "", "")

    def is_with(self, term: Term) -> bool:
        """Whether nothing follows this term: who is expelled is renewed no more in its grace."""
        return self.leaves_on <= (term.grace_until_on if self.decision_id else term.end_on)


@append_only
class LadderTable(Model):
    """Who is reminded when, from a day on, until the next one's; adopted, never changed."""

    __tablename__ = "ladder_tables"

    id: Mapped[Key]
    effective_from: Mapped[date] = mapped_column(unique=True)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # each as `ladders.Step.row` says
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    decision: Mapped[Decision] = relationship()
