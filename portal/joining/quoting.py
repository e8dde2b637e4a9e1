"""The public quote: what a firm of this class, size and country would pay, and why."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.association.queries import association
from portal.core.money import Money
from portal.dues.declaring import (
    Size,
    is_full_time,
    is_money,
    metrics_asked,
    period_asked,
    unit_of,
)
from portal.dues.declaring import facts_of as known_of
from portal.dues.increases import Increase, last_increase
from portal.dues.models import Tariff
from portal.dues.notes import Notes, notes_of, sentences
from portal.dues.periods import in_words, months_of
from portal.dues.pricing import Quote, quote
from portal.dues.queries import books_before, current_tariff, next_tariff, taxes_for
from portal.dues.rules import titled
from portal.dues.shapes import SHAPES
from portal.dues.tariff_words import TariffWords, tariff_words
from portal.joining.choices import chosen
from portal.joining.models import Application
from portal.members.leaving import after_trial, next_leaving
from portal.members.models import MembershipClass
from portal.members.queries import policy_of, type_of
from portal.members.words import COUNTINGS

VALID_DAYS = 30


@dataclass(frozen=True)
class Priced:
    """A quote with its last day; the same question on a day has the same reference."""

    reference: str
    expires_on: date
    quote: Quote
    tariff: Tariff

    kind: MembershipClass
    priced_on: date

    def money(self, minor: int) -> Money:
        return Money(minor, self.quote.currency)

    @property
    def notes(self) -> Notes:
        return notes_for(self.quote, self.kind, self.tariff, self.priced_on)

    @property
    def said(self) -> list[str]:
        return sentences(self.notes, self.quote.currency, "en")


def notes_for(found: Quote, kind: MembershipClass, tariff: Tariff, on: date) -> Notes:
    """What the invoice of a first term will say beside the sum."""
    dues = sum(line.net for line in found.lines if line.income == "dues")
    begins, months = found.starts_on, months_of(tariff.book)
    leaving = next_leaving(policy_of(kind), on, found.ends_on, begins, months, begins)
    if any(line.inputs.get("trial") for line in found.lines):
        leaving = after_trial(found.ends_on)
    return notes_of(tariff.book, dues, leaving)


@dataclass(frozen=True)
class Facts:
    """What an applicant tells of the firm; `metrics` has the numbers by metric, as written."""

    kind: MembershipClass
    country: str
    metrics: Mapping[str, str]
    told: Mapping[str, Any] = field(default_factory=dict)  # chapters, a gift, a trial
    tax_id: str = ""  # as the application says it


def facts_of(application: Application) -> Facts:
    one = application
    tax_id = one.answers.get("firm", {}).get("tax_id") or ""
    return Facts(one.kind, one.country, one.metrics, one.choices, tax_id)


def price(tariff: Tariff, firm: Facts, on: date) -> Priced:
    """Raises `NotQuotable` with a sentence when the tariff has no price for this firm."""
    found = quote(tariff.whole_book, case_of(tariff, firm, on))
    facts = f"{tariff.id}:{firm.kind.value}:{firm.country}:{on}"
    facts += "".join(f":{name}={firm.metrics[name]}" for name in sorted(firm.metrics))
    facts += "".join(f":{name}={firm.told[name]}" for name in sorted(firm.told))
    reference = "Q-" + hashlib.sha256(facts.encode()).hexdigest()[:8].upper()
    return Priced(reference, _good_until(tariff, on), found, tariff, firm.kind, on)


def _good_until(tariff: Tariff, on: date) -> date:
    """A term has the tariff of its first day, so no quote outlives the tariff that priced it."""
    last, later = on + timedelta(days=VALID_DAYS), next_tariff(on, tariff.currency)
    return min(last, later.effective_from - timedelta(days=1)) if later else last


def tariff_on(day: date) -> Tariff | None:
    """Who joins is priced in the association's own currency."""
    return current_tariff(day, association().currency)


def numbers_told(metrics: Mapping[str, str]) -> list[tuple[str, str]]:
    """What an applicant told of its size, as a page lists it."""
    return [(titled(metric), _with_unit(metric, value)) for metric, value in metrics.items()]


def size_in_words(metrics: Mapping[str, str]) -> str:
    """`60 FTE, EUR 1,200,000`; nothing where the class is asked no number."""
    return ", ".join(_with_unit(metric, value) for metric, value in metrics.items())


def _with_unit(metric: str, value: str) -> str:
    unit, number = unit_of(metric, association().currency), f"{Decimal(value):,}"
    words = (unit, number) if is_money(metric) else (number, unit)
    return "\N{NO-BREAK SPACE}".join(words)


def case_of(tariff: Tariff, firm: Facts, on: date) -> dict[str, object]:
    """Each number under its own name: without one that the tariff asks there is no price."""
    case: dict[str, object] = {"class": firm.kind.value}
    case |= Size(firm.metrics).case(tariff.book, firm.kind.value)
    case["joined_on"] = on.isoformat()
    case["taxes"] = taxes_for(firm.country, firm.tax_id, firm.kind)
    case |= {"cap": tariff.book.get("cap_minor")}  # who joins is in a group of its own
    more = chosen(firm.told, tariff.book, firm.kind.value, tariff.currency)
    if more.gift_minor:
        case["donation"] = more.gift_minor
    if more.is_trial:
        case["trial"] = True
    return case | known_of(firm.kind.value, {"chapters": list(more.chapters)}, joins=True)


def asked(tariff: Tariff, kind: MembershipClass, on: date) -> dict[str, str]:
    """The numbers that the dues of a class follow from, and how each is counted, in words."""
    first, last = (in_words(day) for day in year_told(tariff, kind, on))
    hints, counting = {}, COUNTINGS[type_of(kind).counting]
    for metric in metrics_asked(tariff.book, [kind.value]):
        hint = f"In {tariff.currency}, of the year from {first} to {last}."
        if not is_money(metric):
            twice = "Two half-time people count as one. " if is_full_time(metric) else ""
            whose = f"Counted: {counting[:1].lower()}{counting[1:]}"
            hint = f"{twice}{whose}, in the year from {first} to {last}."
        hints[metric] = hint
    return hints


def year_told(tariff: Tariff, kind: MembershipClass, on: date) -> tuple[date, date]:
    """The year that the numbers of a class are of."""
    year_start = (tariff.book.get("period") or {}).get("start", "01-01")
    return period_asked(type_of(kind).base_year, on, year_start)


def classes_priced(tariff: Tariff) -> list[MembershipClass]:
    """The classes that this tariff has a price of dues for, in the order of the vocabulary."""
    named: set[str] = set()
    for rule in tariff.book["rules"]:
        if rule["kind"] in SHAPES:
            named |= set(MembershipClass) if rule["classes"] == "*" else set(rule["classes"])
    return [one for one in MembershipClass if one.value in named]


@dataclass(frozen=True)
class Explained:
    """A tariff for the public: its prices in words, the last change, what it says of itself."""

    tariff: Tariff
    words: TariffWords
    increase: Increase | None
    told: dict[str, str]


def explained(tariff: Tariff) -> Explained:
    increase = last_increase(books_before(tariff))
    told = tariff.book.get("public") or {}
    return Explained(tariff, tariff_words(tariff.whole_book), increase, told)
