"""Benchmarks for members: which there are, a firm's own answer, and what was published."""

from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.core import clock, sheets
from portal.core.access import Permission, requires
from portal.core.charts import Chart, Point, Words, bars
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.library.benchmarks import actions, queries
from portal.library.benchmarks.forms import AnswerForm, answer_form
from portal.library.benchmarks.models import Survey
from portal.library.benchmarks.queries import Told, band_words
from portal.library.benchmarks.suppression import Line

blueprint = Blueprint("benchmarks", __name__, url_prefix="/library/benchmarks")


@dataclass(frozen=True)
class Beside:
    """A firm's own value beside the published line of its cell."""

    line: Line
    told: Told

    @property
    def words(self) -> str:
        if self.line.low is None or self.line.high is None:
            return "withheld"
        if self.told.value < self.line.low:
            return "yours is below it"
        return "yours is above it" if self.told.value >= self.line.high else "yours is in it"


def open_to_members(survey_id: int) -> Survey:
    survey = find(Survey, id=survey_id)
    if survey.status not in queries.SHOWN:
        abort(404)
    return survey


@blueprint.get("")
@requires(Permission.LIBRARY_READ)
def index() -> str:
    page = paginate(queries.surveys(*queries.SHOWN))
    return render_template(
        "library/benchmarks.html", page=page, states=queries.STATES, earliest=queries.earliest,
        answerable={one.id for one in page.items if queries.is_answerable(one)},
    )  # fmt: skip


@blueprint.get("/<int:survey_id>")
@requires(Permission.LIBRARY_READ)
def show(survey_id: int) -> str:
    survey = open_to_members(survey_id)
    held = queries.answering_place(survey, current_user)
    told = queries.answers_of(survey, held.organization_id) if held else {}
    lines = queries.lines_of(survey)
    return render_template(
        "library/benchmark.html", survey=survey, held=held, told=told, lines=lines,
        chart=chart_of(survey, [one for one in lines if not one.is_total]),
        totals=chart_of(survey, [one for one in lines if one.is_total]),
        beside=[Beside(one, told[one.site_type, one.region]) for one in lines
                if (one.site_type, one.region) in told],
        earliest=queries.earliest(survey), is_answerable=queries.is_answerable(survey),
        words=band_words, owners=survey.results.get("owners"), state=queries.STATES[survey.status],
    )  # fmt: skip


def chart_of(survey: Survey, lines: list[Line]) -> Chart | None:
    """A bar to the middle of each band; a withheld line has none, and says so."""
    if not lines:
        return None
    rows = [
        Point(
            f"{one.site_type or 'All site types'}, {one.region or 'all regions'}",
            (one.low + one.high) // 2 if one.low is not None and one.high is not None else 0,
            band_words(one, survey.unit), "k2" if one.is_total else "k1",
        )
        for one in lines
    ]  # fmt: skip
    return bars(rows, Words(survey.metric, ("Site type and region", "Band")))


@blueprint.get("/<int:survey_id>/results.<any(csv,xlsx):sheet>")
@requires(Permission.LIBRARY_READ)
def results(survey_id: int, sheet: str) -> Response:
    """The published lines, and nothing else."""
    survey = open_to_members(survey_id)
    lines = queries.lines_of(survey) or abort(404)
    head = ("Site type", "Region", "From", "To below", "Unit", "Shown")
    rows = [
        (one.site_type or "all", one.region or "all", *_ends(one), survey.unit,
         "yes" if one.is_shown else band_words(one, survey.unit))
        for one in lines
    ]  # fmt: skip
    name = f'attachment; filename="benchmark-{survey.id}.{sheet}"'
    headers = {"Content-Disposition": name}
    if sheet == "xlsx":
        body = sheets.to_xlsx(head, rows, "Benchmark")
        return Response(body, content_type=sheets.XLSX, headers=headers)
    text = sheets.to_csv(head, rows)
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


def _ends(line: Line) -> tuple[object, object]:
    return (line.low, line.high) if line.is_shown else ("", "")


@blueprint.route("/<int:survey_id>/answer", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def answer(survey_id: int) -> ResponseReturnValue:
    """The firm's own values: kept as they are typed where there is script, else by the button."""
    survey = open_to_members(survey_id)
    held = queries.answering_place(survey, current_user) or abort(404)
    told, before = queries.answers_of(survey, held.organization_id), None
    if not told and queries.is_answerable(survey):
        before, told = queries.last_told(survey, held.organization_id)
    form = answer_form(survey, told)
    is_autosave = "HX-Request" in request.headers
    is_good = form.validate_on_submit()
    if is_good or (form.is_submitted() and is_autosave and not form.csrf_token.errors):
        try:
            person = current_user._get_current_object()
            actions.tell(survey, held.organization, person, form.told)
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            return _kept(survey, form, is_autosave=is_autosave)
    return render_template(
        "library/benchmark_answer.html", survey=survey, firm=held.organization, form=form,
        is_answerable=queries.is_answerable(survey), before=before if told else None,
    )  # fmt: skip


def _kept(survey: Survey, form: AnswerForm, *, is_autosave: bool) -> ResponseReturnValue:
    if not is_autosave:
        return see_other(url_for(".show", survey_id=survey.id), "Your answers are kept.")
    wrong = len(form.cells) - len(form.told)
    return render_template("library/_benchmark_kept.html", wrong=wrong, now=clock.now())
