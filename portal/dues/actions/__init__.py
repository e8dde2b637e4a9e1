"""Changes to invoices and payments. Each is one verb; the caller commits."""

from portal.dues.actions.credits import credit
from portal.dues.actions.invoices import LineDraft, drafts_of, issue_invoice
from portal.dues.actions.links import pay_link, renew_pay_link
from portal.dues.actions.matches import book, book_certain, place_rest, set_aside, undo
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
from portal.dues.actions.statements import discard, import_file, keep_columns, stage

__all__ = [
    "Arrival", "LineDraft", "Outcome", "allocate", "book", "book_certain", "credit", "discard",
    "drafts_of", "free", "hold", "import_file", "issue_invoice", "keep_columns", "mail_invoice",
    "pay_link", "place_rest", "receive", "record_transfer", "renew_pay_link", "set_aside",
    "settle", "stage", "undo",
]  # fmt: skip
