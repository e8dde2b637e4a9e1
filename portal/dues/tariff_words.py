"""A tariff told in words, for the pages that explain prices."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.core.money import Money
from portal.members.models import CLASS_NAMES, MembershipClass

PRORATIONS = {
    "none": "The whole price, whenever one joins",
    "days": "By days: the days left of the days of the period, the joining day included",
    "months": "By months, the month of joining included",
    "quarters": "By quarters, the quarter of joining included",
    "halves": "By half-years, the half of joining included",
    "schedule": "By the month of joining, as the tariff lists it",
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
        ("From", _whole_day(str(book.get("effective_from", "")))),
        ("Period", _period(book["period"])),
        ("Joining late", PRORATIONS[book.get("proration", "none")]),
        ("Tax", f"{tax} % on the sum of the lines" if str(tax) != "0" else "None"),
        *_more(book),
    ]  # fmt: skip
    return TariffWords(facts, [_rule(rule, book["currency"]) for rule in book["rules"]])


def _whole_day(iso: str) -> str:
    on = date.fromisoformat(iso) if iso else None
    return f"{on.day} {on:%b %Y}" if on else "A day not named yet"


def _more(book: dict[str, Any]) -> list[tuple[str, str]]:
    """What only some tariffs say."""
    found = []
    group = book.get("group") or {}
    if group.get("kind") == "aggregate":
        found.append(("Groups", "One fee for all firms of a group, by their sum"))
    elif group.get("kind") == "affiliate_share":
        found.append(("Groups", f"The parent pays whole, affiliates {group['percent']} %"))
    if int(book.get("first_payment_periods", 1)) > 1:
        found.append(("First payment", f"Covers {book['first_payment_periods']} periods"))
    if book.get("cut_in_day"):
        found.append(("Cut-in", f"Joining after day {book['cut_in_day']} counts from next month"))
    if book.get("cap"):
        found.append(("Cap", f"No group pays more than {book['cap']} of all dues{_cap(book)}"))
    if book.get("lobbying_percent"):
        found.append(("Lobbying", f"{book['lobbying_percent']} % of the dues are expected for it"))
    if book.get("lobbying_text"):
        found.append(("Invoices say of it", book["lobbying_text"]))
    return found


def _cap(book: dict[str, Any]) -> str:
    amount = book.get("cap_minor")
    return "" if amount is None else f": {Money(amount, book['currency'])} a year"


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
    if "bands" in rule or ("tiers" in rule and "metric" in rule):
        return _table(rule, currency, who)
    title, words = WORDS[rule["kind"]](rule, _Prices(currency))
    said = f"{who}: {words}{_limits(rule, currency)}{_most_taken(rule)}"
    return RuleWords(rule.get("text") or title, said, _until(rule))


def _limits(rule: dict[str, Any], currency: str) -> str:
    """The minimum and the maximum of a rule, after what it charges."""
    named = (("min", "at least"), ("max", "at most"))
    told = ((words, rule.get(name)) for name, words in named)
    said = "".join(
        f", {words} {Money(minor, currency)}" for words, minor in told if minor is not None
    )
    return f"{said} for all of them" if said and rule["kind"] == "seats" else said


def _most_taken(rule: dict[str, Any]) -> str:
    is_counted = rule["kind"] == "per_unit" and "at_most" in rule
    return f"; no more than {rule['at_most']}" if is_counted else ""


def _table(rule: dict[str, Any], currency: str, who: str) -> RuleWords:
    title, how = TABLES[rule["kind"]]
    rows = tuple(_band(band, currency) for band in rule.get("bands") or rule["tiers"])
    rounding = ROUNDINGS[rule.get("rounding", "none")]
    words = f"{who}; {rounding}{how}{_limits(rule, currency)}"
    return RuleWords(title, words, _named(rule["metric"]), rows)


TABLES = {
    "bands": ("Dues by size", ""),
    "graduated": ("Dues by size, in tiers", "; each tier's units at its own price"),
    "volume": ("Dues by size, in tiers", "; all units at the price of the tier reached"),
}


@dataclass(frozen=True)
class _Prices:
    currency: str

    def __call__(self, minor: object) -> str:
        return str(Money(minor, self.currency)) if isinstance(minor, int) else "not decided"


def _per_unit(rule: dict[str, Any], price: _Prices) -> tuple[str, str]:
    each = f"{price(rule.get('price'))} for each of {_named(rule['metric']).lower()}"
    return "Dues by number", each


def _base_plus(rule: dict[str, Any], price: _Prices) -> tuple[str, str]:
    above = f"{price(rule.get('price'))} for each above"
    included = f"{rule.get('included', 0)} {_named(rule['metric']).lower()} included"
    return "Dues by number", f"{price(rule.get('base'))} with {included}, {above}"


def _seats(rule: dict[str, Any], price: _Prices) -> tuple[str, str]:
    if "tiers" not in rule:
        return "Seats", f"{rule['included']} included, each further one {price(rule['price'])}"
    tiers = (f"{low} to {high or 'more'} at {price(each)}" for low, high, each in rule["tiers"])
    return "Seats", f"{rule['included']} included; further ones: {', '.join(tiers)}"


def _discount(rule: dict[str, Any], price: _Prices) -> tuple[str, str]:
    off = f"{rule['percent']} %" if "percent" in rule else price(rule.get("amount"))
    on = f" for {rule['if'].replace('_', ' ')}" if rule.get("if") else ""
    rest = "on top of any other" if rule.get("is_on_top") else "only the largest discount counts"
    decided = f"; decision {rule['decision']}" if rule.get("decision") else ""
    return "Discount", f"{off} off the dues{on}; {rest}{decided}"


def _kept(rule: dict[str, Any], price: _Prices) -> tuple[str, str]:
    whose = str(rule["if"]).replace("_", " ")
    return "Price kept", f"{price(rule['amount'])} a period for {whose}, instead of the dues"


def _early(rule: dict[str, Any], price: _Prices) -> tuple[str, str]:
    off = f"{rule['percent']} %" if "percent" in rule else price(rule.get("amount"))
    on = f" for {rule['if'].replace('_', ' ')}" if rule.get("if") else ""
    is_on_top = rule.get("is_on_top")
    rest = "on top of any discount" if is_on_top else "only the largest discount counts"
    said = f"{off} off the dues{on} when paid in {rule['days']} days of the invoice; {rest}"
    return "Early payment", said


WORDS: dict[str, Callable[[dict[str, Any], _Prices], tuple[str, str]]] = {
    "flat": lambda rule, price: ("Dues", f"{price(rule['amount'])} a period"),
    "per_unit": _per_unit,
    "base_plus": _base_plus,
    "kept_price": _kept,
    "joining_fee": lambda rule, price: (
        "Joining fee", f"{price(rule['amount'])}, once, never in part",
    ),
    "reinstatement_fee": lambda rule, price: (
        "Coming back", f"{price(rule['amount'])}, once, after the membership lapsed",
    ),
    "chapter_fee": lambda rule, price: (
        "Chapter fee", f"{price(rule['amount'])} a period for members of {rule['chapter']}",
    ),
    "levy": lambda rule, price: (
        "Special levy", f"{price(rule['amount'])}, decision {rule.get('decision', 'not named')}",
    ),
    "donation": lambda _rule, _price: ("Gift", "what you wish to give; it may be left out"),
    "seats": _seats,
    "discount": _discount,
    "early_payment": _early,
    "trial": lambda rule, price: (
        "Trial", f"{price(rule['amount'])} for {rule['months']} months, then the dues",
    ),
    "allowance": lambda rule, _price: (
        _named(rule["of"]), f"{rule['granted']} included in each term, however long it is",
    ),
}  # fmt: skip


def _until(rule: dict[str, Any]) -> str:
    return f"Until {rule['until']}" if rule.get("until") else ""


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
