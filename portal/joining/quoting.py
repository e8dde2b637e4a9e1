"""The public quote: what a firm of this class, size and country would pay, and why."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale

from portal.association.queries import association, day_of
from portal.core.money import Money
from portal.dues.declaring import facts_of as known_of
from portal.dues.declaring import is_money, metrics_asked, period_asked
from portal.dues.increases import Increase, last_increase
from portal.dues.models import Tariff
from portal.dues.notes import Notes, notes_of, sentences
from portal.dues.periods import months_of
from portal.dues.pricing import Quote, quote
from portal.dues.queries import books_before, current_tariff
from portal.dues.rules import titled
from portal.dues.shapes import SHAPES
from portal.dues.tariff_words import TariffWords, tariff_words
from portal.joining.choices import chosen
from portal.joining.models import Application
from portal.members.leaving import after_trial, next_leaving
from portal.members.models import MembershipClass
from portal.members.queries import policy_of, type_of

VALID_DAYS = 30
COUNTRIES: dict[str, str] = {
    code: str(name)
    for code, name in sorted(Locale("en").territories.items(), key=lambda one: str(one[1]))
    if len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"}
}


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
    """What an applicant tells of the firm; `money` has the amounts by metric, as written."""

    kind: MembershipClass
    headcount: int
    country: str
    money: Mapping[str, str]
    told: Mapping[str, Any] = field(default_factory=dict)  # chapters, a gift, a trial


def facts_of(application: Application) -> Facts:
    one = application
    return Facts(one.kind, one.headcount, one.country, one.money, one.choices)


def price(tariff: Tariff, firm: Facts, on: date) -> Priced:
    """Raises `NotQuotable` with a sentence when the tariff has no price for this firm."""
    found = quote(tariff.whole_book, case_of(tariff, firm, on))
    facts = f"{tariff.id}:{firm.kind.value}:{firm.headcount}:{firm.country}:{on}"
    facts += "".join(f":{name}={firm.money[name]}" for name in sorted(firm.money))
    facts += "".join(f":{name}={firm.told[name]}" for name in sorted(firm.told))
    reference = "Q-" + hashlib.sha256(facts.encode()).hexdigest()[:8].upper()
    return Priced(reference, on + timedelta(days=VALID_DAYS), found, tariff, firm.kind, on)


def tariff_on(day: date) -> Tariff | None:
    """Who joins is priced in the association's own currency."""
    return current_tariff(day, association().currency)


def amounts_told(application: Application) -> list[tuple[str, str]]:
    """What an applicant told of money, as a page lists it."""
    currency = association().currency
    return [
        (titled(metric), f"{currency}\N{NO-BREAK SPACE}{Decimal(value):,}")
        for metric, value in application.money.items()
    ]


def tariff_for(application: Application, on: date) -> Tariff | None:
    """The one it was quoted by as long as the quote is good; afterwards the one of the day."""
    quoted_on = day_of(application.started_at)
    is_good = on <= quoted_on + timedelta(days=VALID_DAYS)
    return (is_good and tariff_on(min(quoted_on, on))) or tariff_on(on)


def case_of(tariff: Tariff, firm: Facts, on: date) -> dict[str, object]:
    """One headcount answers whichever metric of people the tariff asks of the class.

    Money has an amount of its own: without it there is no price.
    """
    asked = {rule["metric"] for rule in tariff.book["rules"] if "metric" in rule}
    told = {one: firm.money.get(one) if is_money(one) else firm.headcount for one in sorted(asked)}
    metrics = {one: value for one, value in told.items() if value is not None}
    case: dict[str, object] = {"class": firm.kind.value, "metrics": metrics}
    case["joined_on"] = on.isoformat()
    case |= {"cap": tariff.book.get("cap_minor")}  # who joins is in a group of its own
    more = chosen(firm.told, tariff.book, firm.kind.value, tariff.currency)
    if more.gift_minor:
        case["donation"] = more.gift_minor
    if more.is_trial:
        case["trial"] = True
    return case | known_of(firm.kind.value, {"chapters": list(more.chapters)}, joins=True)


def money_asked(tariff: Tariff, kind: MembershipClass) -> list[str]:
    """The amounts of money that the dues of a class depend on."""
    return [one for one in metrics_asked(tariff.book, [kind.value]) if is_money(one)]


def who_tells(tariff: Tariff) -> dict[str, list[MembershipClass]]:
    """Each amount of money that the tariff asks, and the classes that it asks."""
    found: dict[str, list[MembershipClass]] = {}
    for kind in classes_priced(tariff):
        for metric in money_asked(tariff, kind):
            found.setdefault(metric, []).append(kind)
    return found


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
