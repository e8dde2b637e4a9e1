"""What was told to members as their part for lobbying, against what was spent; what if."""

from fractions import Fraction

from flask import render_template, request

from portal.core.access import Permission, requires
from portal.core.charts import Chart, Point, Words, bars
from portal.core.money import Money
from portal.dues.lobbying import Shortfall, shortfall
from portal.dues.lobbying_forms import SpentForm
from portal.dues.queries.lobbying import told_by_year
from portal.dues.staff import blueprint


@blueprint.get("/reports/lobbying")
@requires(Permission.DUES_READ)
def lobbying() -> str:
    """A calculation alone: nothing is kept, and the address holds what was asked."""
    told = told_by_year()
    form, found, chart = SpentForm(request.args, meta={"csrf": False}), None, None
    form.offer(told)
    if "spent" in request.args and form.validate():
        found = _found(form, told)
        chart = _chart(found["told"], found["spent"])
    return render_template(
        "dues/staff_lobbying.html", form=form, told=told, found=found, chart=chart, money=Money
    )


def _found(form: SpentForm, told: dict[int, dict[str, int]]) -> dict[str, Money]:
    year, currency = form.asked
    said, spent = told[year][currency], form.money.minor
    more: Shortfall = shortfall(said, spent, Fraction(form.tax_percent.data or "0"))
    minor = {"told": said, "spent": spent, "more": more.minor, "tax": more.tax,
             "carried_over": more.carried_over}  # fmt: skip
    return {name: Money(value, currency) for name, value in minor.items()}


def _chart(told: Money, spent: Money) -> Chart:
    kind = "kr" if spent.minor > told.minor else "k1"
    points = [
        Point("Told to members", told.minor, str(told)),
        Point("Spent on lobbying", spent.minor, str(spent), kind),
    ]
    return bars(points, Words("Told and spent", ("What", "Amount")))
