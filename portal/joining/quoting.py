"""The public quote: what a firm of this class, size and country would pay, and why."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from babel import Locale

from portal.association.queries import day_of
from portal.core.money import Money
from portal.dues.increases import Increase, last_increase
from portal.dues.models import Tariff
from portal.dues.pricing import Quote, quote
from portal.dues.queries import books_before, current_tariff
from portal.dues.tariff_words import TariffWords, tariff_words
from portal.joining.models import Application
from portal.members.models import MembershipClass

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

    def money(self, minor: int) -> Money:
        return Money(minor, self.quote.currency)


def price(tariff: Tariff, kind: MembershipClass, headcount: int, country: str, on: date) -> Priced:
    """Raises `NotQuotable` with a sentence when the tariff has no price for this firm."""
    found = quote(tariff.whole_book, case_of(tariff, kind, headcount, on))
    facts = f"{tariff.id}:{kind.value}:{headcount}:{country}:{on}"
    reference = "Q-" + hashlib.sha256(facts.encode()).hexdigest()[:8].upper()
    return Priced(reference, on + timedelta(days=VALID_DAYS), found, tariff)


def tariff_for(application: Application, on: date) -> Tariff | None:
    """The one it was quoted by as long as the quote is good; afterwards the one of the day."""
    quoted_on = day_of(application.started_at)
    is_good = on <= quoted_on + timedelta(days=VALID_DAYS)
    return (is_good and current_tariff(min(quoted_on, on))) or current_tariff(on)


def case_of(tariff: Tariff, kind: MembershipClass, headcount: int, on: date) -> dict[str, object]:
    """One headcount answers whichever metric the tariff asks of the class."""
    metrics = {rule["metric"]: headcount for rule in tariff.book["rules"] if "metric" in rule}
    return {"class": kind.value, "metrics": metrics, "joined_on": on.isoformat()}


def classes_priced(tariff: Tariff) -> list[MembershipClass]:
    """The classes that this tariff has a price of dues for, in the order of the vocabulary."""
    named: set[str] = set()
    for rule in tariff.book["rules"]:
        if rule["kind"] not in {"joining_fee", "seats"}:
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
