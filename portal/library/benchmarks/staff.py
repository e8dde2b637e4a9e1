"""Surveys for staff: written, opened, closed, published; who answered, never what."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.library.benchmarks import actions, queries
from portal.library.benchmarks.forms import SurveyForm, as_form
from portal.library.benchmarks.models import Survey, SurveyStatus
from portal.library.benchmarks.queries import band_words
from portal.library.models import Practice

blueprint = Blueprint("benchmarks_staff", __name__, url_prefix="/staff/library/benchmarks")

MOVES = {
    SurveyStatus.OPEN: (actions.open_survey, "Open it to the firms"),
    SurveyStatus.CLOSED: (actions.close, "Close it now"),
    SurveyStatus.PUBLISHED: (actions.publish, "Publish"),
}


def _form(survey: Survey | None = None) -> SurveyForm:
    query = select(Practice).where(Practice.kind == "benchmark").order_by(Practice.title)
    found = {one.id: one.title for one in db.session.scalars(query.limit(200))}
    return SurveyForm(found, data=survey and as_form(survey))


@blueprint.get("/")
@requires(Permission.LIBRARY_WRITE)
def index() -> str:
    return render_template(
        "library/staff_benchmarks.html", page=paginate(queries.surveys()), states=queries.STATES,
        earliest=queries.earliest,
    )  # fmt: skip


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def new() -> ResponseReturnValue:
    form = _form()
    if form.validate_on_submit():
        made = actions.write(form.facts())
        db.session.commit()
        return see_other(url_for(".show", survey_id=made.id), "The draft is kept.")
    return render_template("library/staff_benchmark_write.html", form=form, survey=None)


@blueprint.route("/<int:survey_id>/edit", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def edit(survey_id: int) -> ResponseReturnValue:
    """Only a draft: raises `Refused`, which is shown as a page, from the day it is open."""
    survey = find(Survey, id=survey_id)
    if survey.status is not SurveyStatus.DRAFT:
        return see_other(
            url_for(".show", survey_id=survey.id),
            "It is open or was: what firms answered to cannot be changed any more.", "error",
        )  # fmt: skip
    form = _form(survey)
    if form.validate_on_submit():
        actions.write(form.facts(), survey)
        db.session.commit()
        return see_other(url_for(".show", survey_id=survey.id), "The draft is kept.")
    return render_template("library/staff_benchmark_write.html", form=form, survey=survey)


@blueprint.route("/<int:survey_id>", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def show(survey_id: int) -> ResponseReturnValue:
    """Its rules, who answered and who did not; once closed, what would be published."""
    survey, trouble = find(Survey, id=survey_id), ""
    if request.method == "POST":
        try:
            move, _words = MOVES[SurveyStatus(request.form.get("to", ""))]
            move(survey)
            db.session.commit()
        except (ValueError, KeyError):
            trouble = "Choose what to do with it."
        except Refused as refusal:
            db.session.rollback()
            trouble = str(refusal)
        else:
            words = f"It is {survey.status.value} now."
            return see_other(url_for(".show", survey_id=survey.id), words)
    is_closed = survey.status is SurveyStatus.CLOSED
    return render_template(
        "library/staff_benchmark.html", survey=survey, trouble=trouble,
        state=queries.STATES[survey.status], earliest=queries.earliest(survey),
        answered=queries.answered(survey),
        silent=queries.silent(survey) if survey.status is not SurveyStatus.DRAFT else [],
        lines=queries.computed(survey)[0] if is_closed else queries.lines_of(survey),
        moves=[(to, words) for to, (_do, words) in MOVES.items() if survey.status.may_become(to)],
        words=band_words,
    )  # fmt: skip
