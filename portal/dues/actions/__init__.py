"""Changes to invoices and payments. Each is one verb; the caller commits."""

from portal.dues.actions.credits import credit
from portal.dues.actions.invoices import LineDraft, drafts_of, issue_invoice
from portal.dues.actions.links import pay_link, renew_pay_link
from portal.dues.actions.mandates import agree, keep_card, revoke
from portal.dues.actions.payments import (
    Arrival,
    Outcome,
    allocate,
    free,
    hold,
    receive,
    record_transfer,
    settle,
)
from portal.dues.actions.posts import mail_invoice
from portal.dues.actions.telling import announce, tell_of, warn_of_expiry

__all__ = [
    "Arrival", "LineDraft", "Outcome", "agree", "allocate", "announce", "credit", "drafts_of",
    "free", "hold", "issue_invoice", "keep_card", "mail_invoice", "pay_link", "receive",
    "record_transfer", "renew_pay_link", "revoke", "settle", "tell_of", "warn_of_expiry",
]  # fmt: skip
