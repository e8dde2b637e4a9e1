"""Reports on members, their dues and declarations: a chart, a table, and the same as a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any

from flask import Response, render_template

from portal.association.queries import today
from portal.core import sheets
from portal.core.access import Permission, requires
from portal.core.charts import Chart, Key, Point, Stack, Words, bars, stacked
from portal.core.keeping import kept
from portal.core.web import PAGE_SIZE, Page, page_number
from portal.dues.rules import plain
from portal.members.models import Membership, Organization, Term
from portal.members.queries import live_days
from portal.members.spells import cohorts, spells
from portal.renewals import queries
from portal.renewals.over_time import MOST, largest, month_ends, on_days
from portal.renewals.queries import reporting
from portal.renewals.staff import blueprint

OTHERS = "All others"


@dataclass(frozen=True)
class Report:
    """`charts` by their currency, "" where money is no question.

    `firm_ids` has the firm of each row, where a row is about one.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    charts: Mapping[str, Chart]
    firm_ids: Sequence[int] = ()


@dataclass(frozen=True)
class Kind:
    title: str
    lead: str
    caption: str
    make: Callable[[date], Report]


def _over_time(what: str, day: date) -> Report:
    return kept(("over time", what, day), (Term, Membership, Organization),
                partial(_counted, what, day))  # fmt: skip


def _counted(what: str, day: date) -> Report:
    days = month_ends(day)
    counts = on_days(reporting.lived_by(what), days)
    groups = largest(counts)
    named = groups if len(groups) <= MOST else groups[: MOST - 1]
    others = groups[len(named) :]
    keys = [
        Key(words, f"k{n + 1}") for n, words in enumerate([*named, *([OTHERS] if others else [])])
    ]
    stacks = [
        Stack(f"{on:%b %Y}", [*(one[group] for group in named),
                              *([sum(one[group] for group in others)] if others else [])])
        for on, one in zip(days, counts, strict=True)
    ]  # fmt: skip
    head = ("Month", *(key.text for key in keys), "All")
    chart = stacked(stacks, keys, Words(f"Members by {what}", head)) if groups else None
    rows = [
        (f"{on:%b %Y}", *(one[group] for group in groups))
        for on, one in zip(reversed(days), reversed(counts), strict=True)
    ]
    return Report(("Month", *groups), rows if groups else (), _alone(chart))


def _alone(chart: Chart | None) -> dict[str, Chart]:
    return {"": chart} if chart else {}


