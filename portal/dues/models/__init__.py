"""Tariffs, invoices, payments, and the postings that every balance is a sum of."""

from portal.dues.models.bank import BankFile, BankLine, BankMatch, ColumnMap
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
    "LIVE", "Account", "AttemptStatus", "BankFile", "BankLine", "BankMatch", "ColumnMap",
    "CreditNote", "Invoice", "InvoiceKind", "InvoiceLine", "InvoiceMail", "NumberSeries",
    "PayLink", "Payment", "PaymentAttempt", "PaymentMethod", "Posting", "StripeEvent", "Tariff",
]  # fmt: skip
