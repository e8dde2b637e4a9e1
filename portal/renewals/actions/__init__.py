"""What time, money and people do to memberships after their first term. The caller commits."""

from portal.renewals.actions.changing import (
    Preview,
    Reconciliation,
    change,
    compare,
    correct,
    keep_price_facts,
    preview,
    reconcile,
)
from portal.renewals.actions.due import due_on
from portal.renewals.actions.leaving import close, last_day, resign, stay
from portal.renewals.actions.reminding import lift_for, remind, stop_reminding
from portal.renewals.actions.renewing import (
    come_back,
    declare,
    drop,
    go_on_unpaid,
    issue,
    let_go,
    open_window,
    renew,
    way_back,
)

__all__ = [
    "Preview", "Reconciliation", "change", "close", "come_back", "compare", "correct", "declare",
    "drop", "due_on", "go_on_unpaid", "issue", "keep_price_facts", "last_day", "let_go",
    "lift_for", "open_window", "preview", "reconcile", "remind", "renew", "resign", "stay",
    "stop_reminding", "way_back",
]  # fmt: skip
