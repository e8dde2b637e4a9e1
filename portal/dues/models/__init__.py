"""Tariffs, invoices, payments, and the postings that every balance is a sum of."""

from portal.dues.models.corrections import Instalment, WriteOff
from portal.dues.models.invoices import (
    CreditNote,
    CreditNoteLine,
    CreditReason,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceMail,
    NumberSeries,
    PayLink,
    Tariff,
)
from portal.dues.models.ledger import Account, Closing, Posting
from portal.dues.models.payments import (
    LIVE,
    AttemptStatus,
    Payment,
    PaymentAttempt,
    PaymentMethod,
    StripeEvent,
)
from portal.dues.models.refunds import (
    HOLDS_MONEY,
    ON_THE_WAY,
    Dispute,
    DisputeStatus,
    Refund,
    RefundOrigin,
    RefundStatus,
)

__all__ = [
    "HOLDS_MONEY", "LIVE", "ON_THE_WAY", "Account", "AttemptStatus", "Closing", "CreditNote",
    "CreditNoteLine", "CreditReason", "Dispute", "DisputeStatus", "Instalment", "Invoice",
    "InvoiceKind", "InvoiceLine", "InvoiceMail", "NumberSeries", "PayLink", "Payment",
    "PaymentAttempt", "PaymentMethod", "Posting", "Refund", "RefundOrigin", "RefundStatus",
    "StripeEvent", "Tariff", "WriteOff",
]  # fmt: skip
