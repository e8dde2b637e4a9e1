"""Questions about tariffs, invoices and money."""

from portal.dues.queries.attempts import attempts_of, last_attempt, live_attempts
from portal.dues.queries.books import Bucket, ageing, unallocated, unallocated_of, unmatched_events
from portal.dues.queries.invoices import (
    Bill,
    balance,
    balances,
    bill,
    bills,
    face,
    invoices,
    invoices_of,
    sums,
    totals,
)
from portal.dues.queries.ledger_faults import ledger_faults
from portal.dues.queries.payers import (
    credit_note_of,
    link_of,
    live_link,
    mails_of,
    movements,
    payer_firm_ids,
    payers_of,
    paying_firm_ids,
    payments_of,
)
from portal.dues.queries.reports import (
    AGES,
    Aged,
    Balance,
    TaxMonth,
    aged_debt,
    income_by_month,
    tax_by_month,
    trial_balance,
)
from portal.dues.queries.tariffs import current_tariff, tariffs
from portal.dues.recognition import EarnedMonth

__all__ = [
    "AGES",
    "Aged",
    "Balance",
    "Bill",
    "Bucket",
    "EarnedMonth",
    "TaxMonth",
    "aged_debt",
    "ageing",
    "attempts_of",
    "balance",
    "balances",
    "bill",
    "bills",
    "credit_note_of",
    "current_tariff",
    "face",
    "income_by_month",
    "invoices",
    "invoices_of",
    "last_attempt",
    "ledger_faults",
    "link_of",
    "live_attempts",
    "live_link",
    "mails_of",
    "movements",
    "payer_firm_ids",
    "payers_of",
    "paying_firm_ids",
    "payments_of",
    "sums",
    "tariffs",
    "tax_by_month",
    "totals",
    "trial_balance",
    "unallocated",
    "unallocated_of",
    "unmatched_events",
]
