"""When somebody is reminded of an invoice, and what is proposed after: ladders as data. Pure."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Step:
    """`days` after the day the ladder counts from; `task` is what a person of ours must do."""

    days: int
    code: str
    template: str
    subject: str
    says: str
    task: str = ""
    interest: bool = False  # from this day on, at the rate of the association


INVOICE = (
    Step(-7, "coming_due", "renewals/reminder", "Coming due", "It is due in a week."),
    Step(0, "due", "renewals/reminder", "Due today", "It is due today."),
    Step(30, "reminder", "renewals/reminder", "Reminder",
         "It has been due for a month. If you have paid it since, thank you: nothing is left to "
         "do. If something about it is not right, please write to us.", interest=True),
    Step(45, "second_reminder", "renewals/reminder", "Second reminder",
         "It has been due for 45 days. We will call you about it in the next days.",
         "Call the firm"),
    Step(60, "collection", "renewals/reminder", "A decision about this invoice",
         "It has been due for 60 days. The treasurer now decides how it is collected.",
         "Decide how it is collected"),
    Step(90, "general_meeting", "renewals/reminder", "What the general meeting is asked",
         "It has been due for 90 days. From today the firm keeps its invoices and its own data, "
         "and the general meeting is asked whether the membership is suspended.",
         "Put it to the general meeting"),
)  # fmt: skip
# For what was paid and is owed again: counted from the day on which the money went.
AGAIN = (
    Step(
        0,
        "owed_again",
        "renewals/reminder",
        "Owed again",
        "What paid it was taken back, so it is owed again. The reminders begin anew today.",
    ),
    *(step for step in INVOICE if step.days > 0),
)
CARD = (
    Step(0, "failed", "renewals/card_failed", "The card was not charged", "Nothing was taken."),
    Step(1, "again", "renewals/card_failed", "The card was not charged",
         "Yesterday nothing was taken."),
    Step(7, "week", "renewals/card_failed", "Still to be paid",
         "A week ago nothing was taken."),
    Step(14, "person", "renewals/card_failed", "Still to be paid",
         "Two weeks ago nothing was taken. We do not charge the card by ourselves: one of us "
         "will call you.", "Call the firm about its card"),
)  # fmt: skip
LADDERS: dict[str, Sequence[Step]] = {"invoice": INVOICE, "card": CARD}
TASKS = {(name, step.code): step for name, steps in LADDERS.items() for step in steps if step.task}


def latest_step(
    ladder: Sequence[Step], counted_from: date, today: date, known_since: date | None = None
) -> Step | None:
    """The last step whose day has come: a job that was away sends this one and none before it.

    A step that fell on the day on which the invoice was itself sent, or before, says nothing new.
    """
    found = None
    for step in ladder:
        on = counted_from + timedelta(days=step.days)
        if on <= today and (known_since is None or on > known_since):
            found = step
    return found


class Stage(enum.StrEnum):
    NONE = "none"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    PROPOSED = "suspension_proposed"
    SUSPENDED = "suspended"
    DROPPED = "dropped"
    CLEARED = "cleared"
    PAUSED = "paused"


@dataclass(frozen=True)
class Case:
    """What the stage of an unpaid invoice follows from; `days` are counted from its due day."""

    owed: int
    days: int
    is_paused: bool = False  # a hold, a dispute, a promise, a plan
    is_suspended: bool = False
    is_excused: bool = False  # the body said no
    is_dropped: bool = False


def stage(case: Case) -> Stage:
    """Exactly one stage for every case; the first rule that fits wins (domain, 3.5)."""
    if case.is_dropped:
        return Stage.DROPPED
    if not case.owed:
        return Stage.CLEARED
    if case.is_paused:
        return Stage.PAUSED
    if case.is_suspended:
        return Stage.SUSPENDED
    if case.days >= 90 and not case.is_excused:
        return Stage.PROPOSED
    if case.days >= 60:
        return Stage.ESCALATED
    return Stage.REMINDED if case.days >= 30 else Stage.NONE
