"""Questions about tariffs, invoices and money."""

from portal.dues.queries.attempts import last_attempt, live_attempts
from portal.dues.queries.books import Bucket, ageing, unallocated, unmatched_events
from portal.dues.queries.invoices import (
    Bill,
    balance,
    balances,
    bill,
    bills,
    face,
    invoices,
    sums,
    totals,
)
from portal.dues.queries.ledger_faults import ledger_faults
from portal.dues.queries.payers import (
    live_link,
    mails_of,
    payer_firm_ids,
    payers_of,
    payments_of,
)
from portal.dues.queries.tariffs import current_tariff, tariffs

__all__ = [
    "Bill", "Bucket", "ageing", "balance", "balances", "bill", "bills", "current_tariff", "face",
    "invoices", "last_attempt", "ledger_faults", "live_attempts", "live_link", "mails_of",
    "payer_firm_ids", "payers_of", "payments_of", "sums", "tariffs", "totals", "unallocated",
    "unmatched_events",
]  # fmt: skip