def _retention(day: date) -> Report:
    found = cohorts(spells(live_days()), day)
    points = [
        Point(str(one.year), one.kept[-1] * 100 // one.size, f"{one.kept[-1]} of {one.size}")
        for one in found
    ]
    longest = max((len(one.kept) for one in found), default=0)
    head = ("Joined in", "Firms", *(f"After {n}" for n in range(longest)))
    rows = [(one.year, one.size, *one.kept, *[""] * (longest - len(one.kept))) for one in found]
    words = Words("Firms that are members today, by the year of joining", ("Joined in", "Stayed"))
    return Report(head, rows, _alone(bars(points, words) if points else None))


def _bands(day: date) -> Report:
    found = reporting.dues_by_band(date(day.year, 1, 1), day)
    charts = {
        code: bars(
            [Point(one.words, max(0, one.dues.minor), str(one.dues)) for one in apart],
            Words(f"Dues by band in {code}", ("Band", "Dues")),
        )
        for code, apart in groupby(found, key=lambda one: one.dues.currency)
    }
    rows = [(one.words, one.dues.currency, one.firms, one.dues.units) for one in found]
    return Report(("Band", "Currency", "Firms", "Dues"), rows, charts)


def _deferred(day: date) -> Report:
    found = queries.deferred(day)
    months: dict[str, int] = {}
    for one in found:
        name = f"{one.from_on:%b %Y}"
        months[name] = months.get(name, 0) + 1
    points = [Point(name, many) for name, many in months.items()]
    rows = [
        (one.firm, one.class_name, one.from_on, _numbers(one.charged.metrics),
         _numbers({name: one.told.metrics[name] for name in one.charged.metrics}),
         one.charged.seats, one.told.seats)
        for one in found
    ]  # fmt: skip
    head = (
        "Firm",
        "Class",
        "From",
        "Charged by",
        "Told since",
        "Seats charged",
        "Seats told",
    )
    words = Words("Firms that become smaller, by month", ("Month", "Firms"))
    chart = bars(points, words) if points else None
    return Report(head, rows, _alone(chart), [one.firm_id for one in found])


def _numbers(metrics: Mapping[str, str]) -> str:
    """A single number as it is; of more, each with its name."""
    if len(metrics) == 1:
        return next(iter(metrics.values()))
    return ", ".join(f"{plain(name)} {value}" for name, value in sorted(metrics.items()))


def _declarations(day: date) -> Report:
    found = reporting.declarations_changed(day - reporting.YEAR)
    grew = sum(one.more > 0 for one in found)
    points = [Point("More than before", grew), Point("Less than before", len(found) - grew)]
    rows = [
        (one.firm, one.metric.replace("_", " "), one.before, one.after, one.more, one.percent,
         one.signed_on, "a correction" if one.is_correction else "")
        for one in found
    ]  # fmt: skip
    head = ("Firm", "Number", "Before", "Now", "Change", "In percent", "Signed on", "What it is")
    words = Words("Declarations signed in the last year", ("Declared", "Numbers"))
    chart = bars(points, words) if found else None
    return Report(head, rows, _alone(chart), [one.firm_id for one in found])


KINDS = {
    "members-by-class": Kind(
        "Members by class", "At the end of each month of two years; a firm in two classes counts "
        "in both.", "By class", partial(_over_time, "class")),
    "members-by-place": Kind(
        "Members by place", "At the end of each month of two years, by the country of each firm.",
        "By country", partial(_over_time, "place")),
    "members-by-size": Kind(
        "Members by size", "At the end of each month of two years, by the people for whom each "
        "term was sold.", "By number of people", partial(_over_time, "size")),
    "retention": Kind(
        "Who stayed", "Firms by the year in which they joined, and how many were members at the "
        "end of that year, one year on, and so forth; this year’s today.",
        "Still members today", _retention),
    "dues-by-band": Kind(
        "Dues by band", "What was invoiced this year before tax, by the band of the tariff; "
        "invoices that were taken back are left out.", "This year", _bands),
    "smaller-next-term": Kind(
        "Smaller from the next term on", "Firms that told us less than they are charged for: it "
        "counts from their next term on.", "By the month from which it counts", _deferred),
    "declarations-changed": Kind(
        "Declarations that changed", "Signed in the last twelve months and other than the firm’s "
        "number before, the largest change first.", "More and less", _declarations),
}  # fmt: skip
NAMES = ", ".join(f'"{name}"' for name in KINDS)


@blueprint.get(f"/reports/<any({NAMES}):report>")
@requires(Permission.DUES_READ)
def show_report(report: str) -> str:
    kind, number = KINDS[report], page_number()
    found = kind.make(today())
    first = (number - 1) * PAGE_SIZE
    rows = list(found.rows[first : first + PAGE_SIZE])
    page = Page(rows, number, len(found.rows), PAGE_SIZE)
    return render_template(
        "renewals/staff_report.html", kind=kind, name=report, kinds=KINDS, found=found, page=page,
        firm_ids=found.firm_ids[first : first + PAGE_SIZE], is_number=_is_number,
        numbers={at for row in rows for at, cell in enumerate(row) if at and _is_number(cell)},
    )  # fmt: skip


def _is_number(cell: object) -> bool:
    return not isinstance(cell, str | date)


@blueprint.get(f"/reports/<any({NAMES}):report>.<any(csv, xlsx):sheet>")
@requires(Permission.DUES_READ)
def report_file(report: str, sheet: str) -> Response:
    found, day = KINDS[report].make(today()), today()
    headers = {"Content-Disposition": f'attachment; filename="{report}-{day}.{sheet}"'}
    if sheet == "xlsx":
        book = sheets.to_xlsx(found.head, found.rows, KINDS[report].title[:30])
        return Response(book, content_type=sheets.XLSX, headers=headers)
    body = sheets.to_csv(found.head, found.rows)
    return Response(body, content_type="text/csv; charset=utf-8", headers=headers)
