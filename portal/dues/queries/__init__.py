"""Questions about tariffs, invoices and money."""

from portal.dues.queries.attempts import attempts_of, last_attempt, live_attempts
from portal.dues.queries.bills import Bill, bill, bills, face
from portal.dues.queries.books import Bucket, ageing, unmatched_events
from portal.dues.queries.closing import Check, closed_until, year_end_checks
from portal.dues.queries.credits import (
    Left,
    credit_for,
    credit_notes_of,
    creditable,
    credited_by_line,
    left,
    left_of,
    note_with_lines,
    old_credit,
    unallocated,
    unallocated_of,
)
from portal.dues.queries.holds import hold_of, is_held
from portal.dues.queries.invoices import (
    balance,
    balances,
    claimable,
    invoices,
    invoices_of,
    sums,
    totals,
)
from portal.dues.queries.ledger_faults import ledger_faults
from portal.dues.queries.money_back import (
    disputes,
    disputes_of,
    has_card_payments,
    invoices_paid_by,
    is_disputed,
    known_refunds,
    open_disputes,
    payment_of_intent,
    postings_of,
    refunds,
    refunds_of,
    refunds_on_the_way,
    refunds_to_look_at,
)
from portal.dues.queries.payers import (
    link_of,
    live_link,
    mails_of,
    movements,
    payer_firm_ids,
    payers_of,
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
    "AGES", "Aged", "Balance", "Bill", "Bucket", "Check", "EarnedMonth", "Left", "TaxMonth",
    "aged_debt", "ageing", "attempts_of", "balance", "balances", "bill", "bills", "claimable",
    "closed_until", "credit_for", "credit_notes_of", "creditable", "credited_by_line",
    "current_tariff", "disputes", "disputes_of", "face", "has_card_payments", "hold_of",
    "income_by_month", "invoices", "invoices_of", "invoices_paid_by", "is_disputed", "is_held",
    "known_refunds", "last_attempt", "ledger_faults", "left", "left_of",
    "link_of", "live_attempts", "live_link", "mails_of", "movements", "note_with_lines",
    "old_credit", "open_disputes", "payer_firm_ids", "payers_of", "payment_of_intent",
    "payments_of", "postings_of", "refunds", "refunds_of",
    "refunds_on_the_way", "refunds_to_look_at", "sums", "tariffs", "tax_by_month", "totals",
    "trial_balance", "unallocated", "unallocated_of", "unmatched_events", "year_end_checks",
]  # fmt: skip
