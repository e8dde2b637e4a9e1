"""Tariffs, invoices, payments, and the postings that every balance is a sum of."""

from portal.dues.models.allowances import AllowanceUse
from portal.dues.models.approvals import Approval, ApprovalKind, ApprovalStatus
from portal.dues.models.bank import (
    FEES,
    MARKS,
    BankFile,
    BankIncome,
    BankLine,
    BankMatch,
    ColumnMap,
    Purpose,
)
from portal.dues.models.cards import (
    AutomaticCharge,
    CardMandate,
    EventCursor,
    ProviderReport,
)
from portal.dues.models.corrections import Instalment, Void, WriteOff
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
)
from portal.dues.models.ledger import COMES_IN, Account, Closing, Posting
from portal.dues.models.payments import (
    LIVE,
    AttemptStatus,
    Payment,
    PaymentAttempt,
    PaymentMethod,
    StripeEvent,
)
from portal.dues.models.payouts import Payout, PayoutStatus, ProviderFee
from portal.dues.models.refunds import (
    HOLDS_MONEY,
    ON_THE_WAY,
    Dispute,
    DisputeStatus,
    Refund,
    RefundOrigin,
    RefundStatus,
)
from portal.dues.models.reversals import NEVER_CAME, WENT_BACK, Reversal, ReversalKind
from portal.dues.models.tariffs import (
    Checked,
    Declaration,
    DraftStatus,
    Source,
    Tariff,
    TariffDraft,
)
from portal.dues.models.taxes import TaxIdCheck, TaxTable

__all__ = [
    "COMES_IN",
    "FEES",
    "HOLDS_MONEY",
    "LIVE",
    "MARKS",
    "NEVER_CAME",
    "ON_THE_WAY",
    "WENT_BACK",
    "Account",
    "AllowanceUse",
    "Approval",
    "ApprovalKind",
    "ApprovalStatus",
    "AttemptStatus",
    "AutomaticCharge",
    "BankFile",
    "BankIncome",
    "BankLine",
    "BankMatch",
    "CardMandate",
    "Checked",
    "Closing",
    "ColumnMap",
    "CreditNote",
    "CreditNoteLine",
    "CreditReason",
    "Declaration",
    "Dispute",
    "DisputeStatus",
    "DraftStatus",
    "EventCursor",
    "Instalment",
    "Invoice",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceMail",
    "NumberSeries",
    "PayLink",
    "Payment",
    "PaymentAttempt",
    "PaymentMethod",
    "Payout",
    "PayoutStatus",
    "Posting",
    "ProviderFee",
    "ProviderReport",
    "Purpose",
    "Refund",
    "RefundOrigin",
    "RefundStatus",
    "Reversal",
    "ReversalKind",
    "Source",
    "StripeEvent",
    "Tariff",
    "TariffDraft",
    "TaxIdCheck",
    "TaxTable",
    "Void",
    "WriteOff",
]
