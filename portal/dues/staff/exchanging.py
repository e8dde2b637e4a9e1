"""Bank lines in another currency, or of another amount, than what was paid."""

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.money import parse
from portal.core.states import Refused
from portal.core.web import find, row_number, see_other, tried
from portal.dues import actions, queries
from portal.dues.bank_forms import ExchangeForm
from portal.dues.models import BankLine, Payment
from portal.dues.queries.exchanges import exchangeable
from portal.dues.staff import blueprint


@blueprint.route("/bank/lines/<int:line_id>/exchange", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def bank_exchange(line_id: int) -> ResponseReturnValue:
    """It is a payment that was entered by hand, or it pays an invoice in another currency."""
    line, form = find(BankLine, id=line_id), ExchangeForm()
    if "payment" in request.form:
        payment = find(Payment, id=row_number("payment"))
        actions.book_exchanged(line, payment, current_user)
        return _done(line)
    if form.validate_on_submit() and (answer := tried(form, lambda: _pay(line, form))):
        return answer
    return render_template(
        "dues/staff_bank_exchange.html", line=line, form=form, entered=exchangeable(line)
    )


def _pay(line: BankLine, form: ExchangeForm) -> Response:
    invoice = queries.invoice_named(form.number.data or "")
    if invoice is None:
        raise Refused("No invoice has that number or reference.")
    try:
        money = parse(form.amount.data or "", invoice.currency)
    except ValueError as error:
        raise Refused(str(error)) from error
    actions.pay_from_abroad(line, invoice, money, current_user)
    return _done(line)


def _done(line: BankLine) -> Response:
    db.session.commit()
    words = f"{line.money} is matched, and the difference is booked."
    return see_other(url_for("dues_staff.bank_line", line_id=line.id), words)
