"""The shapes of dues: what one rule charges a case for a whole period."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor
from typing import Any

from portal.core.money import Money, half_up
from portal.dues.periods import NotQuotable
from portal.dues.rules import Case, Price, Rule, exact, in_money, plain, tax_of, whole

ROUNDINGS: dict[str, Callable[[Fraction], Fraction | int]] = {
    "none": Fraction, "half_up": half_up, "floor": floor, "ceil": ceil,
}  # fmt: skip


def metric_of(rule: Rule, case: Case) -> Fraction:
    """The number the rule counts by, rounded as the rule says. Raises `NotQuotable`."""
    metric = rule["metric"]
    told = (case.get("metrics") or {}).get(metric)
    if told is None:
        raise NotQuotable(f"The price depends on the {plain(metric)}: that number is missing.")
    rounding = ROUNDINGS.get(rule.get("rounding", "none"))
    if rounding is None:
        raise NotQuotable(f"The tariff rounds by {rule['rounding']!r}, which is not known.")
    others = exact((case.get("others") or {}).get(metric, 0), metric)  # of a group with one fee
    value = Fraction(rounding(exact(told, metric) + others))
    most = rule.get("at_most")
    if most is not None and value > exact(most, metric):
        raise NotQuotable(f"At most {most} {plain(metric)} can be taken.", code="seat_limit")
    return value


def flat(rule: Rule, case: Case, _currency: str) -> Price:
    minor = whole(rule.get("amount"), "price of this class")
    return _price(rule, case, minor, "one price for the class", {})


def bands(rule: Rule, case: Case, _currency: str) -> Price:
    """One price for each band of the metric."""
    metric, told = rule["metric"], (case.get("metrics") or {}).get(rule["metric"])
    lower, upper, amount = find_band(rule["bands"], metric_of(rule, case), metric)
    minor = whole(amount, f"price for a {plain(metric)} of {told}")
    others = (case.get("others") or {}).get(metric)
    beside = f" and {others} of the group" if others else ""
    reason = f"{plain(metric)} {told}{beside}{_basis(rule, case)}: {in_words(lower, upper)}"
    return _price(rule, case, minor, reason, {"band": [lower, upper]})


def per_unit(rule: Rule, case: Case, currency: str) -> Price:
    """A price for each unit."""
    units, each = metric_of(rule, case), whole(rule.get("price"), "price of a unit")
    reason = f"{_counted(rule, case, units)} at {Money(each, currency)}"
    return _price(rule, case, units * each, reason, {"each": each})


def base_plus(rule: Rule, case: Case, currency: str) -> Price:
    """A base that includes some units, and a price for each one above them."""
    units, each = metric_of(rule, case), whole(rule.get("price"), "price of a unit")
    base, included = (
        whole(rule.get("base"), "base price"),
        exact(rule.get("included", 0), "number"),
    )
    above = max(Fraction(0), units - included)
    reason = (
        f"{_counted(rule, case, units)}: {Money(base, currency)} with {_number(included)} "
        f"included, {_number(above)} above at {Money(each, currency)}"
    )
    return _price(rule, case, base + above * each, reason, {"above": _number(above)})


def graduated(rule: Rule, case: Case, currency: str) -> Price:
    """Each tier's units at that tier's own price."""
    units = metric_of(rule, case)
    minor, reason = in_tiers(rule["tiers"], units, currency)
    return _price(rule, case, minor, f"{_counted(rule, case, units)}: {reason}", {})


def volume(rule: Rule, case: Case, currency: str) -> Price:
    """All units at the price of the tier that they reach."""
    units = metric_of(rule, case)
    lower, upper, each = find_band(rule["tiers"], units, rule["metric"])
    each = whole(each, "price of a unit")
    reason = f"{_counted(rule, case, units)} at {Money(each, currency)}: {in_words(lower, upper)}"
    return _price(rule, case, units * each, reason, {"each": each})


SHAPES: dict[str, Callable[[Rule, Case, str], Price]] = {
    "bands": bands, "flat": flat, "per_unit": per_unit, "base_plus": base_plus,
    "graduated": graduated, "volume": volume,
}  # fmt: skip


def price_of(rule: Rule, case: Case, currency: str) -> Price:
    """What a rule charges by its shape, within its limits. Raises `NotQuotable`."""
    return within_limits(rule, SHAPES[rule["kind"]](rule, case, currency), currency)


def within_limits(rule: Rule, price: Price, currency: str) -> Price:
    """A price raised to its rule's minimum, then lowered to its maximum; raises `NotQuotable`."""
    least, most = limits(rule)
    if least is not None and price.minor < least:
        price = _moved(price, least, "raised", "minimum", currency)
    if most is not None and price.minor > most:
        price = _moved(price, most, "lowered", "maximum", currency)
    return price


