"""What a tariff would bring: over everything that is declared now, with nothing written."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import Response, render_template

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.charts import Chart, Key, Point, Stack, Words, bars, stacked
from portal.core.money import Money
from portal.core.web import Page, page_number
from portal.dues import queries
from portal.dues.increases import one_decimal
from portal.dues.queries.declarations import members_paying_in
from portal.dues.rules import plain
from portal.dues.shapes import in_words
from portal.dues.staff import blueprint
from portal.dues.staff.reports import as_file
from portal.dues.staff.versions import STATE, Version, version_of
from portal.dues.what_if import Band, GroupFee, Row, WhatIf, what_if
from portal.members.models import CLASS_NAMES, MembershipClass

VERDICTS = {"less": "Pays less", "same": "Pays the same", "more": "Pays more", "none": "No price"}
KINDS_OF_BAR = ("k3", "k5", "k1", "kx")
LARGEST_GROUPS = 15
FIRMS_A_PAGE = 50


@dataclass(frozen=True)
class Sum:
    """Firms of one class, or of one band of the tariff then, and what they pay together."""

    words: str
    counts: tuple[int, ...]  # in the order of VERDICTS
    before: int
    after: int


def found_for(version: Version) -> WhatIf:
    """Beside the tariff of today; where that is this one, beside nothing but itself.

    Over the members that pay in its currency: over all where none does yet.
    """
    day, currency = today(), version.row.currency
    now, mine = queries.current_tariff(day, currency), members_paying_in(currency)
    members = mine or queries.declared_members()
    on = max(version.row.effective_from, day)
    found = what_if(now.whole_book if now else None, version.book, members, on)
    return replace(found, is_over_all=not mine)


@blueprint.get(f"/tariffs/{STATE}/what-if")
@requires(Permission.DUES_READ)
def compare(state: str, number: int) -> str:
    version = version_of(state, number)
    found = found_for(version)
    at = page_number()
    first = (at - 1) * FIRMS_A_PAGE
    rows = list(found.rows[first : first + FIRMS_A_PAGE])
    return render_template(
        "dues/staff_what_if.html", version=version, found=found, money=Money, names=CLASS_NAMES,
        now=queries.current_tariff(today(), version.row.currency), verdicts=VERDICTS,
        page=Page(rows, at, len(found.rows), FIRMS_A_PAGE),
        sums=[("By class", "Class", _classes(found)), ("By band", "Band", _bands(found))],
        others=[one for one in queries.current_tariffs(today()) if one.currency != found.currency],
        groups=[(one, _share(one, found)) for one in found.after.groups[:LARGEST_GROUPS]],
        clipped=sum(one.is_clipped for one in found.after.groups),
        charts=list(_charts(found)),
    )  # fmt: skip


def _share(group: GroupFee, found: WhatIf) -> str:
    """What part of all dues a group pays, in per cent."""
    whole = found.after.total
    return one_decimal(Fraction(group.charged * 100, whole)) if whole else "0.0"


def _charts(found: WhatIf) -> Iterator[tuple[str, Chart]]:
    yield "Dues of a year", _income(found)
    yield "Who pays more, who less", _who(_classes(found), "by class", "Class")
    bands = _bands(found)
    yield f"Dues of a year by band, in {found.currency}", _dues(bands, found.currency)
    yield "Who pays more, who less, by band", _who(bands, "by band", "Band")


def _classes(found: WhatIf) -> list[Sum]:
    apart = _apart(found, lambda row: row.member.kind)
    return [_sum(CLASS_NAMES[kind], apart[kind]) for kind in MembershipClass if kind in apart]


def _bands(found: WhatIf) -> list[Sum]:
    """The smallest band of each number first; those whom no band prices come last."""
    apart = _apart(found, lambda row: row.band)
    ordered = sorted(apart, key=lambda one: (not one.metric, one.metric, Decimal(one.lower or 0)))
    return [_sum(_in_words(band), apart[band]) for band in ordered]


def _in_words(band: Band) -> str:
    if not band.metric:
        return "By no band"
    return f"{in_words(band.lower, band.upper).capitalize()}, {plain(band.metric)}"


def _apart(found: WhatIf, key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    apart: dict[Any, list[Row]] = {}
    for row in found.rows:
        apart.setdefault(key(row), []).append(row)
    return apart


def _sum(words: str, rows: Sequence[Row]) -> Sum:
    counts = Counter(row.verdict for row in rows)
    return Sum(
        words, tuple(counts[one] for one in VERDICTS), sum(row.before or 0 for row in rows),
        sum(row.after or 0 for row in rows),
    )  # fmt: skip


def _point(words: str, minor: int, currency: str) -> Point:
    return Point(words, Money(minor, currency).units, str(Money(minor, currency)))


def _income(found: WhatIf) -> Chart:
    sums = [("Now", found.before.total)] if found.before else []
    points = [
        _point(words, minor, found.currency)
        for words, minor in [*sums, ("By this tariff", found.after.total)]
    ]
    return bars(points, Words("Dues of a year", ("Tariff", "Dues")))


def _dues(sums: Sequence[Sum], currency: str) -> Chart:
    points = [_point(one.words, one.after, currency) for one in sums]
    return bars(points, Words(f"Dues of a year by band in {currency}", ("Band", "Dues")))


def _who(sums: Sequence[Sum], how: str, head: str) -> Chart:
    keys = [Key(words, kind) for kind, words in zip(KINDS_OF_BAR, VERDICTS.values(), strict=True)]
    stacks = [Stack(one.words, one.counts) for one in sums]
    heads = (head, *VERDICTS.values(), "Firms")
    return stacked(stacks, keys, Words(f"Who pays more, who less, {how}", heads))


@blueprint.get(f"/tariffs/{STATE}/what-if.<any(csv, xlsx):sheet>")
@requires(Permission.DUES_READ)
def compare_file(state: str, number: int, sheet: str) -> Response:
    version = version_of(state, number)
    found = found_for(version)
    head = (
        "firm",
        "class",
        "group",
        "currency",
        "now",
        "then",
        "difference",
        "why no price",
        "band",
    )

    def units(minor: int | None) -> Decimal | str:
        return "" if minor is None else Money(minor, found.currency).units

    rows = (
        (row.member.name, row.member.kind, row.member.group, found.currency, units(row.before),
         units(row.after), units(row.difference), row.why, _in_words(row.band))
        for row in found.rows
    )  # fmt: skip
    return as_file("what-if", sheet, head, rows, on=version.row.effective_from)
