"""The renewals of all firms at once, in one statement: for the board and the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from portal.core.db import db
from portal.core.money import Money
from portal.dues.models import Invoice, InvoiceKind
from portal.dues.queries.invoices import due_on, owed
from portal.dues.queries.reopened import late_since
from portal.members.models import CLASS_NAMES, Membership, MembershipClass, Organization, Term
from portal.members.overlays import STOPS_REMINDERS, is_under
from portal.members.policy import Policy
from portal.members.queries import policy_of
from portal.renewals.ahead import Known, Unpaid
from portal.renewals.models import Renewal, Resignation
from portal.renewals.pipeline import KINDS, WORDS, Facts, Stage, stage_on
from portal.renewals.queries.terms import longest, widest


@dataclass(frozen=True)
class BoardRow:
    """A term and what follows it; `owed` is on the renewal's invoice."""

    firm_id: int
    firm: str
    kind: MembershipClass
    end: date
    grace_until: date
    renewal_id: int | None
    is_told: bool
    invoice_id: int | None
    number: str | None
    due_on: date | None
    owed: Money | None
    has_next: bool
    leaves_on: date | None
    policy: Policy

    @property
    def class_name(self) -> str:
        return CLASS_NAMES[self.kind]

    def stage(self, day: date) -> Stage:
        facts = Facts(
            self.end, self.grace_until,
            self.policy.window_before_days, self.policy.window_after_days,
            self.has_next, self.invoice_id is not None, self.owed.minor if self.owed else 0,
            self.due_on, self.leaves_on,
        )  # fmt: skip
        return stage_on(facts, day)

    def state(self, day: date) -> tuple[str, str]:
        """How it is marked, and in words."""
        found = self.stage(day)
        return KINDS.get(found, ""), WORDS[found]

    @property
    def known(self) -> Known:
        return Known(
            self.firm_id, self.firm, self.end, self.grace_until, self.policy,
            self.renewal_id is not None, self.has_next, self.invoice_id is not None,
            self.leaves_on,
        )  # fmt: skip


def board(day: date, ahead_days: int | None = None) -> list[BoardRow]:
    """Of every open membership the terms that end about now, by their end."""
    later = aliased(Term)
    has_next = exists().where(
        later.membership_id == Term.membership_id, later.cancelled_at.is_(None),
        later.start_on > Term.start_on,
    )  # fmt: skip
    first, last = day - timedelta(days=longest()), day + timedelta(days=ahead_days or widest())
    query = (
        select(
            Organization.id, Organization.name, Membership.kind, Term.end_on,
            Term.grace_until_on, Renewal.id, Renewal.told_at, Invoice.id, Invoice.number,
            due_on(), Invoice.currency, owed(), has_next, Resignation.leaves_on,
        )
        .select_from(Term)
        .join(Term.membership)
        .join(Membership.organization)
        .outerjoin(Renewal, Renewal.term_id == Term.id)
        .outerjoin(Invoice, Invoice.id == Renewal.invoice_id)
        .outerjoin(
            Resignation,
            (Resignation.membership_id == Membership.id) & Resignation.withdrawn_at.is_(None),
        )
        .where(Term.cancelled_at.is_(None), Membership.ended_on.is_(None))
        .where(Term.end_on.between(first, last))
        .order_by(Term.end_on, Organization.name, Term.id)
    )  # fmt: skip
    known = {kind: policy_of(kind) for kind in MembershipClass}  # asked for each row it is slow
    return [
        BoardRow(
            *row[:6], is_told=row[6] is not None, invoice_id=row[7], number=row[8],
            due_on=row[9], owed=Money(int(row[11] or 0), row[10]) if row[10] else None,
            has_next=bool(row[12]), leaves_on=row[13], policy=known[row[2]],
        )
        for row in db.session.execute(query)
    ]  # fmt: skip


def unpaid_known(day: date) -> Sequence[Unpaid]:
    """Unpaid dues, and whether reminders are stopped: for the calendar."""
    stopped = is_under("invoice", Invoice.id, STOPS_REMINDERS, day)
    query = (
        select(Organization.id, Organization.name, Invoice.number, late_since(), stopped)
        .join(Invoice.organization)
        .where(Invoice.kind == InvoiceKind.DUES, owed() > 0)
        .where(late_since() >= day - timedelta(days=200))
    )
    return [Unpaid(*row[:4], is_paused=bool(row[4])) for row in db.session.execute(query)]
