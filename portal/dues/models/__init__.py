"""Tariffs, invoices, payments, and the postings that every balance is a sum of."""

from portal.dues.models.cards import (
    AutomaticCharge,
    CardMandate,
    EventCursor,
    ProviderReport,
)
from portal.dues.models.invoices import (
    CreditNote,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceMail,
    NumberSeries,
    PayLink,
    Tariff,
)
from portal.dues.models.ledger import Account, Posting
from portal.dues.models.payments import (
    LIVE,
    AttemptStatus,
    Payment,
    PaymentAttempt,
    PaymentMethod,
    StripeEvent,
)

__all__ = [
    "LIVE", "Account", "AttemptStatus", "AutomaticCharge", "CardMandate", "CreditNote",
    "EventCursor", "Invoice", "InvoiceKind", "InvoiceLine", "InvoiceMail", "NumberSeries",
    "PayLink", "Payment", "PaymentAttempt", "PaymentMethod", "Posting", "ProviderReport",
    "StripeEvent", "Tariff",
]  # fmt: skip
