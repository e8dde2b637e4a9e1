"""The year on one page, with charts; a file that opens by itself."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from flask import current_app
from markupsafe import Markup

from portal.association.queries import association
from portal.core.charts import Chart, Point, Words, bars, line
from portal.core.money import Money
from portal.demo.year.figures import Day, Year


def write(year: Year, path: Path) -> None:
    """One HTML page with the style inside, so that it can be mailed."""
    here = association()
    style = Path(current_app.static_folder or "", "portal.css").read_text(encoding="utf-8")
    html = current_app.jinja_env.get_template("demo/year.html").render(
        year=year, association=here, charts=_charts(year), last=year.days[-1],
        style=Markup(style),  # noqa: S704 - our own style sheet
        received=Money(year.days[-1].received, here.currency),
        owed=Money(year.days[-1].owed, here.currency),
    )  # fmt: skip
    path.write_text(html, encoding="utf-8")


def _charts(year: Year) -> list[tuple[str, Chart]]:
    months = [one for n, one in enumerate(year.days, 1) if _ends_a_month(year.days, n)]
    return [
        ("Members", _over(months, "Members at the end of each month", lambda one: one.members)),
        ("Owed", _over(months, "Owed at the end of each month", lambda one: one.owed // 100)),
        ("Overdue", _over(months, "Overdue at the end of each month",
                          lambda one: one.overdue // 100)),
        ("Received", _over(months, "Received since the first day",
                           lambda one: one.received // 100)),
        ("What firms did", _counted(year.acts, "Acts of the year")),
        ("What the treasurer did", _counted(year.books, "Acts of the treasurer")),
        ("What went wrong on purpose", _counted(year.faults, "Faults switched on")),
    ]  # fmt: skip


def _counted(counts: Counter[str], title: str) -> Chart:
    return bars([Point(what, n) for what, n in counts.most_common()], Words(title, ("", "Times")))


def _ends_a_month(days: Sequence[Day], n: int) -> bool:
    return n == len(days) or days[n].on.month != days[n - 1].on.month


def _over(months: Sequence[Day], title: str, value: Callable[[Day], int]) -> Chart:
    points = [Point(f"{one.on:%b %y}", value(one)) for one in months]
    return line(points, [], Words(title, ("Month", title)))
