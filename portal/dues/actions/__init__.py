"""Changes to invoices and payments. Each is one verb; the caller commits."""

from portal.dues.actions.credits import credit
from portal.dues.actions.declarations import Told, check, declare
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
from portal.dues.actions.seats import (
    PricedSeats,
    order_seats,
    price_of_seats,
    seats_credited,
    seats_paid,
)
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
    "Arrival",
    "LineDraft",
    "Outcome",
    "PricedSeats",
    "Told",
    "adopt",
    "agree",
    "allocate",
    "announce",
    "change_head",
    "check",
    "credit",
    "declare",
    "draft",
    "drafts_of",
    "free",
    "hold",
    "issue_invoice",
    "keep_card",
    "mail_invoice",
    "order_seats",
    "pay_link",
    "price_of_seats",
    "put_rule",
    "receive",
    "record_transfer",
    "remove_rule",
    "renew_pay_link",
    "revoke",
    "seats_credited",
    "seats_paid",
    "settle",
    "tell_of",
    "warn_of_expiry",
    "withdraw_draft",
]
