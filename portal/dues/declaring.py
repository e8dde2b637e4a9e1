"""What a firm is asked to declare, the words it signs, and the case its numbers make. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from portal.dues.rules import Book, Case, concerns, plain
from portal.dues.shapes import SHAPES
from portal.members.models import BaseYear, MembershipClass
from portal.members.terms import add_months

MONEY = ("revenue", "turnover")
PEOPLE = ("headcount", "people", "heads", "staff", "employees", "agents", "members")


def odd_period(first: date, last: date, today: date) -> str:
    """Why nobody can have counted so, or nothing. A running year may be counted to its end."""
    if last < first:
        return "Enter a last day that is not before the first"
    if last > add_months(today, 12):
        return "Enter a last day within a year from today"
    if last >= add_months(first, 24):
        return "Enter a period of two years at most"
    return ""


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
    """Each number as declared; all its people stand in for some that were never declared.

    Nothing stands in for money, seats or sites: without a declaration there is no price.
    """
    found = {
        metric: declared.get(metric) or (headcount if counts_people(metric) else None)
        for metric in asked
    }
    return {metric: str(value) for metric, value in found.items() if value is not None}


@dataclass(frozen=True)
class Size:
    """A firm's numbers by metric, as written; `basis` says in words where one is from.

    `people` is all its staff, the estimate of people who were never declared. `seats` are the
    places that are charged beside the dues.
    """

    metrics: Mapping[str, str]
    basis: Mapping[str, str] = field(default_factory=dict)
    people: int | None = None
    seats: int = 0

    def case(self, book: Book, kind: str) -> Case:
        """The numbers that the tariff asks of a class, in the shape of a case; no others."""
        told = metrics_told(metrics_asked(book, [kind]), self.metrics, self.people)
        guess = f"an estimate, by all {self.people} people of the firm: never declared"
        basis = {
            metric: self.basis.get(metric, "") if self.metrics.get(metric) else guess
            for metric in told
        }
        said = {metric: words for metric, words in basis.items() if words}
        return {"metrics": told, "seats": self.seats} | ({"basis": said} if said else {})


def people_in(metrics: Mapping[str, str]) -> int | None:
    """All the people of a firm, as far as its numbers say: for its profile, not for its dues."""
    names = sorted(filter(counts_people, metrics), key=lambda one: one != "headcount")
    return round(Decimal(metrics[names[0]])) if names else None


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
    off = {"kept_price", "discount", "early_payment"}
    facts = {rule["if"] for rule in rules if rule.get("kind") in off and rule.get("if")}
    chapters = {rule["chapter"] for rule in rules if rule.get("kind") == "chapter_fee"}
    return {"facts": sorted(facts - set(BY_ITSELF)), "chapters": sorted(chapters)}


def is_money(metric: str) -> bool:
    return metric.endswith(MONEY)


def is_full_time(metric: str) -> bool:
    """Two half-time people are one."""
    return metric.endswith("fte") or "full_time" in metric


def counts_people(metric: str) -> bool:
    return is_full_time(metric) or metric.endswith(PEOPLE)


def unit_of(metric: str, currency: str) -> str:
    if is_money(metric):
        return currency
    if is_full_time(metric):
        return "FTE"
    return "people" if counts_people(metric) else metric.rpartition("_")[2]


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
