"""What a firm is offered next: the term after, at its price, or the way back."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.association.queries import today
from portal.core.money import Money
from portal.dues.declaring import Size
from portal.dues.early import Early
from portal.dues.periods import NotQuotable
from portal.dues.pricing import Quote
from portal.dues.queries import Bill, bill
from portal.members.models import Term
from portal.members.queries import policy_of
from portal.members.renewing import Return
from portal.renewals import queries
from portal.renewals.actions import way_back
from portal.renewals.models import Renewal
from portal.renewals.pipeline import Facts, Stage, stage_on
from portal.renewals.prices import quote_next, size_of_next


@dataclass(frozen=True)
class Offer:
    """`quote` is what comes next; none when nobody decided a price, and `trouble` says so."""

    term: Term
    stage: Stage
    renewal: Renewal | None
    bill: Bill | None
    quotes: tuple[Quote, ...] = ()
    how: Return | None = None
    trouble: str = ""

    @property
    def opens_on(self) -> date:
        policy = policy_of(self.term.membership.kind)
        return self.term.end_on + timedelta(days=1 - policy.window_before_days)

    @property
    def may_declare(self) -> bool:
        return self.bill is None and self.stage in {Stage.OFFERED, Stage.GRACE}

    @property
    def may_renew(self) -> bool:
        return self.may_declare and bool(self.quotes)

    @property
    def is_dropped(self) -> bool:
        return self.renewal is not None and self.renewal.dropped_at is not None

    @property
    def may_come_back(self) -> bool:
        return self.bill is None and self.stage is Stage.LAPSED and bool(self.quotes)

    @property
    def starts_on(self) -> date:
        return self.quotes[0].starts_on

    @property
    def ends_on(self) -> date:
        return self.quotes[-1].ends_on

    @property
    def rows(self) -> list[tuple[str, str, Money]]:
        """The lines: what, how it is reckoned, how much."""
        return [
            (line.text, line.formula, Money(line.net, one.currency))
            for one in self.quotes for line in one.lines
        ]  # fmt: skip

    @property
    def early(self) -> list[tuple[Money, Early]]:
        """What is off for who pays early, in each quote that offers it."""
        found = [(one.early, one.currency) for one in self.quotes]
        return [(Money(early.minor, currency), early) for early, currency in found if early]

    @property
    def total(self) -> tuple[str, Money]:
        currency = self.quotes[0].currency
        tax = sum(one.tax for one in self.quotes)
        words = "To pay, tax included" if tax else "To pay"
        return words, Money(sum(one.total for one in self.quotes), currency)


def facts_of(term: Term, owed: Bill | None) -> Facts:
    """`owed` is the invoice of its renewal, once it is out."""
    policy = policy_of(term.membership.kind)
    leaving = queries.resignation_of(term.membership)
    return Facts(
        term.end_on, term.grace_until_on, policy.window_before_days, policy.window_after_days,
        queries.next_term_of(term) is not None, owed is not None,
        owed.balance.minor if owed else 0, owed.due_on if owed else None,
        leaving.leaves_on if leaving else None, bool(leaving and leaving.decision_id),
    )  # fmt: skip


def size_next(term: Term) -> Size:
    """By which numbers and seats the term after is priced today, every change inside told."""
    return size_of_next(queries.renewal_of(term) or Renewal(term=term))


def offer_for(term: Term | None) -> Offer | None:
    """None for a firm that never had a term."""
    if term is None:
        return None
    renewal = queries.renewal_of(term)
    known = bill(renewal.invoice) if renewal and renewal.invoice else None
    stage = stage_on(facts_of(term, known), today())
    offer = Offer(term, stage, renewal, known)
    if known or stage in {Stage.LEAVING, Stage.RENEWED, Stage.PROVISIONAL}:
        return offer
    try:
        if stage in {Stage.LAPSED, Stage.CLOSED}:
            plan, quotes = way_back(term, today())
            return Offer(term, stage, renewal, known, tuple(quotes), plan.how)
        return Offer(term, stage, renewal, known, (quote_next(renewal or Renewal(term=term)),))
    except NotQuotable as why:
        return Offer(term, stage, renewal, known, trouble=str(why))
