"""Tariffs, invoices, payments, and the postings that every balance is a sum of."""

from portal.dues.models.bank import BankFile, BankLine, BankMatch, ColumnMap
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
from portal.dues.models.tariffs import (
    Checked,
    Declaration,
    DraftStatus,
    Source,
    Tariff,
    TariffDraft,
)

__all__ = [
    "LIVE",
    "Account",
    "AttemptStatus",
    "AutomaticCharge",
    "BankFile",
    "BankLine",
    "BankMatch",
    "CardMandate",
    "Checked",
    "ColumnMap",
    "CreditNote",
    "Declaration",
    "DraftStatus",
    "EventCursor",
    "Invoice",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceMail",
    "NumberSeries",
    "PayLink",
    "Payment",
    "PaymentAttempt",
    "PaymentMethod",
    "Posting",
    "ProviderReport",
    "Source",
    "StripeEvent",
    "Tariff",
    "TariffDraft",
]
