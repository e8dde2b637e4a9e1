"""Expelling a firm as a body decided: what follows is shown before it is done."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import see_other
from portal.dues.staff.writing import decision_of
from portal.members.models import Membership
from portal.members.queries import register
from portal.renewals import actions, queries
from portal.renewals.actions import Following
from portal.renewals.forms import ExpelForm
from portal.renewals.staff import blueprint
from portal.renewals.staff.firms import about, back_to, last_term


@blueprint.route("/<int:organization_id>/expel", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def expel(organization_id: int) -> ResponseReturnValue:
    """The first time it shows what follows from the day that was entered, then it does it."""
    membership = last_term(organization_id).membership
    before = queries.resignation_of(membership)
    if before and before.decision_id:
        return see_other(back_to(organization_id), "It is expelled already.")
    firm, found = membership.organization, None
    form = ExpelForm(register(), today(), title=f"{firm.name} expelled")
    if form.validate_on_submit():
        try:
            if form.seen.data == form.first_on.data.isoformat():
                words = _done(membership, form)
                return see_other(back_to(organization_id), words)
            found = _shown(membership, form)
        except Refused as why:
            db.session.rollback()
            form.form_errors.append(str(why))
    return render_template(
        "renewals/staff_expel.html", form=form, found=found, **about(organization_id)
    )


def _shown(membership: Membership, form: ExpelForm) -> Following:
    """The form is sent again with the day whose result was seen."""
    found = actions.what_follows(membership, form.first_on.data)
    form.seen.data = form.first_on.data.isoformat()
    return found


def _done(membership: Membership, form: ExpelForm) -> str:
    by = current_user._get_current_object()
    told = actions.Expulsion(
        decision_of(form), form.first_on.data, form.heard.data, form.reason.data, by
    )
    made = actions.expel(membership, told)
    db.session.commit()
    return f"Noted: the last day is {made.leaves_on.day} {made.leaves_on:%b %Y}."
