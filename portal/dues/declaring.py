"""What a firm is asked to declare, the words it signs, and the case its numbers make. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from portal.dues.rules import Book, Case, concerns, plain
from portal.dues.shapes import SHAPES
from portal.members.models import BaseYear, MembershipClass
from portal.members.terms import add_months

MONEY = ("revenue", "turnover")


def metrics_asked(book: Book, kinds: Iterable[str]) -> list[str]:
    """The numbers that a tariff's dues depend on for these classes, in its order."""
    wanted = list(kinds)
    asked = [
        rule["metric"] for rule in book.get("rules", [])
        if rule.get("kind") in SHAPES and "metric" in rule
        and any(concerns(rule, kind) for kind in wanted)
    ]  # fmt: skip
    return list(dict.fromkeys(asked))


def metrics_told(
    asked: Iterable[str], declared: Mapping[str, str], headcount: int | None
) -> dict[str, str]:
    """Each number as declared; the headcount stands in for people who were never declared.

    Nothing stands in for money: without a declaration there is no price.
    """
    found = {
        metric: declared.get(metric) or (None if is_money(metric) else headcount)
        for metric in asked
    }
    return {metric: str(value) for metric, value in found.items() if value is not None}


def case_for(kind: str, metrics: Mapping[str, str], starts_on: date) -> Case:
    """A whole term that follows an earlier one."""
    facts = {"class": kind, "metrics": dict(metrics), "renews": True}
    return facts | {"joined_on": starts_on.isoformat(), "anchor_on": starts_on.isoformat()}


FIRST_YEAR = "first_year"
BY_ITSELF = (FIRST_YEAR, MembershipClass.STARTUP.value)  # nobody has to find these of a firm


def facts_of(
    kind: str, found: Mapping[str, list[str]], *, joins: bool = False
) -> dict[str, list[str]]:
    """What discounts and chapter fees ask of a firm: found by staff, or plain by itself."""
    plain_ones = {FIRST_YEAR} if joins else set()
    plain_ones |= {MembershipClass.STARTUP.value} & {kind}
    facts = sorted(plain_ones | set(found.get("facts", ())))
    told = {"facts": facts, "chapters": sorted(found.get("chapters", ()))}
    return {name: names for name, names in told.items() if names}


def facts_asked(books: Iterable[Book]) -> dict[str, list[str]]:
    """What some tariffs ask of a firm that staff must find: facts of discounts, chapters."""
    rules = [rule for book in books for rule in book.get("rules", [])]
    off = {"discount", "early_payment"}
    facts = {rule["if"] for rule in rules if rule.get("kind") in off and rule.get("if")}
    chapters = {rule["chapter"] for rule in rules if rule.get("kind") == "chapter_fee"}
    return {"facts": sorted(facts - set(BY_ITSELF)), "chapters": sorted(chapters)}


def is_money(metric: str) -> bool:
    return metric.endswith(MONEY)


def unit_of(metric: str, currency: str) -> str:
    if is_money(metric):
        return currency
    if metric == "seats":
        return "seats"
    return "FTE" if metric.endswith("_fte") or "full_time" in metric else "people"


def period_asked(base_year: BaseYear, today: date, year_start: str = "01-01") -> tuple[date, date]:
    """The year that a class declares: the last whole one, or the one that goes on."""
    month, day = (int(part) for part in year_start.split("-"))
    start = date(today.year, month, day)
    start = start if start <= today else add_months(start, -12)
    if base_year is BaseYear.PREVIOUS:
        start = add_months(start, -12)
    return start, add_months(start, 12) - timedelta(days=1)


def statement(
    firm: str, metric: str, value: Decimal, unit: str, period: tuple[date, date], scope: str
) -> str:  # six facts make the sentence
    """What is signed, letter for letter: its hash is kept with the number."""
    counted = f" What was counted: {scope}." if scope else ""
    return (
        f"{firm} declares for {period[0]} to {period[1]}: {plain(metric)} {value:f} {unit}."
        f"{counted} The number is true and may be checked."
    )


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
