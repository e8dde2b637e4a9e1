"""When somebody is reminded of an invoice, and what is proposed after: ladders as data. Pure."""

import enum
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any


class Ladder(enum.StrEnum):
    INVOICE = "invoice"  # counted from the day it is due
    AGAIN = "again"  # from the day on which the money for it went; then as any invoice
    CARD = "card"  # from the day on which the card was not charged


class Stage(enum.StrEnum):
    NONE = "none"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    PROPOSED = "suspension_proposed"
    SUSPENDED = "suspended"
    DROPPED = "dropped"
    CLEARED = "cleared"
    PAUSED = "paused"


LEADS_TO = (Stage.NONE, Stage.REMINDED, Stage.ESCALATED, Stage.PROPOSED)  # the furthest last


@dataclass(frozen=True)
class Step:
    """`days` after the day the ladder counts from; `task` is what a person of ours must do.

    A step that keeps its code is the same one in later ladders: an invoice has it once.
    """

    ladder: Ladder
    days: int
    code: str
    subject: str
    says: str
    task: str = ""
    interest: bool = False  # from this day on, at the rate of the association
    leads_to: Stage = Stage.NONE

    @classmethod
    def kept(cls, row: Mapping[str, Any]) -> "Step":
        """As it is read back from the table."""
        told = {"ladder": Ladder(row["ladder"]), "leads_to": Stage(row["leads_to"])}
        return cls(**(dict(row) | told))

    def row(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self) | {"ladder": self.ladder.value, "leads_to": self.leads_to.value}


@dataclass(frozen=True)
class Ladders:
    """All the steps that hold from a day on, until the next ones."""

    begins: date
    steps: tuple[Step, ...]

    def of(self, ladder: Ladder) -> tuple[Step, ...]:
        """The steps of one, in order; what is owed again goes on as any invoice does."""
        own = [one for one in self.steps if one.ladder is ladder]
        if ladder is Ladder.AGAIN:
            own += [one for one in self.of(Ladder.INVOICE) if one.days > 0]
        return tuple(sorted(own, key=lambda one: one.days))

    @property
    def earliest(self) -> int:
        """Days from the due day to the first step."""
        return min((one.days for one in self.of(Ladder.INVOICE)), default=0)


DUE, AGAIN, CARD = Ladder.INVOICE, Ladder.AGAIN, Ladder.CARD
# What the portal is shipped with, and what holds until a body adopts steps of its own.
SHIPPED = Ladders(date.min, (
    Step(DUE, -7, "coming_due", "Coming due", "It is due in a week."),
    Step(DUE, 0, "due", "Due today", "It is due today."),
    Step(DUE, 30, "reminder", "Reminder",
         "It has been due for a month. If you have paid it since, thank you: nothing is left to "
         "do. If something about it is not right, please write to us.", interest=True,
         leads_to=Stage.REMINDED),
    Step(DUE, 45, "second_reminder", "Second reminder",
         "It has been due for 45 days. We will call you about it in the next days.",
         "Call the firm", leads_to=Stage.REMINDED),
    Step(DUE, 60, "collection", "A decision about this invoice",
         "It has been due for 60 days. The treasurer now decides how it is collected.",
         "Decide how it is collected", leads_to=Stage.ESCALATED),
    Step(DUE, 90, "general_meeting", "What the general meeting is asked",
         "It has been due for 90 days. From today the firm keeps its invoices and its own data, "
         "and the general meeting is asked whether the membership is suspended.",
         "Put it to the general meeting", leads_to=Stage.PROPOSED),
    Step(AGAIN, 0, "owed_again", "Owed again",
         "What paid it was taken back, so it is owed again. The reminders begin anew today."),
    Step(CARD, 0, "failed", "The card was not charged", "Nothing was taken."),
    Step(CARD, 1, "again", "The card was not charged", "Yesterday nothing was taken."),
    Step(CARD, 7, "week", "Still to be paid", "A week ago nothing was taken."),
    Step(CARD, 14, "person", "Still to be paid",
         "Two weeks ago nothing was taken. We do not charge the card by ourselves: one of us "
         "will call you.", "Call the firm about its card"),
))  # fmt: skip


def in_effect(over_time: Iterable[Ladders], day: date) -> Ladders:
    """The ladders that hold on a day."""
    return max((one for one in over_time if one.begins <= day), key=lambda one: one.begins)


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


Times = Sequence[tuple[date, date, Sequence[Step]]]  # from, until the next ones, and their steps


def times(over_time: Sequence[Ladders], ladder: Ladder) -> Times:
    """One ladder over time, in order."""
    ends = [*(one.begins for one in over_time[1:]), date.max]
    return [
        (one.begins, end, one.of(ladder)) for one, end in zip(over_time, ends, strict=True)
    ]  # fmt: skip


def to_come(
    held: Times,
    counted_from: date,
    known_since: date | None = None,
    resumes: date = date.min,
    told: Collection[str] = (),
) -> Iterator[tuple[date, Step]]:
    """On which day each step is sent: every day asks the ladder that holds on it.

    Where a ladder begins, and on the day after a pause, the latest of the steps that were before
    comes alone; what was `told` already comes no more, whenever it is now.
    """
    sent = set(told)
    for begins, end, steps in held:
        start = max(begins, resumes)
        found: dict[date, Step] = {}
        for step in steps:
            on = counted_from + timedelta(days=step.days)
            if known_since is None or on > known_since:
                found[max(on, start)] = step
        for on, step in found.items():
            if on < end and step.code not in sent:
                sent.add(step.code)
                yield on, step


def interest_from(held: Times, counted_from: date) -> date | None:
    """The day from which interest runs; later ladders do not stop what began. None: never."""
    for begins, end, steps in held:
        days = [step.days for step in steps if step.interest]
        start = max(begins, counted_from + timedelta(days=min(days))) if days else date.max
        if start < end:
            return start
    return None


def acting_days(ladder: Sequence[Step]) -> list[tuple[int, int | None]]:
    """How late an invoice is while its step asks one of us to act: from, and before which day.

    Steps that follow one another are one span.
    """
    found: list[tuple[int, int | None]] = []
    ends = [*(step.days for step in ladder[1:]), None]
    for step, end in zip(ladder, ends, strict=True):
        if step.task:
            first = found.pop()[0] if found and found[-1][1] == step.days else step.days
            found.append((first, end))
    return found


def reached(ladder: Sequence[Step], counted_from: date, day: date) -> Stage:
    """The furthest that the steps whose day has come lead to."""
    come = [one for one in ladder if counted_from + timedelta(days=one.days) <= day]
    return max((one.leads_to for one in come), key=LEADS_TO.index, default=Stage.NONE)


@dataclass(frozen=True)
class Case:
    """What the stage of an unpaid invoice follows from."""

    owed: int
    reached: Stage  # what its ladder leads to by now
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
    if case.reached is Stage.PROPOSED and case.is_excused:
        return Stage.ESCALATED
    return case.reached
