"""The tax rules: which hold, what they say of a customer, the next ones, and tax ids looked up."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import association, today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import paginate, see_other
from portal.dues import actions
from portal.dues.queries import taxing as queries
from portal.dues.staff import blueprint
from portal.dues.staff.writing import decision_of
from portal.dues.tax_forms import ROWS, CustomerForm, TaxIdForm, TaxTableForm
from portal.dues.tax_rules import (
    CATEGORIES,
    CUSTOMERS,
    OUTCOMES,
    PLACES,
    TAX_IDS,
    Customer,
    taxes_of,
)
from portal.members.queries import register

WORDS = {
    "place": PLACES, "customer": CUSTOMERS, "tax_id": TAX_IDS, "category": CATEGORIES,
    "outcome": OUTCOMES,
}  # fmt: skip


@blueprint.get("/taxes")
@requires(Permission.DUES_READ)
def taxes() -> str:
    tables = db.session.scalars(queries.tax_tables()).all()
    now = next((one for one in tables if one.effective_from <= today()), None)
    return render_template(
        "dues/staff_taxes.html", tables=tables, now=now, words=WORDS, form=_customer(),
        found=_tried(), firms=paginate(queries.unchecked_firms()), home=association().country,
    )  # fmt: skip


def _customer() -> CustomerForm:
    form = CustomerForm(request.args)
    form.country.data = form.country.data or association().country
    return form


def _tried() -> dict[str, dict[str, str]]:
    """What today's rules say of the customer that was asked about."""
    form = _customer()
    if "kind" not in request.args:
        return {}
    asked = Customer(form.country.data, form.kind.data or "", form.tax_id.data == "checked")
    tables = queries.tables_in_effect([today()])[today()]
    return taxes_of(tables, association().country, asked, today())


@blueprint.route("/taxes/adopt", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def adopt_taxes() -> ResponseReturnValue:
    """The next rules, by a decision; the form begins with those that hold."""
    last = db.session.scalars(queries.tax_tables()).first()
    form = TaxTableForm(
        register(), today(), title="Tax rules adopted", rules=_rows(last.rules if last else [])
    )
    if form.validate_on_submit():
        try:
            made = actions.adopt_taxes(form.told(), form.effective_from.data, decision_of(form))
        except Refused as why:
            db.session.rollback()
            form.effective_from.errors = [str(why)]
        else:
            db.session.commit()
            words = f"These rules hold from {made.effective_from:%d %B %Y} on."
            return see_other(url_for(".taxes"), words)
    return render_template("dues/staff_taxes_adopt.html", form=form)


def _rows(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As the form shows them, with two rows left for more at least."""
    told = [one | {"countries": ", ".join(one.get("countries", ()))} for one in rules]
    return [*told, *[{} for _n in range(max(2, ROWS - len(told)))]]


@blueprint.route("/taxes/tax-id", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def tax_id() -> ResponseReturnValue:
    """What the register of a country says of a tax id; later invoices follow it."""
    form = TaxIdForm(
        country=request.args.get("country", ""), tax_id=request.args.get("tax_id", "")
    )
    if form.validate_on_submit():
        made = actions.check_tax_id(
            form.country.data, form.tax_id.data, current_user,
            is_valid=form.answer.data == "valid", note=form.note.data,
        )  # fmt: skip
        db.session.commit()
        return see_other(url_for(".taxes"), f"What the register said of {made.tax_id} is kept.")
    return render_template("dues/staff_tax_id.html", form=form)
