"""What a tariff's rules charge for a whole period, before any part of it is taken."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any

from portal.core.money import half_up
from portal.dues.periods import NotQuotable

ROUNDINGS: dict[str, Callable[[Fraction], Fraction | int]] = {
    "none": Fraction, "half_up": half_up, "floor": floor, "ceil": ceil,
}  # fmt: skip
DUES = ("bands", "flat")
KINDS = (*DUES, "joining_fee", "seats")


@dataclass(frozen=True)
class Price:
    """The price of a whole period under one rule, and why it is that."""

    rule: str
    text: str
    minor: int
    reason: str
    inputs: dict[str, Any] = field(default_factory=dict)


def rules_for(book: dict[str, Any], kind: str, *, of: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rules of some kinds that apply to a class. Raises `NotQuotable` for an unknown kind."""
    rules = book.get("rules", [])
    for rule in rules:
        if rule.get("kind") not in KINDS:
            raise NotQuotable(f"The tariff has an unknown rule: {rule.get('kind')!r}.")
    wanted = [rule for rule in rules if rule["kind"] in of]
    return [rule for rule in wanted if rule["classes"] == "*" or kind in rule["classes"]]


def dues_prices(book: dict[str, Any], case: dict[str, Any]) -> list[Price]:
    """What the class and the metrics of `case` cost a period. Raises `NotQuotable`."""
    kind = str(case.get("class") or "")
    rules = rules_for(book, kind, of=DUES)
    if not rules:
        raise NotQuotable(f"The tariff has no price for {_words(kind) or 'a firm of no class'}.")
    return [_flat(rule, kind) if rule["kind"] == "flat" else _band(rule, case) for rule in rules]


def whole(value: object, what: str) -> int:
    """`value`, when it is a whole number that is not negative; raises `NotQuotable`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NotQuotable(f"The {what} is not decided: ask the association.")
    return value


def exact(value: object, what: str) -> Fraction:
    """A number as it was written, 25.4 or "25.4", with nothing lost; raises `NotQuotable`."""
    try:
        found = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        found = Fraction(-1)
    if isinstance(value, bool) or found < 0:
        raise NotQuotable(f"The {_words(what)} must be a number, like 60.")
    return found


def _flat(rule: dict[str, Any], kind: str) -> Price:
    minor = whole(rule.get("amount"), "price of this class")
    text = rule.get("text") or f"Dues, {_words(kind)}"
    return Price(rule.get("id", "flat"), text, minor, "one price for the class", {"class": kind})


def _band(rule: dict[str, Any], case: dict[str, Any]) -> Price:
    metric = rule["metric"]
    told = (case.get("metrics") or {}).get(metric)
    if told is None:
        raise NotQuotable(f"The price depends on the {_words(metric)}: that number is missing.")
    rounding = ROUNDINGS.get(rule.get("rounding", "none"))
    if rounding is None:
        raise NotQuotable(f"The tariff rounds by {rule['rounding']!r}, which is not known.")
    value = Fraction(rounding(exact(told, metric)))
    lower, upper, amount = find_band(rule["bands"], value, metric)
    minor = whole(amount, f"price for a {_words(metric)} of {told}")
    kind = case["class"]
    return Price(
        rule.get("id", "bands"), rule.get("text") or f"Dues, {_words(kind)}", minor,
        f"{_words(metric)} {told}: {in_words(lower, upper)}",
        {"class": kind, "metric": metric, "value": str(told), "band": [lower, upper]},
    )  # fmt: skip


def in_words(lower: object, upper: object) -> str:
    return f"band from {lower} up" if upper is None else f"band {lower} to {upper}"


def find_band(bands: list[list[Any]], value: Fraction, metric: str) -> list[Any]:
    """Bands are open below and closed above; the first includes its minimum.

    Raises `NotQuotable` for a value that has no band, and for bands with a gap or an overlap:
    the nearest band is never a guess we make.
    """
    check_bands(bands)
    if value >= exact(bands[0][0], metric):
        for band in bands:
            if band[1] is None or value <= exact(band[1], metric):
                return band
    raise NotQuotable(f"The tariff has no band for this {_words(metric)}: ask the association.")


def check_bands(bands: list[list[Any]]) -> None:
    """Each band begins where the one before ends, or one whole unit later."""
    for before, after in pairwise(bands):
        if before[1] is None or not 0 <= exact(after[0], "band") - exact(before[1], "band") <= 1:
            raise NotQuotable("The tariff's bands overlap, or leave a gap between them.")
    for lower, upper, _amount in bands:
        if upper is not None and exact(upper, "band") < exact(lower, "band"):
            raise NotQuotable("The tariff has a band that ends before it begins.")
    if not bands:
        raise NotQuotable("The tariff's table has no bands.")


def _words(name: str) -> str:
    return name.replace("_", " ").replace(" fte", " FTE")
