"""When a kept card is charged for an invoice, and what is said before: dates alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

STEPS = (0, 1, 7, 14)  # days after the first try; then a person sees to it
EARLY = "early"  # the step before them
AHEAD = (7, 30)  # days before the charge on which it is announced, the nearest first
SHORTEST = timedelta(days=3)  # no charge follows its first announcement sooner
WARN_OF_EXPIRY = timedelta(days=45)


@dataclass(frozen=True)
class Try:
    step: str
    on: date


@dataclass(frozen=True)
class Plan:
    step: str
    on: date


def plan(due_on: date, announced_on: date, tries: Sequence[Try]) -> Plan | None:
    """The next charge of an invoice; None when every step was tried.

    `announced_on` is the day on which this amount and this card were first announced: today when
    they are announced now. Two tries never fall on one day, however late the worker is.
    """
    ladder = [one for one in tries if one.step.isdigit()]
    left = [step for step in STEPS if str(step) not in {one.step for one in ladder}]
    if not left:
        return None
    first = min((one.on for one in ladder), default=due_on)
    last = max((one.on for one in tries), default=date.min)
    day = max(first + timedelta(days=left[0]), last + timedelta(days=1))
    return Plan(str(left[0]), max(day, announced_on + SHORTEST))


def early_plan(last_day: date, announced_on: date, tries: Sequence[Try]) -> Plan | None:
    """The one charge of what settles it early, on its last day; None once that is too late."""
    return None if tries or announced_on + SHORTEST > last_day else Plan(EARLY, last_day)


def notice(next_on: date, today: date, told: Collection[int]) -> int | None:
    """Which announcement is due: 7 or 30 days ahead, or as many as are left; None when none is."""
    days_left = (next_on - today).days
    wanted = next((ahead for ahead in AHEAD if days_left <= ahead), None)
    return None if wanted in told else wanted
