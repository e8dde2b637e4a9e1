"""Changes to invoices and payments. Each is one verb; the caller commits."""

from portal.dues.actions.allowances import Used, take_back, use_allowance
from portal.dues.actions.approvals import approve, is_for_two, propose, refuse, withdraw
from portal.dues.actions.certain import book_certain
from portal.dues.actions.claims import (
    agree_plan,
    end_plan,
    put_on_hold,
    release_hold,
    use_credit,
    write_off,
)
from portal.dues.actions.closing import close_books, reopen_books
from portal.dues.actions.credits import credit, priced, void
from portal.dues.actions.declarations import Told, check, declare, sign
from portal.dues.actions.disputes import apply_dispute
from portal.dues.actions.early import forfeit_early, reward_early
from portal.dues.actions.exchanges import book_exchanged, pay_from_abroad
from portal.dues.actions.gifts import leave_gift_out, without_gift
from portal.dues.actions.incoming import book_income
from portal.dues.actions.interest import charge_interest
from portal.dues.actions.invoices import (
    LineDraft,
    billed,
    drafts_of,
    issue_invoice,
    total_of,
    with_tax,
)
from portal.dues.actions.links import pay_link, renew_pay_link
from portal.dues.actions.mandates import agree, keep_card, one_card, revoke
from portal.dues.actions.matches import (
    book,
    book_payment,
    book_payout,
    book_slip,
    place_rest,
    set_aside,
    undo,
    unmatch,
)
from portal.dues.actions.outgoing import Explained, book_refund, explain
from portal.dues.actions.payers import name_payer
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
from portal.dues.actions.posts import mail_invoice, mail_treasurer
from portal.dues.actions.refunds import (
    Sending,
    apply_refund,
    cancel_refund,
    fail_refund,
    hold_refund,
    note_seen,
    refuse_refund,
    request_refund,
)
from portal.dues.actions.reversals import Reversing, book_reversal, refuse_reversal, reverse
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
from portal.dues.actions.slips import Cheque, record_slip
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
from portal.dues.actions.taxing import adopt_taxes, check_tax_id
from portal.dues.actions.telling import announce, tell_of, warn_of_expiry

__all__ = [
    "SERIES",
    "Arrival",
    "Cheque",
    "Explained",
    "LineDraft",
    "OldClaim",
    "Outcome",
    "PricedSeats",
    "Reversing",
    "Seen",
    "Sending",
    "Told",
    "Used",
    "adopt",
    "adopt_taxes",
    "agree",
    "agree_plan",
    "allocate",
    "announce",
    "apply_dispute",
    "apply_payout",
    "apply_refund",
    "approve",
    "billed",
    "book",
    "book_certain",
    "book_exchanged",
    "book_fee",
    "book_income",
    "book_payment",
    "book_payout",
    "book_refund",
    "book_reversal",
    "book_slip",
    "cancel_order",
    "cancel_refund",
    "change_head",
    "charge_interest",
    "check",
    "check_tax_id",
    "close_books",
    "credit",
    "declare",
    "discard",
    "draft",
    "drafts_of",
    "end_plan",
    "expire_order",
    "explain",
    "fail_refund",
    "forfeit_early",
    "free",
    "hold",
    "hold_refund",
    "import_file",
    "is_for_two",
    "issue_invoice",
    "keep_card",
    "keep_columns",
    "leave_gift_out",
    "lock_payment",
    "mail_invoice",
    "mail_treasurer",
    "name_payer",
    "note_seen",
    "one_card",
    "order_as_seen",
    "order_seats",
    "pay_from_abroad",
    "pay_link",
    "place_rest",
    "price_of_seats",
    "priced",
    "propose",
    "put_on_hold",
    "put_rule",
    "receive",
    "record_slip",
    "record_transfer",
    "refuse",
    "refuse_refund",
    "refuse_reversal",
    "release_hold",
    "remove_rule",
    "renew_pay_link",
    "reopen_books",
    "request_refund",
    "reverse",
    "revoke",
    "reward_early",
    "seats_credited",
    "seats_paid",
    "set_aside",
    "settle",
    "sign",
    "stage",
    "take_back",
    "take_over",
    "tell_of",
    "total_of",
    "undo",
    "unmatch",
    "use_allowance",
    "use_credit",
    "void",
    "warn_of_expiry",
    "with_tax",
    "withdraw",
    "withdraw_draft",
    "without_gift",
    "write_off",
]
