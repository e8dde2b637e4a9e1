"""What a fact of a tariff or of a case must be: in words for who wrote it, and as a test of it."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from portal.core.clock import is_reckoned
from portal.dues.periods import NotQuotable
from portal.dues.rules import exact

MOST_UNITS = 10**15 - 1  # minor units: as much as anybody can type
MOST_COUNTED = 1_000_000


class Unreadable(Exception):
    """A tariff, or a file of them, that is none: the text says where and why, in a sentence."""


@dataclass(frozen=True)
class Need:
    """`words` go on after “needs” and after “Enter”."""

    words: str
    is_met: Callable[[Any], bool]


def is_number(value: Any, least: int = 0, most: int = MOST_UNITS) -> bool:
    try:
        return least <= exact(value, "number") <= most
    except NotQuotable:
        return False


def is_whole(value: Any, least: int = 0, most: int = MOST_UNITS) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_day(value: Any) -> bool:
    """Only as tariffs write it: days are compared by their letters."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return False
    try:
        return is_reckoned(date.fromisoformat(value))
    except ValueError:
        return False


def is_month_day(value: Any) -> bool:
    """A day that every year has, like 04-01."""
    if not isinstance(value, str) or not re.fullmatch(r"\d\d-\d\d", value, re.ASCII):
        return False
    try:
        return bool(date(2001, int(value[:2]), int(value[3:])))
    except ValueError:
        return False


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_text, value))


def by_name(is_good: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """An object of which each fact is good."""
    return lambda value: isinstance(value, dict) and all(map(is_good, value.values()))


def whole_number(least: int, most: int) -> Need:
    return Need(
        f"a whole number from {least} to {most:,}", lambda value: is_whole(value, least, most)
    )


PERCENT = Need("a number from 0 to 100, like 21", lambda value: is_number(value, most=100))
DAY = Need("a day, like 2027-01-01", is_day)
MONTH_DAY = Need("a day that every year has, like 04-01", is_month_day)
UNITS = Need("a whole number of minor units, like 52300", is_whole)
TEXT = Need("a text", is_text)


def shown(value: Any) -> str:
    """A value as it stands in a sentence, not too much of it."""
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:57]}…"


def unmet(told: Mapping[str, Any], needs: Mapping[str, Need], within: str = "") -> str:
    """The first fact that is not what it must be, as the rest of a sentence; "" without one.

    What is null counts as not told.
    """
    for name, value in told.items():
        need = needs.get(name)
        if need and value is not None and not need.is_met(value):
            told_is = f", not {shown(value)}" if value != "" else ""
            return f"{within}{name} needs {need.words}{told_is}"
    return ""


def unknown(told: Mapping[str, Any], known: Collection[str], where: str) -> str:
    """A sentence about the first name that is not known there; "" without one."""
    for name in told:
        if name not in known:
            near = get_close_matches(str(name), known, 1)
            meant = f"; is “{near[0]}” meant?" if near else "."
            return f"{where} says “{str(name)[:40]}”, which is not known{meant}"
    return ""
