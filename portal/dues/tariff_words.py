"""A tariff told in words, for the pages that explain prices."""

import calendar
from dataclasses import dataclass
from typing import Any

from portal.core.money import Money
from portal.members.models import CLASS_NAMES, MembershipClass

PRORATIONS = {
    "none": "The whole price, whenever one joins",
    "days": "By days: the days left of the days of the period, the joining day included",
    "months": "By months, the month of joining included",
    "quarters": "By quarters, the quarter of joining included",
    "halves": "By half-years, the half of joining included",
}
ROUNDINGS = {
    "none": "as declared", "half_up": "rounded to a whole number, halves up",
    "floor": "rounded down to a whole number", "ceil": "rounded up to a whole number",
}  # fmt: skip


@dataclass(frozen=True)
class RuleWords:
    title: str
    who: str
    measure: str = ""
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TariffWords:
    facts: list[tuple[str, str]]
    rules: list[RuleWords]


def tariff_words(book: dict[str, Any]) -> TariffWords:
    """What a price book says: its period, how parts of it are charged, and each rule."""
    tax = book.get("tax_percent", "0")
    facts = [
        ("From", str(book.get("effective_from", ""))), ("Period", _period(book["period"])),
        ("Joining late", PRORATIONS[book.get("proration", "none")]),
        ("Tax", f"{tax} % on the sum of the lines" if str(tax) != "0" else "None"),
    ]  # fmt: skip
    return TariffWords(facts, [_rule(rule, book["currency"]) for rule in book["rules"]])


def _period(period: dict[str, Any]) -> str:
    if period["kind"] == "anniversary":
        return f"{period.get('months', 12)} months from the day of joining"
    late = period.get("carry_over_from")
    carried = f"; whoever joins from {_day(late)} has the rest of the year free" if late else ""
    return f"A year that begins on {_day(period.get('start', '01-01'))}{carried}"


def _day(month_day: str) -> str:
    month, day = month_day.split("-")
    return f"{int(day)} {calendar.month_name[int(month)]}"


def _rule(rule: dict[str, Any], currency: str) -> RuleWords:
    who = _who(rule["classes"])
    if rule["kind"] == "bands":
        rows = tuple(_band(band, currency) for band in rule["bands"])
        rounding = ROUNDINGS[rule.get("rounding", "none")]
        return RuleWords("Dues by size", f"{who}; {rounding}", _named(rule["metric"]), rows)
    if rule["kind"] == "flat":
        return RuleWords("Dues", f"{who}: {Money(rule['amount'], currency)} a period")
    if rule["kind"] == "joining_fee":
        price = Money(rule["amount"], currency)
        return RuleWords("Joining fee", f"{who}: {price}, once, never in part")
    price = Money(rule["price"], currency)
    return RuleWords("Seats", f"{who}: {rule['included']} included, each further one {price}")


def _who(classes: str | list[str]) -> str:
    if classes == "*":
        return "Every class"
    return ", ".join(CLASS_NAMES[MembershipClass(one)] for one in classes)


def _named(metric: str) -> str:
    return metric.replace("_", " ").replace(" fte", " FTE").capitalize().replace(" fte", " FTE")


def _band(band: list[Any], currency: str) -> tuple[str, str]:
    lower, upper, amount = band
    measure = f"{lower} and more" if upper is None else f"{lower} to {upper}"
    return measure, str(Money(amount, currency)) if amount is not None else "Not decided"
