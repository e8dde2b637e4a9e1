"""Measures for the policy officer: add, correct with a reason, mark as looked at."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.web import find, paginate, see_other
from portal.legislation import actions, queries
from portal.legislation.actions.sessions import set_end
from portal.legislation.forms import MeasureForm, SessionForm
from portal.legislation.models import BillSession, ImportRun, Measure
from portal.legislation.queries import Filters

blueprint = Blueprint("legislation_staff", __name__, url_prefix="/staff/legislation")
TAKEN = "This place has a measure of this number and year already"


@blueprint.get("/")
@requires(Permission.BILLS_MANAGE)
def index() -> str:
    """Longest not looked at first."""
    text = request.args.get("q", "").strip()
    query = queries.listed(Filters(text=text)).order_by(None).order_by(Measure.as_of, Measure.id)
    return render_template(
        "legislation/staff_index.html", page=paginate(query), text=text, today=today()
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.BILLS_MANAGE)
def new() -> str | Response:
    form = MeasureForm(year=today().year)
    if form.validate_on_submit():
        facts = form.facts() | {"as_of": today()}
        measure = _kept(form, lambda: actions.add(facts, current_user._get_current_object()))
        if measure:
            return see_other(
                url_for("legislation.show", measure_id=measure.id), "The measure is kept."
            )
    return render_template("legislation/staff_write.html", form=form, measure=None)


@blueprint.route("/<int:measure_id>/edit", methods=["GET", "POST"])
@requires(Permission.BILLS_MANAGE)
def edit(measure_id: int) -> str | Response:
    measure = find(Measure, id=measure_id)
    form = MeasureForm(data=_as_form(measure))
    if form.validate_on_submit():
        facts, why = form.facts() | {"as_of": today()}, form.reason.data
        me = current_user._get_current_object()
        if _kept(form, lambda: _changed(measure, facts, why, me)):
            return see_other(
                url_for("legislation.show", measure_id=measure_id), "Kept, with your reason."
            )
    return render_template("legislation/staff_write.html", form=form, measure=measure)


def _changed(measure: Measure, facts: dict[str, Any], why: str, by: Person) -> Measure:
    actions.change(measure, facts, why, by)
    return measure


def _kept(form: MeasureForm, act: Any) -> Any:
    """Commit what `act` does; a number that is taken is answered at its field."""
    try:
        made = act()
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        form.number.errors = [TAKEN]
        return None
    return made


def _as_form(measure: Measure) -> dict[str, Any]:
    names = [
        name
        for name in MeasureForm()._fields
        if name not in {"csrf_token", "place", "stage", "reason"}
    ]
    facts = {name: getattr(measure, name) for name in names}
    return facts | {"place": measure.place.slug, "stage": measure.stage.value}


@blueprint.get("/imports")
@requires(Permission.BILLS_MANAGE)
def imports() -> str:
    """What was taken in, the latest first, with what could not be read."""
    return render_template("legislation/staff_imports.html", page=paginate(queries.import_runs()))


@blueprint.get("/imports/<int:run_id>")
@requires(Permission.BILLS_MANAGE)
def import_run(run_id: int) -> str:
    run = find(ImportRun, id=run_id)
    problems = paginate(queries.import_problems(run))
    return render_template("legislation/staff_import.html", run=run, page=problems)


@blueprint.get("/sessions")
@requires(Permission.BILLS_MANAGE)
def sessions() -> str:
    """When each ends, and how many of its bills are open."""
    page = paginate(queries.sessions())
    return render_template(
        "legislation/staff_sessions.html", page=page, open=queries.open_bills(page.items),
        today=today(),
    )  # fmt: skip


@blueprint.route("/sessions/<int:session_id>", methods=["GET", "POST"])
@requires(Permission.BILLS_MANAGE)
def session(session_id: int) -> str | Response:
    one = find(BillSession, id=session_id)
    form = SessionForm(obj=one)
    if form.validate_on_submit():
        set_end(one, form.ends_on.data, form.end_kind.data, form.source.data,
                carries_over=form.carries_over.data)  # fmt: skip
        db.session.commit()
        said = "The end is kept; the open bills of this session are derived anew in a moment."
        return see_other(url_for(".sessions"), said)
    return render_template("legislation/staff_session.html", form=form, session=one)


@blueprint.post("/<int:measure_id>/review")
@requires(Permission.BILLS_MANAGE)
def review(measure_id: int) -> Response:
    measure = find(Measure, id=measure_id)
    actions.review(measure)
    db.session.commit()
    return see_other(url_for(".index"), f"{measure.number} is true as of today.")
