"""Changes to invoices and payments. Each is one verb; the caller commits."""

from portal.dues.actions.credits import credit
from portal.dues.actions.invoices import LineDraft, drafts_of, issue_invoice
from portal.dues.actions.links import pay_link, renew_pay_link
from portal.dues.actions.payments import Outcome, hold, record_transfer, settle
from portal.dues.actions.posts import mail_invoice

__all__ = [
    "LineDraft", "Outcome", "credit", "drafts_of", "hold", "issue_invoice", "mail_invoice",
    "pay_link", "record_transfer", "renew_pay_link", "settle",
]  # fmt: skip
