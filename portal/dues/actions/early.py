"""Who paid by the early day owes less: the rest is taken back by a credit note, with its tax.

Once that money is gone a credit note below zero claims the rest again.
"""

from portal.core.filters import day
from portal.dues.actions.credits import claim_again, credit
from portal.dues.models import CreditReason, Invoice
from portal.dues.queries.early import came_in_time, early_terms, given_early, is_earned


def reward_early(invoice: Invoice) -> None:
    """Once enough came by the day; what came beyond is the payer's credit. The caller commits.

    A second time there is nothing to take back.
    """
    came = came_in_time(invoice) if invoice.early_until_on else 0
    terms = early_terms(invoice) if came else None
    if terms and came >= terms.enough:
        reason = f"Paid by {day(terms.until_on)}, as the invoice offers"
        credit(invoice, reason, CreditReason.EARLY_PAYMENT, terms.lines)


def forfeit_early(invoice: Invoice) -> None:
    """Where what is left of the money no longer earns what was given. The caller commits."""
    given = given_early(invoice)
    if given and not is_earned(invoice):
        reason = "The payment that was early went back, or was another's"
        claim_again(invoice, reason, CreditReason.EARLY_LOST, given)
