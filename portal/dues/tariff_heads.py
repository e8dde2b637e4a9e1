"""What a tariff says beside its rules, fact by fact: the same for a form and for a file."""

from collections.abc import Collection, Mapping
from typing import Any

from portal.core.money import CURRENCIES
from portal.dues.needs import (
    DAY,
    MONTH_DAY,
    PERCENT,
    TEXT,
    UNITS,
    Need,
    Unreadable,
    by_name,
    is_number,
    is_text,
    shown,
    unknown,
    unmet,
    whole_number,
)
from portal.dues.periods import MONTHS_IN
from portal.dues.rules import Book, exact

PRORATIONS = ("none", "days", "schedule", *MONTHS_IN)
GROUPS = ("each_entity", "aggregate", "affiliate_share")
PUBLIC = {
    "increase": "Why prices were changed",
    "staff_share": "What part goes to staff",
    "formula": "Why this formula",
    "cap": "Why the cap is fair",
    "exit": "How to leave",
    "peers": "What others ask",
}
YEAR = {str(month) for month in range(1, 13)}
MOST_PARTS = 2  # of a period, for who joins late and pays the next one with it


def is_share(value: Any) -> bool:
    """A part of everything that is less than everything."""
    return is_number(value) and 0 < exact(value, "cap") < 1


def is_schedule(value: Any) -> bool:
    """Months by their numbers, each with the part of a period that it pays."""
    return (
        isinstance(value, dict)
        and set(value) <= YEAR
        and all(is_number(part, most=MOST_PARTS) for part in value.values())
    )


def says_amount(value: Any) -> bool:
    return is_text(value) and "{amount}" in value


NEEDS = {
    "effective_from": DAY,
    "schedule": Need(
        f'a part from 0 to {MOST_PARTS} of each month, like {{"7": "1/2"}}', is_schedule
    ),
    "cut_in_day": whole_number(1, 31),
    "first_payment_periods": whole_number(1, 12),
    "tax_percent": PERCENT,
    "tax_text": TEXT,
    "cap": Need("a share that is less than everything, like 1/10", is_share),
    "cap_minor": UNITS,
    "lobbying_percent": PERCENT,
    "lobbying_text": Need("a text with {amount} where the sum belongs", says_amount),
    "public": Need("texts by their names", by_name(is_text)),
}
KNOWN = {*NEEDS, "code", "currency", "period", "proration", "group", "rules"}
PERIODS: Mapping[str, Mapping[str, Need]] = {
    "fixed": {"start": MONTH_DAY, "carry_over_from": MONTH_DAY},
    "anniversary": {"months": whole_number(1, 36)},
}


def check_head(book: Book) -> None:
    """Raises `Unreadable` for the first fact that cannot be."""
    if not isinstance(book.get("code"), str) or not book["code"].strip():
        raise Unreadable("The tariff has no code, like 2027.")
    if not isinstance(book.get("currency"), str) or book["currency"] not in CURRENCIES:
        raise Unreadable(f"{shown(book.get('currency'))} is not a currency, like EUR.")
    _refuse_unknown(book, KNOWN, "The tariff")
    _refuse_unmet({"effective_from": ""} | book, NEEDS)
    _refuse_unknown(book.get("public", {}), PUBLIC, "What the tariff tells the public")
    _check_period(book.get("period", {}))
    _check_proration(book)
    _check_group(book.get("group", {"kind": "each_entity"}))


def _check_period(period: Any) -> None:
    kind = period.get("kind") if isinstance(period, dict) else None
    needs = PERIODS.get(str(kind))
    if needs is None:
        raise Unreadable("The tariff does not say whether its period is fixed or anniversary.")
    _refuse_unknown(period, {*needs, "kind"}, f"The tariff’s {kind} period")
    _refuse_unmet(period, needs, "period.")


def _check_proration(book: Book) -> None:
    proration = book.get("proration", "none")
    if proration not in PRORATIONS:
        raise Unreadable(f"The tariff prorates by {shown(proration)}, which is not known.")
    missing = YEAR - set(book.get("schedule", {}))
    if proration == "schedule" and missing:
        month = min(missing, key=int)
        raise Unreadable(f"The tariff cannot be read: its schedule has no part for month {month}.")


def _check_group(group: Any) -> None:
    kind = group.get("kind") if isinstance(group, dict) else None
    if kind not in GROUPS:
        raise Unreadable(
            "The tariff cannot be read: group.kind needs each_entity, aggregate or "
            f"affiliate_share, not {shown(kind)}."
        )
    _refuse_unknown(group, ("kind", "percent"), "The tariff’s group")
    if kind == "affiliate_share":
        _refuse_unmet({"percent": ""} | group, {"percent": PERCENT}, "group.")


def _refuse_unknown(told: Mapping[str, Any], known: Collection[str], where: str) -> None:
    if fault := unknown(told, known, where):
        raise Unreadable(fault)


def _refuse_unmet(told: Mapping[str, Any], needs: Mapping[str, Need], within: str = "") -> None:
    if fault := unmet(told, needs, within):
        raise Unreadable(f"The tariff cannot be read: {fault}.")
