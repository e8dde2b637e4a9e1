"""What a firm used of what its membership includes, as staff record it."""

import secrets

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, see_other
from portal.dues import actions
from portal.dues.allowance_forms import AllowanceForm
from portal.dues.models import AllowanceUse
from portal.dues.queries.allowances import allowances_of, uses_in
from portal.dues.staff import blueprint
from portal.members.models import Organization


@blueprint.route("/allowances/<int:organization_id>", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def allowances(organization_id: int) -> ResponseReturnValue:
    firm = find(Organization, id=organization_id)
    found = allowances_of(firm.id)
    days = [today(), *(one.last_day for one in found[:1])]
    form = AllowanceForm(used_on=min(days), page_key=secrets.token_urlsafe(12))
    form.offer(found)
    if form.validate_on_submit():
        told = form.amount.data, form.used_on.data, form.what_for.data
        used = actions.Used(form.chosen.of, *told, page_key=form.key)
        try:
            actions.use_allowance(form.chosen.term, used)
            db.session.commit()
            return see_other(url_for(".allowances", organization_id=firm.id), "Recorded.")
        except Refused as refused:
            db.session.rollback()
            form.amount.errors = [str(refused)]
            found = allowances_of(firm.id)  # others may have used some meanwhile
            form.offer(found)
    terms = list({one.term.id: one.term for one in found}.values())
    return render_template(
        "dues/staff_allowances.html", firm=firm, form=form, allowances=found, uses=uses_in(terms)
    )


@blueprint.post("/allowances/<int:organization_id>/uses/<int:use_id>/back")
@requires(Permission.FIRMS_MANAGE)
def allowance_back(organization_id: int, use_id: int) -> ResponseReturnValue:
    use = find(AllowanceUse, id=use_id)
    if use.term.membership.organization_id != organization_id:
        abort(404)
    actions.take_back(use)
    db.session.commit()
    here = url_for(".allowances", organization_id=organization_id)
    return see_other(here, "Taken back: it counts as not used.")
