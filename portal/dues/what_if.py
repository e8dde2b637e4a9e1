"""What a tariff would bring from the firms as they declared: pure, nothing is written."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from portal.core.money import half_up, spread
from portal.dues.caps import NoCap, cap_of
from portal.dues.declaring import case_for, metrics_asked, metrics_told
from portal.dues.fees import fee_prices
from portal.dues.periods import NotQuotable
from portal.dues.rules import Book, Case, Price, concerns, exact
from portal.dues.tariffs import dues_prices


@dataclass(frozen=True)
class Member:
    """A firm in one class, with what it declared and who owns it."""

    id: int
    name: str
    kind: str
    declared: dict[str, str]
    headcount: int | None
    group_id: int
    group: str
    facts: tuple[str, ...] = ()  # what discounts ask for
    chapters: tuple[str, ...] = ()


class Band(NamedTuple):
    """A band of a tariff; where no band decides the price it has no metric and no bounds."""

    metric: str = ""
    lower: str = ""
    upper: str | None = None


NO_BAND = Band()


class Priced(NamedTuple):
    """A year's dues in minor units, and the band that decided them; None without, and why."""

    minor: int | None
    why: str = ""
    band: Band = NO_BAND


@dataclass(frozen=True)
class GroupFee:
    """What the firms of a group pay together a year: by the table, and after the cap."""

    name: str
    table: int
    charged: int

    @property
    def is_clipped(self) -> bool:
        return self.charged < self.table


@dataclass(frozen=True)
class Income:
    """A year's dues in minor units; `fees` in the order of the members, None without a price."""

    fees: tuple[int | None, ...]
    reasons: tuple[str, ...]  # why there is no price
    bands: tuple[Band, ...]
    groups: tuple[GroupFee, ...]  # the largest first
    gap: int = 0  # what the cap costs
    trouble: str = ""  # why the cap could not be taken

    @property
    def total(self) -> int:
        return sum(fee or 0 for fee in self.fees)


@dataclass(frozen=True)
class Row:
    """One firm: what it pays a year now and then."""

    member: Member
    before: int | None
    after: int | None
    why: str = ""
    band: Band = NO_BAND  # of the tariff then

    @property
    def difference(self) -> int | None:
        return None if self.after is None or self.before is None else self.after - self.before

    @property
    def verdict(self) -> str:
        """more, less, same or none: without a price on one side."""
        found = self.difference
        if found is None:
            return "none"
        return "same" if found == 0 else "more" if found > 0 else "less"


@dataclass(frozen=True)
class _Prices:
    """A book made ready once: the rules of each class apart, and every answer kept."""

    book: Book
    on: date
    fees: bool = True  # those beside the dues are counted in
    kinds: dict[str, tuple[Book, list[str]]] = field(default_factory=dict)
    known: dict[tuple[object, ...], Priced] = field(default_factory=dict)

    def of(self, member: Member, *, is_affiliate: bool = False) -> Priced:
        book, asked = self._rules_of(member.kind)
        told = metrics_told(asked, member.declared, member.headcount)
        known = {"facts": member.facts, "chapters": member.chapters} if self.fees else {}
        key = (member.kind, is_affiliate, *known.values(), *sorted(told.items()))
        if key not in self.known:
            case = case_for(member.kind, told, self.on) | {"is_affiliate": is_affiliate} | known
            self.known[key] = _fee(book, case, fees=self.fees)
        return self.known[key]

    def told(self, member: Member) -> dict[str, str]:
        return metrics_told(self._rules_of(member.kind)[1], member.declared, member.headcount)

    def _rules_of(self, kind: str) -> tuple[Book, list[str]]:
        if kind not in self.kinds:
            rules = [rule for rule in self.book.get("rules", []) if concerns(rule, kind)]
            mine = {**self.book, "rules": rules}
            self.kinds[kind] = mine, metrics_asked(mine, [kind])
        return self.kinds[kind]


def _fee(book: Book, case: dict[str, object], *, fees: bool) -> Priced:
    try:
        beside = fee_prices(book, case) if fees else []
        dues = dues_prices(book, case)
    except NotQuotable as why:
        return Priced(None, str(why))
    prices = [*dues, *(one.price for one in beside)]
    minor = sum(half_up(Fraction(price.minor)) for price in prices)
    return Priced(minor, band=next((_band(one) for one in dues if "band" in one.inputs), NO_BAND))


def _band(price: Price) -> Band:
    lower, upper = price.inputs["band"]
    return Band(price.inputs["metric"], str(lower), None if upper is None else str(upper))


def income(book: Book, members: Sequence[Member], on: date) -> Income:
    """A whole year's dues of each member, with the group's rule and the cap of the book."""
    prices = _Prices(book, on)
    found = [prices.of(member) for member in members]
    kind = (book.get("group") or {}).get("kind", "each_entity")
    if kind != "each_entity":
        found = _by_group(prices, members, found, is_one_fee=kind == "aggregate")
    return _capped(book, members, found)


