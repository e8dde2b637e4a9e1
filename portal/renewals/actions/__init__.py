"""What time, money and people do to memberships after their first term. The caller commits."""

from portal.renewals.actions.agreeing import Reconciliation, compare, reconcile
from portal.renewals.actions.anew import charge_for
from portal.renewals.actions.changing import (
    Preview,
    change,
    correct,
    keep_price_facts,
    numbers_now,
    preview,
)
from portal.renewals.actions.comebacks import come_back, way_back
from portal.renewals.actions.converting import (
    conversion_of,
    convert,
    let_trial_end,
    may_convert,
)
from portal.renewals.actions.due import Act, due_on
from portal.renewals.actions.expelling import (
    Expulsion,
    Following,
    expel,
    take_back_expulsion,
    what_follows,
)
from portal.renewals.actions.ladders import adopt_ladders
from portal.renewals.actions.leaving import close, last_day, resign, stay
from portal.renewals.actions.reminding import lift_for, remind, stop_reminding
from portal.renewals.actions.renewing import (
    choose,
    drop,
    forget_gift,
    go_on_unpaid,
    issue,
    let_go,
    open_window,
    renew,
)
from portal.renewals.actions.together import do_together

__all__ = [
    "Act",
    "Expulsion",
    "Following",
    "Preview",
    "Reconciliation",
    "adopt_ladders",
    "change",
    "charge_for",
    "choose",
    "close",
    "come_back",
    "compare",
    "conversion_of",
    "convert",
    "correct",
    "do_together",
    "drop",
    "due_on",
    "expel",
    "forget_gift",
    "go_on_unpaid",
    "issue",
    "keep_price_facts",
    "last_day",
    "let_go",
    "let_trial_end",
    "lift_for",
    "may_convert",
    "numbers_now",
    "open_window",
    "preview",
    "reconcile",
    "remind",
    "renew",
    "resign",
    "stay",
    "stop_reminding",
    "take_back_expulsion",
    "way_back",
    "what_follows",
]  # fmt: skip
