"""The association's settings, and the record of what was done."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.association import actions, queries
from portal.association.forms import AssociationForm
from portal.core import jobs as work
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.money import Money
from portal.core.web import find, paginate, see_other

blueprint = Blueprint("association_staff", __name__, url_prefix="/staff/association")


@blueprint.route("/", methods=["GET", "POST"])
@requires(Permission.ASSOCIATION_MANAGE)
def index() -> str | Response:
    home = queries.association()
    top = home.approval_above_minor
    above = "" if top is None else Money(top, home.currency).figures
    barred = ", ".join(f"{code} {years}" for code, years in sorted(home.barred_after.items()))
    form = AssociationForm(obj=home, approval_above=above, years_barred=barred)
    if form.validate_on_submit():
        facts = {name: value if value is not None else "" for name, value in form.data.items()}
        for name in ("csrf_token", "approval_above", "years_barred"):
            facts.pop(name, None)
        facts["approval_above_minor"] = form.approval_above_minor
        facts["barred_after"] = form.barred_after
        actions.change(home, **facts)
        db.session.commit()
        return see_other(url_for(".index"), "Kept. The record shows what changed.")
    return render_template("association/staff_index.html", form=form)


@blueprint.get("/audit")
@requires(Permission.AUDIT_READ)
def audit() -> str:
    verb, subject = request.args.get("verb", "").strip(), request.args.get("subject", "").strip()
    page = paginate(queries.record(verb, subject))
    return render_template("association/audit.html", page=page, verb=verb, subject=subject)


@blueprint.get("/jobs")
@requires(Permission.JOBS_READ)
def jobs() -> str:
    state = request.args.get("state", "waiting")
    page = paginate(queries.jobs(state))
    return render_template("association/jobs.html", page=page, state=state)


@blueprint.post("/jobs/<int:job_id>/again")
@requires(Permission.JOBS_READ)
def again(job_id: int) -> Response:
    work.run_again(find(work.Job, id=job_id, done_at=None))
    db.session.commit()
    return see_other(url_for(".jobs"), "It is due now; the worker takes it in a moment.")
