"""A trial that becomes a membership before it ends. The caller commits."""

from portal.association.queries import today
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import Invoice
from portal.dues.periods import NotQuotable
from portal.dues.pricing import Quote
from portal.members.models import Term
from portal.renewals import queries
from portal.renewals.actions.billing import claim, drafts
from portal.renewals.actions.renewing import bind, lock, row_of
from portal.renewals.models import Renewal
from portal.renewals.prices import quote_next, size_of_next


def conversion_of(term: Term) -> Quote:
    """What it costs to end a trial yesterday and to be a member from today on.

    Raises `Refused` where that may not be, and where nobody decided a price.
    """
    renewal = queries.renewal_of(term) or Renewal(term=term)
    _refuse(term, renewal)
    try:
        found = quote_next(renewal, today())
    except NotQuotable as why:
        raise Refused(str(why)) from why
    if found.total < 0:
        left = Money(-found.total, found.currency)
        raise Refused(
            f"What is left of the trial is worth {left} more than the dues until "
            f"{found.ends_on:%d %b %Y}: let the trial run out."
        )
    return found


def may_convert(term: Term) -> bool:
    if not term.is_trial:
        return False
    try:
        conversion_of(term)
    except Refused:
        return False
    return True


def _refuse(term: Term, renewal: Renewal) -> None:
    if not term.is_trial or term.cancelled_at or not term.start_on < today() <= term.end_on:
        raise Refused("There is no trial running that began before today.")
    if queries.resignation_of(term.membership):
        raise Refused("You have told us that you leave: take that back first.")
    if queries.next_term_of(term):
        raise Refused("The trial has become a membership already.")
    if renewal.invoice:
        raise Refused("The invoice for the time after the trial is out: pay that one.")


def convert(term: Term) -> Invoice:
    """The invoice for the membership from today on, once; the trial ends when it is paid.

    Raises as `conversion_of` does.
    """
    renewal = lock(row_of(term))
    if renewal.invoice and renewal.cuts_short:
        return renewal.invoice
    found, membership = conversion_of(term), term.membership
    tariff = dues_queries.tariff_on(membership.organization, found.starts_on)
    renewal.starts_on, renewal.ends_on = found.starts_on, found.ends_on
    renewal.tariffs = {found.starts_on.isoformat(): tariff.id}
    renewal.seats = size_of_next(renewal).seats
    made = claim(membership.organization, tariff, drafts(found.lines, membership.id))
    return bind(renewal, made, is_new=True)


def let_trial_end(renewal: Renewal) -> None:
    """Nobody paid before the trial was over: the claim goes, and the usual one can come."""
    renewal = lock(renewal)
    invoice = renewal.invoice
    is_over = renewal.cuts_short and today() > renewal.term.end_on
    if invoice and is_over and dues_queries.balance(invoice):
        dues.credit(invoice, "It was not paid before the trial ended")
