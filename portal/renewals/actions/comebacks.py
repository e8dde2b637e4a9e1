"""How a lapsed firm comes back, and what it pays for it. The caller commits."""

from datetime import date
from functools import partial

from portal.association.queries import today
from portal.core.states import Refused
from portal.dues import queries as dues_queries
from portal.dues.models import Invoice
from portal.dues.periods import months_of
from portal.dues.pricing import Quote
from portal.members.models import Term
from portal.members.queries import policy_of
from portal.members.renewing import Comeback, Return, comeback
from portal.renewals import queries
from portal.renewals.actions.billing import claim, drafts
from portal.renewals.actions.renewing import bind, lock, row_of
from portal.renewals.models import Renewal
from portal.renewals.prices import anchor_of, each_period, quote_next, size_of_next


def way_back(term: Term, day: date) -> tuple[Comeback, list[Quote]]:
    """How a lapsed firm comes back on a day and what it costs. Raises `NotQuotable`."""
    policy, firm = policy_of(term.membership.kind), term.membership.organization
    book = dues_queries.tariff_on(firm, day).book
    is_fixed = (book.get("period") or {}).get("kind") == "fixed"
    plan = comeback(
        term.end_on, day, months_of(book), policy.window_after_days, policy.comeback,
        fixed=is_fixed, anchor=None if is_fixed or term.is_trial else anchor_of(term),
    )  # fmt: skip
    renewal = queries.renewal_of(term) or Renewal(term=term)
    if plan.how is Return.REJOIN:
        return plan, []
    if plan.how is Return.RESTART:
        return plan, [quote_next(renewal, plan.start_on, reinstates=True)]
    after = partial(quote_next, renewal, goes_on=True)
    return plan, each_period(quote_next(renewal), day, after)


def come_back(term: Term) -> Invoice:
    """Issue what a lapsed firm pays to be a member again; paying it begins the term.

    Raises `Refused` when it is not lapsed, or for so long that it joins anew.
    """
    day = today()
    renewal = lock(row_of(term))
    if queries.next_term_of(term) or day <= term.grace_until_on:
        raise Refused("The membership did not lapse: there is nothing to come back to.")
    if renewal.invoice:
        return renewal.invoice
    plan, quotes = way_back(term, day)
    if plan.how is Return.REJOIN:
        raise Refused("The membership ended too long ago to be renewed. Please join anew.")
    firm = term.membership.organization
    lines = [line for found in quotes for line in found.lines]
    renewal.starts_on, renewal.ends_on = quotes[0].starts_on, quotes[-1].ends_on
    renewal.seats = size_of_next(renewal).seats
    tariffs = {one.starts_on: dues_queries.tariff_on(firm, one.starts_on) for one in quotes}
    renewal.tariffs = {on.isoformat(): one.id for on, one in tariffs.items()}
    tariff = tariffs[quotes[0].starts_on]
    return bind(renewal, claim(firm, tariff, drafts(lines, term.membership_id)))
