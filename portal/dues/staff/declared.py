"""What firms declared, for staff: who did, who did not, sample checks and corrections."""

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.dues import actions, exports, queries
from portal.dues.forms import SOURCES, CheckForm
from portal.dues.models import Checked, Declaration
from portal.dues.rules import titled
from portal.dues.staff import blueprint
from portal.members.models import Organization

STATES = {"declared": "Declared", "undeclared": "Not declared"}
CHECKS = {
    Checked.NONE: "Not checked", Checked.SAMPLED: "Checked, right", Checked.CORRECTED: "Corrected",
}  # fmt: skip


@blueprint.get("/declarations")
@requires(Permission.DUES_READ)
def declarations() -> str:
    filters = {
        "text": request.args.get("q", "").strip()[:200], "state": request.args.get("state", ""),
    }  # fmt: skip
    page = paginate(queries.declaring_firms(**filters))
    return render_template(
        "dues/staff_declarations.html", page=page, filters=filters, states=STATES, checks=CHECKS,
        latest=queries.latest_of([one.id for one in page.items]), named=titled,
        since=queries.fresh_since(),
    )  # fmt: skip


@blueprint.get("/declarations.csv")
@requires(Permission.DUES_READ)
def declarations_csv() -> Response:
    """Every declaration ever made, the newest first."""
    head = ("firm", "metric", "value", "unit", "from", "to", "scope", "source", "signed by",
            "signed at", "check", "reason", "replaces", "number")  # fmt: skip
    rows = (
        (one.organization.name, one.metric, one.value, one.unit, one.period_start, one.period_end,
         one.scope, one.source.value, one.signed_by.display_name, one.signed_at.isoformat(),
         one.checked.value, one.reason, one.prior_id or "", one.id)
        for one in db.session.scalars(queries.all_declarations())
    )  # fmt: skip
    headers = {"Content-Disposition": f'attachment; filename="declarations-{today()}.csv"'}
    body = exports.table_csv(head, rows)
    return Response(body, content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.get("/declarations/<int:organization_id>")
@requires(Permission.DUES_READ)
def declarations_of(organization_id: int) -> str:
    firm = find(Organization, id=organization_id)
    found = queries.declarations_of(firm.id)
    replaced = {one.prior_id for one in found}
    asked = queries.asked_of(firm)
    return render_template(
        "dues/staff_declared.html", firm=firm, rows=found, replaced=replaced, checks=CHECKS,
        sources=SOURCES, named=titled, asked=asked,
        dues=queries.dues_with(asked, asked.now) if asked else None,
    )  # fmt: skip


@blueprint.route("/declarations/<int:declaration_id>/check", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def check(declaration_id: int) -> ResponseReturnValue:
    """A sample check of one number: right, or corrected by a new row."""
    one, form = find(Declaration, id=declaration_id), CheckForm()
    if form.validate_on_submit():
        try:
            made = actions.check(one, form.reason.data, current_user.id, form.corrected.data)
        except Refused as why:
            db.session.rollback()
            form.form_errors.append(str(why))
            one = find(Declaration, id=declaration_id)
        else:
            db.session.commit()
            there = url_for(".declarations_of", organization_id=made.organization_id)
            return see_other(there, f"{CHECKS[made.checked]}: the record says so.")
    return render_template("dues/staff_check.html", form=form, one=one, named=titled)
