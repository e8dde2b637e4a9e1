"""What a tariff would bring: over everything that is declared now, with nothing written."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flask import Response, render_template

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.charts import Chart, Key, Point, Stack, Words, bars, stacked
from portal.core.money import Money
from portal.core.web import Page, page_number
from portal.dues import exports, queries
from portal.dues.increases import one_decimal
from portal.dues.staff import blueprint
from portal.dues.staff.versions import STATE, Version, version_of
from portal.dues.what_if import GroupFee, WhatIf, what_if
from portal.members.models import CLASS_NAMES, MembershipClass

VERDICTS = {"less": "Pays less", "same": "Pays the same", "more": "Pays more", "none": "No price"}
KINDS_OF_BAR = ("k3", "k5", "k1", "kx")
LARGEST_GROUPS = 15
FIRMS_A_PAGE = 50


@dataclass(frozen=True)
class ClassSum:
    kind: str
    counts: tuple[int, ...]  # in the order of VERDICTS
    before: int
    after: int


def found_for(version: Version) -> WhatIf:
    """Beside the tariff of today; where that is this one, beside nothing but itself."""
    day = today()
    on = max(version.row.effective_from, day)
    now = queries.current_tariff(day, version.row.currency)
    return what_if(now.whole_book if now else None, version.book, queries.declared_members(), on)


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
        page=Page(rows, at, len(found.rows), FIRMS_A_PAGE), classes=list(_classes(found)),
        groups=[(one, _share(one, found)) for one in found.after.groups[:LARGEST_GROUPS]],
        clipped=sum(one.is_clipped for one in found.after.groups),
        charts=[("Dues of a year", _income(found)), ("Who pays more, who less", _who(found))],
    )  # fmt: skip


def _share(group: GroupFee, found: WhatIf) -> str:
    """What part of all dues a group pays, in per cent."""
    whole = found.after.total
    return one_decimal(Fraction(group.charged * 100, whole)) if whole else "0.0"


def _classes(found: WhatIf) -> list[ClassSum]:
    counts = Counter((row.member.kind, row.verdict) for row in found.rows)
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for row in found.rows:
        before[row.member.kind] += row.before or 0
        after[row.member.kind] += row.after or 0
    return [
        ClassSum(kind.value, tuple(counts[kind.value, one] for one in VERDICTS),
                 before[kind.value], after[kind.value])
        for kind in MembershipClass if any(row.member.kind == kind for row in found.rows)
    ]  # fmt: skip


def _income(found: WhatIf) -> Chart:
    sums = [("Now", found.before.total)] if found.before else []
    points = [
        Point(words, Money(minor, found.currency).units, str(Money(minor, found.currency)))
        for words, minor in [*sums, ("By this tariff", found.after.total)]
    ]
    return bars(points, Words("Dues of a year", ("Tariff", "Dues")))


def _who(found: WhatIf) -> Chart:
    keys = [Key(words, kind) for kind, words in zip(KINDS_OF_BAR, VERDICTS.values(), strict=True)]
    stacks = [Stack(CLASS_NAMES[MembershipClass(one.kind)], one.counts) for one in _classes(found)]
    head = ("Class", *VERDICTS.values(), "Firms")
    return stacked(stacks, keys, Words("Who pays more, who less, by class", head))


@blueprint.get(f"/tariffs/{STATE}/what-if.csv")
@requires(Permission.DUES_READ)
def compare_csv(state: str, number: int) -> Response:
    version = version_of(state, number)
    found = found_for(version)
    head = ("firm", "class", "group", "currency", "now", "then", "difference", "why no price")

    def units(minor: int | None) -> Decimal | str:
        return "" if minor is None else Money(minor, found.currency).units

    rows = (
        (row.member.name, row.member.kind, row.member.group, found.currency, units(row.before),
         units(row.after), units(row.difference), row.why)
        for row in found.rows
    )  # fmt: skip
    name = f"what-if-{version.row.effective_from}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    body = exports.table_csv(head, rows)
    return Response(body, content_type="text/csv; charset=utf-8", headers=headers)
