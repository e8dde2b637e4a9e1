"""Everybody's invoices, for finance staff."""

from collections.abc import Sequence

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.association.queries import association, today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.merging import current_id
from portal.core.money import Money
from portal.core.states import Refused
from portal.core.web import find, paginate, row_number, see_other
from portal.dues import actions, exports, queries
from portal.dues.forms import AddressForm
from portal.dues.models import BankLine, Invoice, InvoiceKind, Payment, PaymentMethod
from portal.dues.money_forms import TransferForm
from portal.dues.queries.approvals import waiting_of
from portal.dues.queries.barred import barred_from, is_near
from portal.dues.queries.early import early_offer
from portal.dues.queries.late import interest_to_date
from portal.dues.staff import blueprint
from portal.dues.staff.reports import as_file
from portal.members.models import Organization

STATES = {
    "open": "Something is owed", "overdue": "Overdue", "barred": "May be time-barred",
    "held": "On hold", "paid": "Paid",
    "credited": "Credited", "written_off": "Written off", "disputed": "Disputed",
    "void": "Void",
}  # fmt: skip
KINDS = {InvoiceKind.DUES: "Dues", InvoiceKind.EVENT: "Events"}


def asked() -> dict[str, str | int | None]:
    """The filters of the list, from the address."""
    firm = row_number("organization")
    return {
        "state": request.args.get("state", ""), "kind": request.args.get("kind", ""),
        "text": request.args.get("q", "").strip()[:200],
        "organization_id": current_id(Organization, firm) if firm else None,
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
        barred={one.id: barred_from(one) for one in page.items}, today=today(),
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
    bill, barred = queries.bill(invoice), barred_from(invoice)
    return render_template(
        "dues/staff_show.html", invoice=invoice, bill=bill,
        payments=queries.payments_of(invoice), mails=queries.mails_of(invoice),
        attempts=queries.attempts_of(invoice), notes=queries.credit_notes_of(invoice),
        hold=queries.hold_of(invoice, today()), credit=queries.credit_for(invoice),
        charge=queries.next_charge(invoice), interest=interest_to_date(bill),
        can_credit=not bill.sums.takes_all(invoice.total_minor),
        can_void=association().may_void and bill.sums.balance == invoice.total_minor > 0,
        void=queries.void_of(invoice), barred=barred, is_near=is_near(barred), today=today(),
        waiting=waiting_of(invoice), early=early_offer(invoice),
    )  # fmt: skip


@blueprint.route("/<int:invoice_id>/transfer", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def transfer(invoice_id: int) -> ResponseReturnValue:
    invoice = find(Invoice, id=invoice_id)
    owed, seen = queries.balance(invoice), str(queries.movements(invoice))
    form = TransferForm(
        invoice.currency, amount=owed.figures, received_on=today(), method="bank", seen=seen
    )
    form.ask_who_paid(invoice.bill_to["name"], invoice.paid_by.get("name", ""))
    is_sent = form.validate_on_submit()
    is_stale = form.seen.data != seen  # `_record` says what moved
    twin, lines = _same_money(invoice, form) if is_sent else (None, [])
    if is_sent and (is_stale or form.is_other.data or not (twin or lines)):
        try:
            return _record(invoice, form)
        except Refused as refused:
            db.session.rollback()
            form.form_errors.append(str(refused))
    form.seen.data = seen
    if not (twin or lines):
        del form.is_other
    return render_template(
        "dues/staff_transfer.html", form=form, invoice=invoice, owed=owed, twin=twin, lines=lines,
        twin_line=twin and queries.bank_line_of(twin), told=queries.addresses_of(invoice),
    )  # fmt: skip


def _same_money(
    invoice: Invoice, form: TransferForm
) -> tuple[Payment | None, Sequence[BankLine]]:  # fmt: skip
    """What may be the money of the form: a payment that is booked, and lines that wait."""
    method = PaymentMethod(form.method.data)
    if method is PaymentMethod.WITHHOLDING:
        return None, []
    asked = form.money, form.received_on.data, method
    return queries.same_money(invoice, *asked), queries.lines_like(*asked)


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
    paid_by = "" if form.paid_by and form.paid_by.data == "firm" else None
    actions.record_transfer(
        invoice, form.money, form.received_on.data, note, method, paid_by=paid_by
    )
    db.session.commit()
    words = _in_words(owed, form.money)
    if form.money < owed and not queries.balance(invoice):
        words = f"{form.money} is booked. It was paid early: nothing more is owed."
    return see_other(url_for(".show", invoice_id=invoice.id), words)


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
    form = AddressForm(email=next(iter(queries.addresses_of(invoice)), ""))
    if form.validate_on_submit():
        actions.mail_invoice(invoice, form.email.data)
        db.session.commit()
        words = f"The invoice is on its way to {form.email.data}."
        return see_other(url_for(".show", invoice_id=invoice.id), words)
    return render_template("dues/staff_mail.html", form=form, invoice=invoice)
