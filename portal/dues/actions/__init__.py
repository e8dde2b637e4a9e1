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
from portal.dues.actions.credits import credit, void
from portal.dues.actions.declarations import Told, check, declare
from portal.dues.actions.disputes import apply_dispute
from portal.dues.actions.interest import charge_interest
from portal.dues.actions.invoices import LineDraft, drafts_of, issue_invoice
from portal.dues.actions.links import pay_link, renew_pay_link
from portal.dues.actions.mandates import agree, keep_card, one_card, revoke
from portal.dues.actions.matches import (
    book,
    book_certain,
    book_payout,
    place_rest,
    set_aside,
    undo,
    unmatch,
)
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
from portal.dues.actions.payouts import apply_payout, book_fee
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
from portal.dues.actions.seats import (
    PricedSeats,
    Seen,
    cancel_order,
    expire_order,
    order_as_seen,
    order_seats,
    price_of_seats,
    seats_credited,
    seats_paid,
)
from portal.dues.actions.statements import discard, import_file, keep_columns, stage
from portal.dues.actions.taking_over import SERIES, OldClaim, take_over
from portal.dues.actions.tariffs import (
    adopt,
    change_head,
    draft,
    put_rule,
    remove_rule,
    withdraw_draft,
)
from portal.dues.actions.telling import announce, tell_of, warn_of_expiry

__all__ = [
    "SERIES",
    "Arrival",
    "LineDraft",
    "OldClaim",
    "Outcome",
    "PricedSeats",
    "Seen",
    "Sending",
    "Told",
    "adopt",
    "agree",
    "agree_plan",
    "allocate",
    "announce",
    "apply_dispute",
    "apply_payout",
    "apply_refund",
    "book",
    "book_certain",
    "book_fee",
    "book_payout",
    "cancel_order",
    "cancel_refund",
    "change_head",
    "charge_interest",
    "check",
    "close_books",
    "credit",
    "declare",
    "discard",
    "draft",
    "drafts_of",
    "end_plan",
    "expire_order",
    "fail_refund",
    "free",
    "hold",
    "hold_refund",
    "import_file",
    "issue_invoice",
    "keep_card",
    "keep_columns",
    "lock_payment",
    "mail_invoice",
    "note_seen",
    "one_card",
    "order_as_seen",
    "order_seats",
    "pay_link",
    "place_rest",
    "price_of_seats",
    "put_on_hold",
    "put_rule",
    "receive",
    "record_transfer",
    "release_hold",
    "remove_rule",
    "renew_pay_link",
    "reopen_books",
    "request_refund",
    "revoke",
    "seats_credited",
    "seats_paid",
    "set_aside",
    "settle",
    "stage",
    "take_over",
    "tell_of",
    "undo",
    "unmatch",
    "use_credit",
    "void",
    "warn_of_expiry",
    "withdraw_draft",
    "write_off",
]
