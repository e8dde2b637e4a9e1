"""What every rule of a tariff shares: its price, the numbers it reads, whom it concerns."""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

from portal.core.money import Money, half_up
from portal.dues.periods import NotQuotable

ENDLESS = re.compile(r"e\D?\d{3}|_|.{60}", re.IGNORECASE)  # 1e999999, 1e9_9: for ever
Book = dict[str, Any]
Rule = dict[str, Any]
Case = dict[str, Any]


@dataclass(frozen=True)
class Price:
    """The price of a whole period under one rule, exact, and why it is that.

    It is rounded on the line alone, once it is known which part of the period is charged.
    """

    rule: str
    text: str
    minor: Fraction | int
    reason: str
    inputs: dict[str, Any] = field(default_factory=dict)
    tax: str = ""  # the rule's own tax percent; the tariff's when it has none
    early: Fraction | int = 0  # what paying early takes off the whole period's price


def whole(value: object, what: str) -> int:
    """`value`, when it is a whole number that is not negative; raises `NotQuotable`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NotQuotable(f"The {what} is not decided: ask the association.")
    return value


def exact(value: object, what: str) -> Fraction:
    """A number as it was written, 25.4 or "25.4", with nothing lost; raises `NotQuotable`."""
    found = _read(str(value))
    if isinstance(value, bool) or found is None or found < 0:
        raise NotQuotable(f"The {plain(what)} must be a number, like 60.")
    return found


@lru_cache(maxsize=4096)  # a table's limits are read again for every firm
def _read(text: str) -> Fraction | None:
    try:
        return None if ENDLESS.search(text) else Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def as_data(minor: Fraction | int) -> int | str:
    """As JSON keeps an exact amount: 14505, or "29011/2" where it is no whole number."""
    return minor.numerator if minor.denominator == 1 else str(minor)


def in_money(minor: Fraction | int, currency: str) -> str:
    """An exact amount in words: what is no whole minor unit is said to be about so much."""
    said = str(Money(half_up(Fraction(minor)), currency))
    return said if minor.denominator == 1 else f"about {said}"


def tax_of(rule: Rule) -> str:
    return str(rule["tax_percent"]) if "tax_percent" in rule else ""


def concerns(rule: Rule, kind: str) -> bool:
    return rule["classes"] == "*" or kind in rule["classes"]


def titled(name: str) -> str:
    """`contact_centre_fte` as a heading says it."""
    words = plain(name)
    return words[:1].upper() + words[1:]


def plain(name: str) -> str:
    """`contact_centre_fte` as people say it."""
    return name.replace("_", " ").replace(" fte", " FTE")
