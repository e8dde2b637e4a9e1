"""Who pays a firm's dues, as its dues contact says it."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.web import see_other
from portal.dues import actions
from portal.dues.auto_pay import payer_firm
from portal.dues.payer_forms import PayerForm
from portal.dues.views import blueprint


@blueprint.route("/firm/payer", methods=["GET", "POST"])
@requires(Permission.FIRM_PAY)
def payer() -> ResponseReturnValue:
    firm = payer_firm()
    form = PayerForm(data={"who": "other" if firm.paid_by else "firm"} | firm.paid_by)
    if form.validate_on_submit():
        actions.name_payer(firm, form.facts())
        db.session.commit()
        return see_other(url_for(".payer"), "Kept: the next invoices go by it.")
    above = [("My firm", url_for("members.firm")), ("Invoices", url_for(".index"))]
    return render_template("dues/payer.html", form=form, firm=firm, above=above)