def _by_group(
    prices: _Prices, members: Sequence[Member], found: list[Priced], *, is_one_fee: bool
) -> list[Priced]:  # fmt: skip
    """The firm that would pay most stands for its group; the others are its affiliates."""
    changed = list(found)
    for places in _together(members).values():
        if len(places) < 2:
            continue
        parent = _parent(members, places, found)
        for n in places:
            if n != parent:
                changed[n] = prices.of(members[n], is_affiliate=True)
        if is_one_fee:
            changed[parent] = prices.of(_summed([members[n] for n in places], members[parent]))
    return changed


def _parent(members: Sequence[Member], places: Sequence[int], found: Sequence[Priced]) -> int:
    return max(places, key=lambda n: (found[n].minor or 0, -members[n].id))


def facts_in_group(book: Book, members: Sequence[Member], mine: int, on: date) -> Case:
    """What a group changes of the price of one of its members, the one at the place `mine`.

    An affiliate of a member has a part of the price or none; the firm that stands for the group
    has the others' numbers added to its own where the group has one fee; together they pay no
    more than the cap that was set when the tariff was adopted.
    """
    prices, facts = _Prices(book, on, fees=False), Case()
    found = [prices.of(member) for member in members]
    kind = (book.get("group") or {}).get("kind", "each_entity")
    if kind != "each_entity" and len(members) > 1:
        parent = _parent(members, range(len(members)), found)
        if mine != parent:
            facts["is_affiliate"] = True
        elif kind == "aggregate":
            rest = [one for n, one in enumerate(members) if n != mine]
            facts["others"] = prices.told(_summed(rest, members[mine]))
        found = _by_group(prices, members, found, is_one_fee=kind == "aggregate")
    fees, cap = [one.minor or 0 for one in found], book.get("cap_minor")
    if cap is not None and sum(fees) > cap:
        facts["cap"] = spread(cap, fees)[mine]
    return facts


def cap_minor(book: Book, members: Sequence[Member], on: date) -> int | None:
    """The most that a group pays a year, by the share that the book allows and these members.

    None without such a share, and where there are too few groups for it.
    """
    if not book.get("cap"):
        return None
    share = exact(book["cap"], "cap")
    tables = [one.table for one in income({**book, "cap": None}, members, on).groups]
    try:
        found = cap_of(tables, share.numerator, share.denominator)
    except (NoCap, ValueError):
        return None
    return found.minor if found.clipped else found.total * share.numerator // share.denominator


def _summed(members: list[Member], parent: Member) -> Member:
    """The parent with the numbers of the whole group."""
    totals: dict[str, Fraction] = defaultdict(Fraction)
    for one in members:
        for metric, value in one.declared.items():
            totals[metric] += Fraction(value)
    counts = [one.headcount for one in members if one.headcount]
    declared = {metric: str(value) for metric, value in totals.items()}
    return replace(parent, declared=declared, headcount=sum(counts) or None)


def _together(members: Sequence[Member]) -> dict[int, list[int]]:
    places: dict[int, list[int]] = defaultdict(list)
    for n, member in enumerate(members):
        places[member.group_id].append(n)
    return places


def _capped(book: Book, members: Sequence[Member], found: list[Priced]) -> Income:
    """Groups above the book's share of all dues are clipped to it; their firms share the cap."""
    fees, reasons = [one.minor for one in found], tuple(one.why for one in found)
    together = _together(members)
    tables = {group: sum(fees[n] or 0 for n in places) for group, places in together.items()}
    charged, trouble = dict(tables), ""
    if book.get("cap"):
        share = exact(book["cap"], "cap")
        try:
            cap = cap_of(list(tables.values()), share.numerator, share.denominator)
            charged = dict(zip(tables, cap.fees, strict=True))
        except (NoCap, ValueError) as why:
            trouble = str(why)
    for group, places in together.items():
        if charged[group] < tables[group]:
            shares = spread(charged[group], [fees[n] or 0 for n in places])
            for n, part in zip(places, shares, strict=True):
                fees[n] = part if fees[n] is not None else None
    groups = sorted(
        (GroupFee(members[places[0]].group, tables[group], charged[group])
         for group, places in together.items()),
        key=lambda one: (-one.table, one.name),
    )  # fmt: skip
    gap = sum(tables.values()) - sum(charged.values())
    bands = tuple(one.band for one in found)
    return Income(tuple(fees), reasons, bands, tuple(groups), gap, trouble)


@dataclass(frozen=True)
class WhatIf:
    currency: str
    rows: tuple[Row, ...]  # those who pay most more first, then the unpriced
    before: Income | None  # None when there is no tariff to compare with
    after: Income
    is_over_all: bool = False  # no member pays in its currency yet, so all are reckoned

    def count(self, verdict: str, kind: str = "") -> int:
        return sum(row.verdict == verdict for row in self.rows if kind in {"", row.member.kind})


def what_if(now: Book | None, then: Book, members: Sequence[Member], on: date) -> WhatIf:
    """`then` beside `now` for every member, a whole year each from `on`."""
    after = income(then, members, on)
    before = income(now, members, on) if now else None
    nothing: tuple[int | None, ...] = (None,) * len(members)
    was = before.fees if before else nothing
    told = zip(members, was, after.fees, after.reasons, after.bands, strict=True)
    rows = [Row(*one) for one in told]
    rows.sort(key=lambda row: (row.difference is None, -(row.difference or 0), row.member.name))
    return WhatIf(str(then["currency"]), tuple(rows), before, after)
