"""What is not owed by who pays early, and until when: read from the inputs of the lines. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from portal.dues.taxes import on_each


@dataclass(frozen=True)
class Early:
    """`minor` is off the total, its tax included, when paid in `days` of the invoice."""

    minor: int
    days: int
    until_on: date | None = None  # the tariff offers it no longer

    def last_day(self, issued_on: date, due_on: date) -> date | None:
        """None where the offer is over before the invoice is issued."""
        last = min(issued_on + timedelta(days=self.days), due_on, self.until_on or due_on)
        return last if last >= issued_on else None


@dataclass(frozen=True)
class Part:
    """Minor units of one payment on an invoice; `used_on` is the day on which they first were."""

    minor: int
    is_card: bool
    received_on: date
    used_on: date


def in_time(issued_on: date, last: date | None, parts: Iterable[Part], spare: timedelta) -> int:
    """Minor units that came by the last day; those of a card as much later as is spared it.

    Money that the payer had with us before counts from the day on which it was used.
    """
    return sum(
        one.minor for one in parts
        if last and _came_on(one, issued_on) <= (last + spare if one.is_card else last)
    )  # fmt: skip


def _came_on(part: Part, issued_on: date) -> date:
    return part.used_on if part.received_on < issued_on else part.received_on


def early_of(lines: Iterable[tuple[Mapping[str, Any], str]]) -> Early | None:
    """Of lines as their inputs and their tax percent; None where nothing is off."""
    nets: Counter[Fraction] = Counter()
    terms: Mapping[str, Any] = {}
    for inputs, percent in lines:
        if inputs.get("early"):
            nets[Fraction(percent)] += inputs["early"]
            terms = inputs
    if not terms:
        return None
    until = terms.get("early_until")
    off = sum(nets.values()) + sum(on_each(nets).values())
    return Early(off, terms["early_days"], date.fromisoformat(until) if until else None)
