"""Changes to invoices and payments. Each is one verb; the caller commits."""

from portal.dues.actions.credits import credit
from portal.dues.actions.invoices import LineDraft, drafts_of, issue_invoice
from portal.dues.actions.links import pay_link, renew_pay_link
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

__all__ = [
    "Arrival", "LineDraft", "Outcome", "PricedSeats", "allocate", "credit", "drafts_of", "free",
    "hold", "issue_invoice", "mail_invoice", "order_seats", "pay_link",
    "price_of_seats", "receive", "record_transfer", "renew_pay_link", "seats_credited",
    "seats_paid", "settle",
]  # fmt: skip
