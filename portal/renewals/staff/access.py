"""What memberships give: which table holds, which held or will, and the next by a decision."""

from datetime import timedelta

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import see_other
from portal.dues.staff.writing import decision_of
from portal.members.access_table import LIVE, SHIPPED, in_order
from portal.members.actions.access import adopt_access
from portal.members.adopted import access_on, access_over_time, table_of
from portal.members.policy import FEATURE_WORDS
from portal.members.queries import access_tables, register
from portal.renewals import queries
from portal.renewals.access_forms import COUNTED_WORDS, OFFERED, AccessForm, facts_of
from portal.renewals.staff import blueprint

MOST = 100  # firms that the preview names
SHOWN = {
    "features": OFFERED, "words": FEATURE_WORDS, "counted": COUNTED_WORDS, "in_order": in_order,
}  # fmt: skip


@blueprint.get("/access")
@requires(Permission.DUES_READ)
def access_versions() -> str:
    """Every version, the latest first; the one that the portal came with is the last."""
    rows = db.session.scalars(access_tables()).all()
    found = [(table_of(one), one.decision) for one in rows]
    return render_template(
        "renewals/staff_access.html", versions=[*found, (SHIPPED, None)],
        now=access_on(today()).begins, live=LIVE, **SHOWN,
    )  # fmt: skip


@blueprint.route("/access/adopt", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def adopt_access_table() -> ResponseReturnValue:
    """The next table, by a decision; the form begins with the one adopted last."""
    day = today()
    form = AccessForm(
        register(), day, title="Access adopted", effective_from=day + timedelta(days=1),
        **facts_of(access_over_time()[-1]),
    )  # fmt: skip
    form.is_looked_at = "preview" in request.form
    is_good, found = form.validate_on_submit(), None
    if is_good and form.is_looked_at:
        found = queries.changes(access_on(day), form.told(), day)
    elif is_good:
        try:
            made = adopt_access(form.told(), decision_of(form))
        except Refused as why:
            db.session.rollback()
            form.form_errors.append(str(why))
        else:
            db.session.commit()
            words = f"This table holds from {made.effective_from:%d %B %Y} on."
            return see_other(url_for(".access_versions"), words)
    return render_template(
        "renewals/staff_access_adopt.html", form=form, changes=found, most=MOST, **SHOWN
    )
