"""The renewals of all firms at once, in one statement: for the board and the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from portal.core.db import db
from portal.core.money import Money
from portal.dues.models import Invoice
from portal.dues.queries.invoices import due_on, owed
from portal.members.models import CLASS_NAMES, Membership, MembershipClass, Organization, Term
from portal.members.policy import Policy
from portal.members.queries import policy_of
from portal.renewals.models import Renewal, Resignation
from portal.renewals.pipeline import KINDS, WORDS, Facts, Stage, stage_on
from portal.renewals.queries.stages import has_next, with_what_follows


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
    term_id: int = 0
    is_dropped: bool = False
    is_trial: bool = False
    is_expelled: bool = False

    @property
    def class_name(self) -> str:
        return CLASS_NAMES[self.kind]

    def stage(self, day: date) -> Stage:
        facts = Facts(
            self.end, self.grace_until,
            self.policy.window_before_days, self.policy.window_after_days,
            self.has_next, self.invoice_id is not None, self.owed.minor if self.owed else 0,
            self.due_on, self.leaves_on, self.is_expelled,
        )  # fmt: skip
        return stage_on(facts, day)

    def state(self, day: date) -> tuple[str, str]:
        """How it is marked, and in words."""
        found = self.stage(day)
        return KINDS.get(found, ""), WORDS[found]


def board(
    day: date, ahead_days: int | None = None, term_ids: Sequence[int] | None = None
) -> list[BoardRow]:
    """Of every open membership the terms that end about now, or those asked for, by their end."""
    columns = (
        Organization.id, Organization.name, Membership.kind, Term.end_on,
        Term.grace_until_on, Renewal.id, Renewal.told_at, Invoice.id, Invoice.number,
        due_on(), Invoice.currency, owed(), has_next(), Resignation.leaves_on, Term.id,
        Renewal.dropped_at, Term.price_snapshot["trial"].as_boolean(),
        Resignation.decision_id,
    )  # fmt: skip
    query = with_what_follows(select(*columns), day, ahead_days)
    if term_ids is not None:
        query = query.where(Term.id.in_(term_ids))
    known = {kind: policy_of(kind) for kind in MembershipClass}  # asked for each row it is slow
    rows: Sequence[Any] = db.session.execute(query).all()
    return [
        BoardRow(
            row[0], row[1], row[2], row[3], row[4], row[5], row[6] is not None,
            row[7], row[8], row[9],
            Money(int(row[11] or 0), row[10]) if row[10] else None, bool(row[12]), row[13],
            known[row[2]], row[14], row[15] is not None, bool(row[16]), row[17] is not None,
        )
        for row in rows
    ]  # fmt: skip
