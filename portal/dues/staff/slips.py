"""Deposit slips: staff record the cheques that they bring to the bank together."""

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.money import Money, parse
from portal.core.states import Refused
from portal.core.web import see_other, tried
from portal.dues import actions, queries
from portal.dues.bank_forms import ChequeForm, SlipForm
from portal.dues.models import Payment, PaymentMethod
from portal.dues.staff import blueprint


@blueprint.route("/bank/slip", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def bank_slip() -> ResponseReturnValue:
    form = SlipForm(paid_in_on=today())
    twins: list[Payment] = []
    if form.validate_on_submit() and (answer := tried(form, lambda: _record(form, twins))):
        return answer
    if not twins:
        del form.is_other
    return render_template("dues/staff_bank_slip.html", form=form, twins=twins)


def _record(form: SlipForm, twins: list[Payment]) -> Response:
    """Book them, unless one may be money that is booked already: `twins` says which."""
    cheques = [_cheque(one.form) for one in form.cheques if one.form.is_filled]
    twins += [] if form.is_other.data else _twins(form, cheques)
    if twins:
        raise Refused("Nothing is booked yet: some of this may be in the books already.")
    actions.record_slip(form.slip.data, form.paid_in_on.data, cheques, current_user)
    db.session.commit()
    total = Money(sum(one.money.minor for one in cheques), cheques[0].money.currency)
    words = f"{len(cheques)} cheques of {total} together are booked; one bank line will show them."
    return see_other(url_for(".bank_by_hand"), words)


def _cheque(row: ChequeForm) -> actions.Cheque:
    invoice = queries.invoice_named(row.number.data or "")
    if invoice is None:
        raise Refused(f"No invoice has the number or reference “{row.number.data}”.")
    try:
        money = parse(row.amount.data or "", invoice.currency)
    except ValueError as error:
        raise Refused(f"{invoice.number}: {error}") from error
    return actions.Cheque(invoice, money, row.cheque.data or "")


def _twins(form: SlipForm, cheques: list[actions.Cheque]) -> list[Payment]:
    found = [
        queries.same_money(one.invoice, one.money, form.paid_in_on.data, PaymentMethod.CHEQUE)
        for one in cheques
    ]
    return list({one.id: one for one in found if one}.values())
