"""Changes to invoices and payments. Each is one verb; the caller commits."""

from portal.dues.actions.claims import (
    agree_plan,
    end_plan,
    put_on_hold,
    release_hold,
    use_credit,
    write_off,
)
from portal.dues.actions.closing import close_books, reopen_books
from portal.dues.actions.credits import credit
from portal.dues.actions.disputes import apply_dispute
from portal.dues.actions.invoices import LineDraft, drafts_of, issue_invoice
from portal.dues.actions.links import pay_link, renew_pay_link
from portal.dues.actions.payments import (
    Arrival,
    Outcome,
    allocate,
    free,
    hold,
    lock_payment,
    receive,
    record_transfer,
    settle,
)
from portal.dues.actions.posts import mail_invoice
from portal.dues.actions.refunds import (
    Sending,
    apply_refund,
    cancel_refund,
    fail_refund,
    hold_refund,
    note_seen,
    request_refund,
)

__all__ = [
    "Arrival", "LineDraft", "Outcome", "Sending", "agree_plan", "allocate", "apply_dispute",
    "apply_refund", "cancel_refund", "close_books", "credit", "drafts_of", "end_plan",
    "fail_refund", "free", "hold", "hold_refund", "issue_invoice", "lock_payment", "mail_invoice",
    "note_seen", "pay_link", "put_on_hold", "receive", "record_transfer", "release_hold",
    "renew_pay_link", "reopen_books", "request_refund", "settle", "use_credit", "write_off",
]  # fmt: skip
