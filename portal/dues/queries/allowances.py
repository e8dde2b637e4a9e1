"""What memberships include beside seats: granted by the term's own tariff, used, left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.association.queries import today
from portal.core.db import db
from portal.dues.models import AllowanceUse
from portal.dues.periods import NotQuotable
from portal.dues.queries.tariffs import frozen_tariff
from portal.dues.rules import titled
from portal.dues.tariffs import rules_for
from portal.members.models import CLASS_NAMES, Term
from portal.members.queries import live_terms


@dataclass(frozen=True)
class Allowance:
    term: Term
    of: str  # as the tariff names it: event_passes
    granted: int
    used: int

    @property
    def left(self) -> int:
        return self.granted - self.used

    @property
    def last_day(self) -> date:
        """The last one on which it can have been used so far."""
        return min(self.term.end_on, today())

    @property
    def title(self) -> str:
        return titled(self.of)

    @property
    def whose(self) -> str:
        return CLASS_NAMES[self.term.membership.kind]


def allowances_in(term: Term) -> list[Allowance]:
    """Those of one term, by the tariff that it was sold under, in that tariff's order."""
    used = _used(term)
    return [Allowance(term, of, many, used.get(of, 0)) for of, many in _granted(term).items()]


def allowances_of(organization_id: int) -> list[Allowance]:
    """Those of a firm's terms in force or in grace; none once its membership is over."""
    return [one for term in live_terms(organization_id) for one in allowances_in(term)]


def uses_in(terms: Sequence[Term]) -> Sequence[AllowanceUse]:
    """What was used of some terms and not taken back, the last first."""
    undoing = aliased(AllowanceUse)
    query = select(AllowanceUse).where(
        AllowanceUse.term_id.in_([term.id for term in terms]), AllowanceUse.undoes_id.is_(None),
        ~select(undoing.id).where(undoing.undoes_id == AllowanceUse.id).exists(),
    )  # fmt: skip
    return db.session.scalars(
        query.order_by(AllowanceUse.used_on.desc(), AllowanceUse.id.desc())
    ).all()


def _granted(term: Term) -> dict[str, int]:
    try:
        book = frozen_tariff(term).whole_book
        rules = rules_for(book, term.membership.kind.value, of=("allowance",))
    except NotQuotable:
        return {}
    found: dict[str, int] = {}
    for rule in rules:
        found[rule["of"]] = found.get(rule["of"], 0) + rule["granted"]
    return found


def _used(term: Term) -> dict[str, int]:
    query = select(AllowanceUse.of, func.sum(AllowanceUse.amount))
    query = query.where(AllowanceUse.term_id == term.id)
    found = db.session.execute(query.group_by(AllowanceUse.of)).all()
    return {of: int(amount) for of, amount in found}
