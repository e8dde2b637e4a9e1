"""Correcting a claim: credit notes by line, voids, write-offs, holds, plans, undone matches."""

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.money import Money, parse
from portal.core.states import Refused
from portal.core.web import find, see_other, tried
from portal.dues import actions, queries
from portal.dues.instalments import instalments
from portal.dues.models import ApprovalKind, CreditReason, Invoice, InvoiceLine, Payment
from portal.dues.money_forms import (
    CreditForm,
    HoldForm,
    PlanForm,
    ReasonForm,
    VoidForm,
    WriteOffForm,
)
from portal.dues.queries.approvals import limit
from portal.dues.queries.early import early_on
from portal.dues.staff import blueprint
from portal.dues.staff.approvals import waits
from portal.members.models import Decision


def back_to(invoice: Invoice, words: str) -> Response:
    return see_other(url_for("dues_staff.show", invoice_id=invoice.id), words)


@blueprint.route("/<int:invoice_id>/credit", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def credit(invoice_id: int) -> ResponseReturnValue:
    """By line: each offers all that is left of it."""
    invoice, form = find(Invoice, id=invoice_id), CreditForm()
    if form.validate_on_submit() and (answer := tried(form, lambda: _credit(invoice, form))):
        return answer
    left = queries.creditable(invoice)
    rows = [(line, Money(left[line.id], invoice.currency)) for line in invoice.lines]
    return render_template(
        "dues/staff_credit.html", form=form, invoice=invoice, bill=queries.bill(invoice),
        rows=rows, asked=request.form, limit=limit(),
    )  # fmt: skip


def _credit(invoice: Invoice, form: CreditForm) -> Response:
    code = CreditReason(form.code.data)
    lines = {line.id: _amount_of(line) for line in invoice.lines}
    if code is not CreditReason.TAX_CORRECTION and not any(lines.values()):
        raise Refused("Enter how much of which line is taken back.")
    total = actions.priced(invoice, form.reason.data, code, lines).total
    if actions.is_for_two(ApprovalKind.CREDIT, invoice, total):
        facts = {
            "reason": form.reason.data, "code": code.value,
            "lines": {str(number): minor for number, minor in lines.items()},
        }  # fmt: skip
        return _propose(ApprovalKind.CREDIT, invoice, total, facts)
    note = actions.credit(invoice, form.reason.data, code, lines)
    db.session.commit()
    return back_to(invoice, f"Credit note {note.number} takes {note.total} back.")


def _propose(
    kind: ApprovalKind, invoice: Invoice, money: Money, facts: dict[str, object]
) -> Response:  # fmt: skip
    made = actions.propose(kind, invoice, money, facts, current_user)
    db.session.commit()
    return waits(made)


def _amount_of(line: InvoiceLine) -> int:
    """Minor units that the form takes back of a line; nothing when it is left empty."""
    text = request.form.get(f"line-{line.id}", "").strip()
    try:
        return parse(text, line.invoice.currency).minor if text else 0
    except ValueError as error:
        raise Refused(f"“{line.text}”: {error}") from error


@blueprint.route("/<int:invoice_id>/void", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def void(invoice_id: int) -> ResponseReturnValue:
    invoice, form = find(Invoice, id=invoice_id), VoidForm()
    if form.validate_on_submit() and (answer := tried(form, lambda: _void(invoice, form))):
        return answer
    told = queries.addresses_of(invoice)
    return render_template("dues/staff_void.html", form=form, invoice=invoice, told=told)


def _void(invoice: Invoice, form: VoidForm) -> Response:
    actions.void(invoice, form.reason.data)
    db.session.commit()
    return back_to(invoice, f"Invoice {invoice.number} is void: it claims nothing any more.")


@blueprint.route("/<int:invoice_id>/write-off", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def write_off(invoice_id: int) -> ResponseReturnValue:
    invoice, form = find(Invoice, id=invoice_id), WriteOffForm()
    if form.validate_on_submit() and (answer := tried(form, lambda: _write_off(invoice, form))):
        return answer
    bill = queries.bill(invoice)
    return render_template(
        "dues/staff_write_off.html", form=form, invoice=invoice, bill=bill, limit=limit()
    )


def _write_off(invoice: Invoice, form: WriteOffForm) -> Response:
    if form.decided_on.data > today():
        raise Refused("A decision cannot be of a day that has not come.")
    owed = queries.balance(invoice)
    if owed and actions.is_for_two(ApprovalKind.WRITE_OFF, invoice, owed):
        facts = {
            "reason": form.title.data, "body": form.body.data,
            "decided_on": form.decided_on.data.isoformat(),
        }  # fmt: skip
        return _propose(ApprovalKind.WRITE_OFF, invoice, owed, facts)
    decision = Decision(
        body=form.body.data, decided_on=form.decided_on.data, title=form.title.data,
        text=f"Invoice {invoice.number} is written off.",
    )  # fmt: skip
    db.session.add(decision)
    made = actions.write_off(invoice, decision)
    db.session.commit()
    return back_to(invoice, f"{Money(made.amount_minor, invoice.currency)} is written off.")


@blueprint.route("/<int:invoice_id>/hold", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def hold(invoice_id: int) -> ResponseReturnValue:
    invoice, form = find(Invoice, id=invoice_id), HoldForm()
    if form.validate_on_submit() and (answer := tried(form, lambda: _hold(invoice, form))):
        return answer
    return render_template("dues/staff_hold.html", form=form, invoice=invoice)


def _hold(invoice: Invoice, form: HoldForm) -> Response:
    actions.put_on_hold(invoice, form.reason.data, form.until_on.data, current_user)
    db.session.commit()
    return back_to(invoice, "The invoice is on hold: nobody is reminded of it.")


@blueprint.post("/<int:invoice_id>/release")
@requires(Permission.DUES_MANAGE)
def release(invoice_id: int) -> ResponseReturnValue:
    invoice = find(Invoice, id=invoice_id)
    actions.release_hold(invoice)
    db.session.commit()
    return back_to(invoice, "The invoice is released: reminders go on where they stopped.")


@blueprint.post("/<int:invoice_id>/interest")
@requires(Permission.DUES_MANAGE)
def charge_interest(invoice_id: int) -> ResponseReturnValue:
    invoice = find(Invoice, id=invoice_id)
    made = actions.charge_interest(invoice)
    db.session.commit()
    return back_to(made, f"Invoice {made.number} charges {made.total} of interest.")


@blueprint.route("/<int:invoice_id>/plan", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def plan(invoice_id: int) -> ResponseReturnValue:
    invoice, form = find(Invoice, id=invoice_id), PlanForm(parts=3, first_on=today())
    if form.validate_on_submit() and (answer := tried(form, lambda: _plan(invoice, form))):
        return answer
    bill = queries.bill(invoice)
    return render_template("dues/staff_plan.html", form=form, invoice=invoice, bill=bill)


def _plan(invoice: Invoice, form: PlanForm) -> Response:
    owed = queries.balance(invoice)
    actions.agree_plan(invoice, instalments(owed, form.first_on.data, form.parts.data))
    db.session.commit()
    return back_to(invoice, f"{owed} is to be paid in {form.parts.data} parts.")


@blueprint.post("/<int:invoice_id>/end-plan")
@requires(Permission.DUES_MANAGE)
def end_plan(invoice_id: int) -> ResponseReturnValue:
    invoice = find(Invoice, id=invoice_id)
    actions.end_plan(invoice)
    db.session.commit()
    return back_to(invoice, "The plan is ended: the invoice's own due day counts again.")


@blueprint.route("/<int:invoice_id>/free/<int:payment_id>", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def free(invoice_id: int, payment_id: int) -> ResponseReturnValue:
    """A wrong match is undone, not edited."""
    invoice, payment = find(Invoice, id=invoice_id), find(Payment, id=payment_id)
    form = ReasonForm()
    if form.validate_on_submit() and (
        answer := tried(form, lambda: _free(invoice, payment, form))
    ):
        return answer
    parts = [part for one, part in queries.payments_of(invoice) if one.id == payment.id]
    if not parts and request.method == "GET":
        words = f"It pays nothing on {invoice.number}: the match is undone."
        return see_other(url_for("dues_staff.payment", payment_id=payment.id), words, "needs")
    return render_template(
        "dues/staff_free.html", form=form, invoice=invoice, payment=payment,
        part=parts[0] if parts else Money(0, invoice.currency), early_lost=early_on([invoice]),
        frees_line=len(queries.invoices_paid_by(payment)) == 1 and queries.match_of(payment),
    )  # fmt: skip


def _free(invoice: Invoice, payment: Payment, form: ReasonForm) -> Response:
    is_line_freed = actions.unmatch(payment, invoice, form.reason.data)
    db.session.commit()
    url = url_for("dues_staff.payment", payment_id=payment.id)
    line = " Its bank line is to do again." if is_line_freed else ""
    return see_other(
        url, f"It no longer pays {invoice.number}: the money is the payer's credit.{line}"
    )