def _moved(price: Price, minor: int, how: str, limit: str, currency: str) -> Price:
    """`price` at its limit instead, and from where it was moved there."""
    before = in_money(price.minor, currency)
    reason = f"{price.reason}, {how} from {before} to the {limit} of {Money(minor, currency)}"
    return replace(price, minor=minor, reason=reason)


def limits(rule: Rule) -> tuple[int | None, int | None]:
    """A rule's minimum and maximum, None where it has none; raises `NotQuotable`."""
    least, most = rule.get("min"), rule.get("max")
    return (
        None if least is None else whole(least, "minimum"),
        None if most is None else whole(most, "maximum"),
    )


def in_tiers(tiers: list[list[Any]], units: Fraction, currency: str) -> tuple[Fraction, str]:
    """Graduated tiers `[from, to, price of one]`: the exact sum, and how it came about."""
    check_bands(tiers)
    total, before, told = Fraction(0), Fraction(0), []
    for _lower, upper, each in tiers:
        end = units if upper is None else min(units, exact(upper, "tier"))
        here = end - before
        if here <= 0:
            break
        total += here * whole(each, "price of a unit")
        told.append(f"{_number(here)} at {Money(each, currency)}")
        before = end
    if before < units:
        raise NotQuotable(f"The tariff has no price for more than {_number(before)}.")
    return total, " + ".join(told) or "none"


def find_band(found: list[list[Any]], value: Fraction, metric: str) -> list[Any]:
    """Bands are open below and closed above; the first includes its minimum.

    Raises `NotQuotable` for a value that has no band, and for bands with a gap or an overlap:
    the nearest band is never a guess we make.
    """
    check_bands(found)
    if value >= exact(found[0][0], metric):
        for band in found:
            if band[1] is None or value <= exact(band[1], metric):
                return band
    raise NotQuotable(f"The tariff has no band for this {plain(metric)}: ask the association.")


def check_bands(found: list[list[Any]]) -> None:
    """Each band begins where the one before ends, or one whole unit later."""
    fault = _fault(tuple(tuple(band) for band in found))
    if fault:
        raise NotQuotable(fault)


@lru_cache(maxsize=512)  # the same table is asked for every firm
def _fault(found: tuple[tuple[Any, ...], ...]) -> str:
    for before, after in pairwise(found):
        if before[1] is None or not 0 <= exact(after[0], "band") - exact(before[1], "band") <= 1:
            return "The tariff's bands overlap, or leave a gap between them."
    for lower, upper, _amount in found:
        if upper is not None and exact(upper, "band") < exact(lower, "band"):
            return "The tariff has a band that ends before it begins."
    return "" if found else "The tariff's table has no bands."


def in_words(lower: object, upper: object) -> str:
    return f"band from {lower} up" if upper is None else f"band {lower} to {upper}"


def _counted(rule: Rule, case: Case, units: Fraction) -> str:
    return f"{plain(rule['metric'])} {_number(units)}{_basis(rule, case)}"


def _basis(rule: Rule, case: Case) -> str:
    """Where the number is from, when the case says so."""
    said = (case.get("basis") or {}).get(rule["metric"])
    return f" ({said})" if said else ""


def _number(value: Fraction) -> str:
    if 10**6 % value.denominator == 0:
        return f"{(Decimal(value.numerator) / value.denominator).normalize():f}"
    return f"{value.numerator}/{value.denominator}"


def _price(
    rule: Rule, case: Case, minor: Fraction | int, reason: str, facts: dict[str, Any]
) -> Price:
    inputs: dict[str, Any] = {"class": case["class"]}
    if "metric" in rule:
        told = (case.get("metrics") or {})[rule["metric"]]
        inputs |= {"metric": rule["metric"], "value": str(told)}
        if said := (case.get("basis") or {}).get(rule["metric"]):
            inputs["basis"] = said
    text = rule.get("text") or f"Dues, {plain(case['class'])}"
    return Price(
        str(rule.get("id", rule["kind"])), text, minor, reason, inputs | facts, tax_of(rule)
    )
