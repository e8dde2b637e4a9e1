"""Questions about renewals, changes, resignations and unpaid dues."""

from portal.renewals.queries.board import BoardRow, board, unpaid_known
from portal.renewals.queries.debts import overdue, to_act_on, to_remind
from portal.renewals.queries.terms import (
    charges,
    ending,
    has_resigned,
    invoice_for,
    is_credited,
    last_term_of,
    last_terms,
    memberships_of,
    next_term_of,
    recipients,
    renewal_of,
    renewals_of,
    resignation_of,
    resignations_of,
    resigned_until,
    term_on,
    unpaid_renewal_of,
)

__all__ = [
    "BoardRow",
    "board",
    "charges",
    "ending",
    "has_resigned",
    "invoice_for",
    "is_credited",
    "last_term_of",
    "last_terms",
    "memberships_of",
    "next_term_of",
    "overdue",
    "recipients",
    "renewal_of",
    "renewals_of",
    "resignation_of",
    "resignations_of",
    "resigned_until",
    "term_on",
    "to_act_on",
    "to_remind",
    "unpaid_known",
    "unpaid_renewal_of",
]
