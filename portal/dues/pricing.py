"""What membership costs: pure arithmetic. The same inputs give the same lines, for ever."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from portal.core.money import Money, half_up, spread
from portal.dues.periods import NotQuotable, Part, Period, in_words, part_of, period_of, remaining
from portal.dues.tariffs import Price, dues_prices, exact, rules_for, whole


@dataclass(frozen=True)
class QuoteLine:
    """One line: `net` is rounded here, half up, once; `tax` is this line's share of the tax."""

    rule: str
    text: str
    formula: str
    inputs: dict[str, Any]
    covers_from: date
    covers_to: date
    net: int
    income: str  # dues | entry | seats
    tax: int = 0


@dataclass(frozen=True)
class Quote:
    """Amounts in minor units of `currency`; it pays a term from `starts_on` to `ends_on`."""

    currency: str
    starts_on: date
    ends_on: date
    lines: tuple[QuoteLine, ...]
    net: int
    tax: int
    total: int


@dataclass(frozen=True)
class _Pricer:
    """One case under one tariff."""

    currency: str
    period: Period
    part: Part

    def line(self, price: Price, income: str, part: Part, covers_from: date) -> QuoteLine:
        """`price` times `part`, multiplied first, divided last, rounded once."""
        net = half_up(price.minor * part.exact)
        inputs = price.inputs | {"price": price.minor, "part": [part.left, part.whole, part.unit]}
        sums = f"{Money(price.minor, self.currency)} × {part.left}/{part.whole}"
        how = f"{sums} = {Money(net, self.currency)}"
        if part.left == part.whole:
            how = str(Money(net, self.currency))
        span = f"{part}, {in_words(covers_from)} to {in_words(self.period.end)}"
        return QuoteLine(
            price.rule, price.text, f"{price.reason}; {span}: {how}", inputs,
            covers_from, self.period.end, net, income,
        )  # fmt: skip


def quote(book: dict[str, Any], case: dict[str, Any]) -> Quote:
    """The priced lines of a case under a tariff, in the shape that `portal quote` reads.

    Beside what that shape names, a case may say `renews` (no joining fee) and `anchor_on` (the
    day an anniversary is counted from). Raises `NotQuotable` with a sentence; never guesses.
    """
    joined_on = _day(case.get("joined_on"), "joining day")
    if joined_on < _day(book.get("effective_from", date.min), "tariff's first day"):
        raise NotQuotable(f"This tariff begins on {book['effective_from']}; you join before it.")
    anchor = case.get("anchor_on") and _day(case["anchor_on"], "anchor")
    period = period_of(book.get("period") or {}, joined_on, anchor)
    pricer = _Pricer(book["currency"], period, part_of(period, book.get("proration", "none")))
    lines = [
        *(pricer.line(one, "dues", pricer.part, joined_on) for one in dues_prices(book, case)),
        *_joining_fees(pricer, book, case),
        *(pricer.line(one, "seats", pricer.part, joined_on) for one in _seat_prices(book, case)),
        *_changes(pricer, book, case),
    ]
    return _with_tax(pricer, tuple(lines), exact(book.get("tax_percent", 0), "tax percent"))


def _joining_fees(pricer: _Pricer, book: dict[str, Any], case: dict[str, Any]) -> list[QuoteLine]:
    """Never prorated, and asked once: not of a firm that renews."""
    once = Part(1, 1, "fee")
    rules = [] if case.get("renews") else rules_for(book, case["class"], of=("joining_fee",))
    prices = [
        Price(
            rule.get("id", "joining_fee"), rule.get("text") or "Joining fee",
            whole(rule.get("amount"), "joining fee"), "once, at joining",
        )
        for rule in rules
    ]  # fmt: skip
    found = [pricer.line(price, "entry", once, pricer.period.joined_on) for price in prices]
    return [replace(one, formula=f"once, at joining: {_money(pricer, one)}") for one in found]


def _money(pricer: _Pricer, line: QuoteLine) -> Money:
    return Money(line.net, pricer.currency)


