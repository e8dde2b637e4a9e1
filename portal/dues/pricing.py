"""What membership costs: pure arithmetic. The same inputs give the same lines, for ever."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from portal.core.money import Money, half_up, spread
from portal.dues.cases import cases_in, read_case
from portal.dues.early import Early, early_of
from portal.dues.fees import fee_prices, seat_prices, trial_of
from portal.dues.lobbying import part_for_lobbying
from portal.dues.periods import (
    NotQuotable,
    Part,
    Period,
    first_payment,
    in_words,
    part_of,
    period_of,
    period_sold,
    remaining,
)
from portal.dues.rule_kinds import read_book
from portal.dues.rules import Price, as_data, exact, in_money
from portal.dues.tariffs import dues_prices
from portal.dues.tax_rules import on_line


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
    income: str  # dues | entry | seats | gift
    tax: int = 0
    tax_percent: str = "0"
    tax_outcome: str = ""  # "reverse_charge"; "" where the tariff's own percent holds
    tax_text: str = ""  # why there is this tax, or none, as the invoice says it

    @property
    def early(self) -> int:
        """What of `net` is not owed by who pays early."""
        return int(self.inputs.get("early", 0))


@dataclass(frozen=True)
class Quote:
    """Amounts in minor units of `currency`; it pays a term from `starts_on` to `ends_on`.

    `lobbying` is the part of the dues that is expected to be spent on it, for the note that some
    countries ask for (United States, IRC 6033(e)); it is inside `net`, not beside it.
    """

    currency: str
    starts_on: date
    ends_on: date
    lines: tuple[QuoteLine, ...]
    net: int
    tax: int
    total: int
    lobbying: int = 0

    @property
    def tax_text(self) -> str:
        """Why the lines have the taxes that they have; empty where the tariff says it."""
        return "; ".join(dict.fromkeys(line.tax_text for line in self.lines if line.tax_text))

    @property
    def early(self) -> Early | None:
        return early_of((line.inputs, line.tax_percent) for line in self.lines)


@dataclass(frozen=True)
class _Pricer:
    """One case under one tariff."""

    currency: str
    period: Period
    part: Part
    tax_percent: str
    taxes: Mapping[str, Mapping[str, str]]  # of each kind of line, for this customer

    def line(self, price: Price, income: str, part: Part, covers_from: date) -> QuoteLine:
        """`price` times `part`, multiplied first, divided last, rounded once."""
        net = half_up(price.minor * part.exact)
        inputs = price.inputs | {"price": as_data(price.minor)}
        inputs["part"] = [part.left, part.whole, part.unit]
        if price.early:
            inputs["early"] = half_up(price.early * part.exact)
        sums = f"{in_money(price.minor, self.currency)} × {part.left}/{part.whole}"
        how = f"{sums} = {Money(net, self.currency)}"
        if part.left == part.whole:
            how = str(Money(net, self.currency))
        tax = on_line(self.taxes.get(income), price.tax, self.tax_percent)
        span = f"{part}, {in_words(covers_from)} to {in_words(self.period.end)}"
        return QuoteLine(
            price.rule, price.text, f"{price.reason}; {span}: {how}", inputs,
            covers_from, self.period.end, net, income,
            tax_percent=tax.percent, tax_outcome=tax.outcome, tax_text=tax.text,
        )  # fmt: skip

    def lines(self, prices: list[Price], income: str) -> list[QuoteLine]:
        return [self.line(one, income, self.part, self.period.joined_on) for one in prices]

    def once(self, price: Price, income: str) -> QuoteLine:
        """A fee that is never taken in part."""
        made = self.line(price, income, Part(1, 1, "fee"), self.period.joined_on)
        return replace(made, formula=f"{price.reason}: {Money(made.net, self.currency)}")


def quote(book: dict[str, Any], case: dict[str, Any]) -> Quote:
    """The priced lines of a case under a tariff, in the shape that `portal quote` reads.

    Beside what that shape names, a case may say `renews` (no joining fee), `anchor_on` (the day
    an anniversary is counted from), `ends_on` (the last day of a term that was sold already),
    `leaves_on` (its last day where it ends before that: what changes inside is charged so far) and
    `taxes` (by kind of line: outcome, percent, text; the tariff's percent where it says nothing).
    Raises `NotQuotable` with a sentence; never guesses.
    """
    joined_on = _day(case.get("joined_on"), "joining day")
    if joined_on < _day(book.get("effective_from", date.min), "tariff's first day"):
        raise NotQuotable(f"This tariff begins on {book['effective_from']}; you join before it.")
    pricer = _pricer(book, case, joined_on)
    if case.get("trial"):
        lines = [_trial(pricer, book, case)]
    else:
        lines = [
            *pricer.lines(dues_prices(book, case), "dues"),
            *_unused_trial(pricer, book, case),
            *_fees(pricer, book, case),
            *pricer.lines(seat_prices(book, case), "seats"),
            *_changes(pricer, book, case),
        ]
    return _with_tax(pricer, tuple(lines), exact(book.get("lobbying_percent", 0), "percent"))


def _pricer(book: dict[str, Any], case: dict[str, Any], joined_on: date) -> _Pricer:
    tax, taxes = str(book.get("tax_percent", "0")), case.get("taxes") or {}
    if case.get("trial"):
        months = trial_of(book, case).inputs["months"]
        period = period_of({"kind": "anniversary", "months": months}, joined_on)
        return _Pricer(book["currency"], period, Part(1, 1, "period"), tax, taxes)
    anchor = case.get("anchor_on") and _day(case["anchor_on"], "anchor")
    period = period_of(book.get("period") or {}, joined_on, anchor)
    periods = 1 if case.get("renews") else int(book.get("first_payment_periods", 1))
    period = first_payment(period, periods)
    if case.get("ends_on"):
        last = _day(case["ends_on"], "last day")
        period = period_sold(book.get("period") or {}, joined_on, last)
    return _Pricer(
        book["currency"], period, part_of(period, book.get("proration", "none"), book), tax, taxes
    )


def _trial(pricer: _Pricer, book: dict[str, Any], case: dict[str, Any]) -> QuoteLine:
    return pricer.once(trial_of(book, case), "dues")


def _unused_trial(pricer: _Pricer, book: dict[str, Any], case: dict[str, Any]) -> list[QuoteLine]:
    """Who converts before the trial ends has the days that are left of it taken off."""
    if not case.get("trial_from"):
        return []
    price, on = trial_of(book, case), pricer.period.joined_on
    paid = price.minor - int(case.get("trial_credited") or 0)  # what was given back is given once
    first = _day(case["trial_from"], "first day of the trial")
    trial = period_of({"kind": "anniversary", "months": price.inputs["months"]}, first)
    if not trial.start <= on <= trial.end or paid <= 0:
        return []
    text = f"{price.text}, not used"
    off = replace(price, minor=-paid, text=text, reason=f"{text}, ends on {in_words(on)}")
    line = pricer.line(off, "dues", Part(trial.days_left(on), trial.days, "days"), on)
    return [replace(line, covers_to=trial.end)]


def _fees(pricer: _Pricer, book: dict[str, Any], case: dict[str, Any]) -> list[QuoteLine]:
    """Beside the dues: whole and once, unless the tariff takes a part of one."""
    return [
        pricer.line(one.price, one.income, pricer.part, pricer.period.joined_on)
        if one.in_part else pricer.once(one.price, one.income)
        for one in fee_prices(book, case)
    ]  # fmt: skip


def _changes(pricer: _Pricer, book: dict[str, Any], case: dict[str, Any]) -> list[QuoteLine]:
    """What changes inside the term add: upward the difference, once rounded; downward nothing.

    A change downward waits for the next term, so a later one is compared with the highest price
    that was already charged.
    """
    now, lines = dict(case), []
    last = min(pricer.period.end, _day(case.get("leaves_on") or date.max, "last day"))
    until = replace(pricer, period=replace(pricer.period, end=last))
    dues, seats = dues_prices(book, now), seat_prices(book, now)
    for change in sorted(case.get("changes") or [], key=lambda one: str(one.get("on"))):
        on = _day(change.get("on"), "day of the change")
        part = remaining(pricer.period, on, last)
        now |= {key: change[key] for key in ("class", "seats") if key in change}
        told = change.get("metrics") or {}
        now["metrics"] = (now.get("metrics") or {}) | told
        before = {one: said for one, said in (now.get("basis") or {}).items() if one not in told}
        now["basis"] = before | (change.get("basis") or {})
        new_dues, new_seats = dues_prices(book, now), seat_prices(book, now)
        for old, new, income in ((dues, new_dues, "dues"), (seats, new_seats, "seats")):
            more = _sum(new) - _sum(old)
            if more > 0 and part.left:
                price = _difference(pricer, new, _sum(old), on)
                lines.append(until.line(price, income, part, on))
        dues, seats = max(dues, new_dues, key=_sum), max(seats, new_seats, key=_sum)
    return lines


def _difference(pricer: _Pricer, new: list[Price], before: Fraction | int, on: date) -> Price:
    after = _sum(new)
    was, will_be = in_money(before, pricer.currency), in_money(after, pricer.currency)
    told = {"before": as_data(before), "after": as_data(after), "on": on.isoformat()}
    inputs = new[0].inputs | told
    reason = f"{new[0].reason}; {will_be} instead of {was} a period"
    text = f"{new[0].text}, change on {in_words(on)}"
    return Price(new[0].rule, text, after - before, reason, inputs)


def _sum(prices: list[Price]) -> Fraction | int:
    return sum(price.minor for price in prices)


def _with_tax(pricer: _Pricer, lines: tuple[QuoteLine, ...], lobbying: Fraction) -> Quote:
    """Tax once for each rate, on the sum of its lines; each line carries its share of it."""
    taxed = list(lines)
    for percent in {line.tax_percent for line in lines}:
        group = [n for n, line in enumerate(lines) if line.tax_percent == percent]
        nets = [lines[n].net for n in group]
        tax = half_up(sum(nets) * exact(percent, "tax percent") / 100)
        shares = spread(tax, nets) if sum(nets) else [0] * len(nets)
        for n, share in zip(group, shares, strict=True):
            taxed[n] = replace(lines[n], tax=share)
    net, tax = sum(line.net for line in taxed), sum(line.tax for line in taxed)
    dues = sum(line.net for line in taxed if line.income == "dues")
    period = pricer.period
    return Quote(
        pricer.currency, period.covers_from, period.end, tuple(taxed), net, tax, net + tax,
        part_for_lobbying(dues, lobbying),
    )  # fmt: skip


def _day(value: object, what: str) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise NotQuotable(f"The {what} must be a date, like 2026-08-17.") from None


def quote_file(data: Any) -> dict[str, Any]:
    """The answer of `portal quote FILE.json`: every case priced, or why it cannot be.

    Raises `Unreadable` for what is no such file, and for a tariff that is none.
    """
    cases = cases_in(data)
    book = read_book(data)
    return {"cases": [_answer(book, case) for case in cases]}


def _answer(book: dict[str, Any], case: Any) -> dict[str, Any]:
    named = {"id": case.get("id") if isinstance(case, dict) else None}
    try:
        found = quote(book, read_case(case))
    except NotQuotable as why:
        return named | {"not_quotable": str(why)} | ({"code": why.code} if why.code else {})
    totals = {"net": found.net, "tax": found.tax, "total": found.total}
    if found.lobbying:
        totals["lobbying"] = found.lobbying
    if found.early:
        totals["early"] = found.early.minor
    lines = [asdict(line) for line in found.lines]
    for line in lines:
        line |= {key: line[key].isoformat() for key in ("covers_from", "covers_to")}
    return named | {"currency": found.currency, "lines": lines} | totals
