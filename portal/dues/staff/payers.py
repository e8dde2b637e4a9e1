"""Who pays a firm's dues, as staff were told."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.web import find, see_other
from portal.dues import actions
from portal.dues.payer_forms import PayerForm
from portal.dues.staff import blueprint
from portal.members.models import Organization


@blueprint.route("/payers/<int:organization_id>", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def payer(organization_id: int) -> ResponseReturnValue:
    firm = find(Organization, id=organization_id)
    here = url_for("members_staff.show", organization_id=firm.id)
    form = PayerForm(data={"who": "other" if firm.paid_by else "firm"} | firm.paid_by)
    if form.validate_on_submit():
        actions.name_payer(firm, form.facts())
        db.session.commit()
        return see_other(here, "Kept: the next invoices go by it.")
    return render_template("dues/payer.html", form=form, firm=firm, above=[(firm.name, here)])