def _seat_prices(book: dict[str, Any], case: dict[str, Any]) -> list[Price]:
    """Seats beyond those the dues include, all of them on one line."""
    seats = whole(case.get("seats", 0), "number of seats")
    found = []
    for rule in rules_for(book, case["class"], of=("seats",)):
        included = whole(rule.get("included", 0), "number of seats included")
        extra = max(0, seats - included)
        if extra:
            each = whole(rule.get("price"), "price of a seat")
            facts = {"seats": seats, "included": included, "extra": extra, "each": each}
            money = Money(each, book["currency"])
            reason = f"{seats} seats, {included} included, {extra} at {money}"
            name, text = rule.get("id", "seats"), rule.get("text") or "Extra seats"
            found.append(Price(name, text, each * extra, reason, facts))
    return found


def _changes(pricer: _Pricer, book: dict[str, Any], case: dict[str, Any]) -> list[QuoteLine]:
    """What changes inside the term add: upward the difference, once rounded; downward nothing.

    A change downward waits for the next term, so a later one is compared with the highest price
    that was already charged.
    """
    now, lines = dict(case), []
    dues, seats = dues_prices(book, now), _seat_prices(book, now)
    for change in sorted(case.get("changes") or [], key=lambda one: str(one.get("on"))):
        on = _day(change.get("on"), "day of the change")
        part = remaining(pricer.period, on)
        now |= {key: change[key] for key in ("class", "seats") if key in change}
        now["metrics"] = (now.get("metrics") or {}) | (change.get("metrics") or {})
        new_dues, new_seats = dues_prices(book, now), _seat_prices(book, now)
        for old, new, income in ((dues, new_dues, "dues"), (seats, new_seats, "seats")):
            more = _sum(new) - _sum(old)
            if more > 0:
                price = _difference(pricer, new, _sum(old), on)
                lines.append(pricer.line(price, income, part, on))
        dues, seats = max(dues, new_dues, key=_sum), max(seats, new_seats, key=_sum)
    return lines


def _difference(pricer: _Pricer, new: list[Price], before: int, on: date) -> Price:
    after = _sum(new)
    was, will_be = Money(before, pricer.currency), Money(after, pricer.currency)
    inputs = new[0].inputs | {"before": before, "after": after, "on": on.isoformat()}
    reason = f"{new[0].reason}; {will_be} instead of {was} a period"
    text = f"{new[0].text}, change on {in_words(on)}"
    return Price(new[0].rule, text, after - before, reason, inputs)


def _sum(prices: list[Price]) -> int:
    return sum(price.minor for price in prices)


def _with_tax(pricer: _Pricer, lines: tuple[QuoteLine, ...], percent: Fraction) -> Quote:
    """Tax once, on the sum of the lines; each line carries its share of it."""
    net = sum(line.net for line in lines)
    tax = half_up(net * percent / 100)
    shares = spread(tax, [line.net for line in lines]) if net else [0] * len(lines)
    taxed = tuple(replace(one, tax=share) for one, share in zip(lines, shares, strict=True))
    period = pricer.period
    return Quote(pricer.currency, period.covers_from, period.end, taxed, net, tax, net + tax)


def _day(value: object, what: str) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise NotQuotable(f"The {what} must be a date, like 2026-08-17.") from None


def quote_file(data: dict[str, Any]) -> dict[str, Any]:
    """The answer of `portal quote FILE.json`: every case priced, or why it cannot be."""
    return {"cases": [_answer(data["tariff"], case) for case in data["cases"]]}


def _answer(book: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    named = {"id": case.get("id")}
    try:
        found = quote(book, case)
    except NotQuotable as why:
        return named | {"not_quotable": str(why)}
    totals = {"net": found.net, "tax": found.tax, "total": found.total}
    lines = [asdict(line) for line in found.lines]
    for line in lines:
        line |= {key: line[key].isoformat() for key in ("covers_from", "covers_to")}
    return named | {"currency": found.currency, "lines": lines} | totals
