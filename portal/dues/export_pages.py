"""Where a firm takes its data away, also when its membership has run out."""

from flask import abort, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm

from portal.association.queries import today
from portal.core import audit
from portal.core.access import Permission, requires
from portal.core.states import Refused
from portal.dues.firm_bundle import bundle_of_firm
from portal.dues.queries import payer_firm_ids
from portal.dues.views import blueprint
from portal.members.adopted import access_on
from portal.members.queries import data_is_gone, firm_of, still_has_data


@blueprint.route("/firm/export", methods=["GET", "POST"])
@requires(Permission.FIRM_PAY)
def export() -> ResponseReturnValue:
    """For the dues contact and the roster manager; who took it, and when, is in the record."""
    mine = firm_of(current_user)
    if mine is None or mine.id not in payer_firm_ids(current_user.id):
        abort(404)
    if not still_has_data(mine):
        raise Refused(data_is_gone())
    form = FlaskForm()
    if not form.validate_on_submit():
        days = access_on(today()).own_data_days
        return render_template("dues/export.html", firm=mine, form=form, days=days)
    audit.record("organization.data_taken", mine)
    body = bundle_of_firm(mine.id)
    answer = send_file(body, "application/zip", as_attachment=True, download_name="firm.zip")
    answer.headers["Cache-Control"] = "no-store"
    return answer
