"""Everybody's invoices, for finance staff."""

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.association.queries import association, today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.merging import current_id
from portal.core.money import Money
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.dues import actions, exports, queries
from portal.dues.forms import AddressForm
from portal.dues.models import Invoice, InvoiceKind, PaymentMethod
from portal.dues.money_forms import TransferForm
from portal.dues.queries.late import interest_to_date
from portal.dues.staff import blueprint
from portal.dues.staff.reports import as_file
from portal.members.models import Organization

STATES = {
    "open": "Something is owed", "overdue": "Overdue", "held": "On hold", "paid": "Paid",
    "credited": "Credited", "written_off": "Written off", "disputed": "Disputed",
    "void": "Void",
}  # fmt: skip
KINDS = {InvoiceKind.DUES: "Dues", InvoiceKind.EVENT: "Events"}


def asked() -> dict[str, str | int | None]:
    """The filters of the list, from the address."""
    firm = request.args.get("organization", type=int)
    return {
        "state": request.args.get("state", ""), "kind": request.args.get("kind", ""),
        "text": request.args.get("q", "").strip()[:200],
        "organization_id": firm and current_id(Organization, firm),
    }  # fmt: skip


@blueprint.get("/")
@requires(Permission.DUES_READ)
def index() -> str:
    filters = asked()
    totals = queries.totals(**filters)  # type: ignore[arg-type]
    query = queries.invoices(**filters)  # type: ignore[arg-type]
    page = paginate(query, total=sum(one.count for one in totals))
    firm = filters["organization_id"] and db.session.get(Organization, filters["organization_id"])
    return render_template(
        "dues/staff_index.html", page=page, bills=queries.bills(page.items), filters=filters,
        totals=totals, firm=firm, states=STATES, kinds=KINDS,
    )  # fmt: skip


@blueprint.get("/export.<any(csv, xlsx):sheet>")
@requires(Permission.DUES_READ)
def export(sheet: str) -> Response:
    """The list as it is filtered, every page of it."""
    rows = db.session.scalars(queries.invoices(**asked())).unique().all()  # type: ignore[arg-type]
    return as_file("invoices", sheet, exports.HEADINGS, exports.bill_rows(queries.bills(rows)))


@blueprint.get("/<int:invoice_id>")
@requires(Permission.DUES_READ)
def show(invoice_id: int) -> str:
    invoice = find(Invoice, id=invoice_id)
    bill = queries.bill(invoice)
    return render_template(
        "dues/staff_show.html", invoice=invoice, bill=bill,
        payments=queries.payments_of(invoice), mails=queries.mails_of(invoice),
        attempts=queries.attempts_of(invoice), notes=queries.credit_notes_of(invoice),
        hold=queries.hold_of(invoice, today()), credit=queries.credit_for(invoice),
        charge=queries.next_charge(invoice), interest=interest_to_date(bill),
        can_credit=not bill.sums.takes_all(invoice.total_minor),
        can_void=association().may_void and bill.sums.balance == invoice.total_minor > 0,
        void=queries.void_of(invoice),
    )  # fmt: skip


@blueprint.route("/<int:invoice_id>/transfer", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def transfer(invoice_id: int) -> ResponseReturnValue:
    invoice = find(Invoice, id=invoice_id)
    owed, seen = queries.balance(invoice), str(queries.movements(invoice))
    form = TransferForm(
        invoice.currency, amount=owed.figures, received_on=today(), method="bank", seen=seen
    )
    if form.validate_on_submit():
        try:
            return _record(invoice, form)
        except Refused as refused:
            db.session.rollback()
            form.form_errors.append(str(refused))
    form.seen.data = seen
    return render_template("dues/staff_transfer.html", form=form, invoice=invoice, owed=owed)


def _record(invoice: Invoice, form: TransferForm) -> Response:
    """Book what the form says, unless money moved on the invoice since the form was opened."""
    actions.hold(invoice)
    owed = queries.balance(invoice)
    if form.seen.data != str(queries.movements(invoice)):
        raise Refused(
            f"Money was booked on this invoice since you opened this page: {owed} is owed now. "
            "Send the form again if this is another payment."
        )
    method = PaymentMethod(form.method.data)
    note = form.note.data or ""
    actions.record_transfer(invoice, form.money, form.received_on.data, note, method)
    db.session.commit()
    return see_other(url_for(".show", invoice_id=invoice.id), _in_words(owed, form.money))


def _in_words(owed: Money, came: Money) -> str:
    if came < owed:
        return f"{came} is booked. {owed - came} is still owed."
    if owed < came:
        return f"{came} is booked. {came - owed} is too much: it is kept as the payer's credit."
    return f"{came} is booked. The invoice is paid."


@blueprint.route("/<int:invoice_id>/mail", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def mail(invoice_id: int) -> ResponseReturnValue:
    invoice = find(Invoice, id=invoice_id)
    form = AddressForm(email=invoice.bill_to.get("email", ""))
    if form.validate_on_submit():
        actions.mail_invoice(invoice, form.email.data)
        db.session.commit()
        words = f"The invoice is on its way to {form.email.data}."
        return see_other(url_for(".show", invoice_id=invoice.id), words)
    return render_template("dues/staff_mail.html", form=form, invoice=invoice)
