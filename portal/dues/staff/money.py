"""Payers' credit, one payment with all that became of it, refunds and disputes."""

from datetime import date

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.core.web import day_asked, find, paginate, see_other, tried
from portal.dues import actions, queries
from portal.dues.models import (
    ApprovalKind,
    Payment,
    PaymentMethod,
    Refund,
    RefundStatus,
)
from portal.dues.money_forms import AllocateForm, RefundForm
from portal.dues.queries.approvals import limit, waiting_of
from portal.dues.queries.bank import match_of
from portal.dues.queries.bank_income import incomes
from portal.dues.queries.outgoing import lines_of_refunds
from portal.dues.queries.reversals import line_that_took, reversal_of
from portal.dues.staff import blueprint
from portal.dues.staff.approvals import waits
from portal.members.terms import add_months

OLD = 24  # months after which payers are asked what is to become of their credit
STATUSES = {
    RefundStatus.REQUESTED: "Asked for", RefundStatus.PENDING: "On its way",
    RefundStatus.SUCCEEDED: "Sent back", RefundStatus.FAILED: "Failed",
    RefundStatus.CANCELLED: "Called off",
}  # fmt: skip


def old_before() -> date:
    return add_months(today(), -OLD)


def payment_url(payment: Payment) -> str:
    return url_for("dues_staff.payment", payment_id=payment.id)


@blueprint.get("/unallocated")
@requires(Permission.DUES_READ)
def unallocated() -> str:
    """The oldest first, whatever is more than two years old marked."""
    return render_template(
        "dues/staff_unallocated.html", rows=queries.left(queries.unallocated().limit(500)),
        old=old_before(), months=OLD,
    )  # fmt: skip


@blueprint.get("/payments/<int:payment_id>")
@requires(Permission.DUES_READ)
def payment(payment_id: int) -> str:
    found = find(Payment, id=payment_id)
    refunds, reversal = queries.refunds_of(found), reversal_of(found)
    match = match_of(found)
    took = line_that_took([reversal.id] if reversal else [])
    return render_template(
        "dues/staff_payment.html", payment=found, left=_left(found), names=STATUSES,
        pays=queries.invoices_paid_by(found), refunds=refunds,
        waiting=waiting_of(found), sent_lines=lines_of_refunds(one.id for one in refunds),
        disputes=queries.disputes_of(found), is_disputed=queries.is_disputed(found),
        line=queries.bank_line_of(found), fee=queries.fee_of(found),
        reversal=reversal, back=next(iter(took.values()), None),
        income=incomes([match.id]).get(match.id) if match else None,
    )  # fmt: skip


def _left(found: Payment) -> Money:
    return Money(queries.unallocated_of(found), found.currency)


@blueprint.route("/payments/<int:payment_id>/refund", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def refund(payment_id: int) -> ResponseReturnValue:
    found = find(Payment, id=payment_id)
    left, seen = _left(found), str(queries.postings_of(found))
    way = PaymentMethod.CARD if found.may_go_back_to_card else PaymentMethod.BANK
    form = RefundForm(
        found.currency, amount=request.args.get("amount", left.figures), method=way.value,
        seen=seen, sent_on=day_asked("sent_on"),  # the day of the bank line they came from
    )  # fmt: skip
    if form.validate_on_submit() and (answer := tried(form, lambda: _refund(found, form))):
        return answer
    form.seen.data = seen
    return render_template(
        "dues/staff_refund.html", form=form, payment=found, left=left, limit=limit()
    )


def _refund(found: Payment, form: RefundForm) -> Response:
    """Send back what the form says, unless money moved on the payment since it was opened."""
    actions.lock_payment(found)
    if form.seen.data != str(queries.postings_of(found)):
        raise Refused(
            f"Money of this payment moved since you opened this page: {_left(found)} is left of "
            "it now. Send the form again if this is another refund."
        )
    method = PaymentMethod(form.method.data)
    if actions.is_for_two(ApprovalKind.REFUND, found, form.money):
        return _propose(found, form, method)
    sending = actions.Sending(form.reason.data, method, form.sent_on.data)
    made = actions.request_refund(found, form.money, sending)
    is_done = made.status is RefundStatus.SUCCEEDED
    db.session.commit()
    words = "is booked as sent back" if is_done else "is on its way back to the card"
    return see_other(payment_url(found), f"{form.money} {words}.")


def _propose(found: Payment, form: RefundForm, method: PaymentMethod) -> Response:
    actions.refuse_refund(found, form.money, method)
    sent_on = form.sent_on.data
    facts = {
        "reason": form.reason.data, "method": method.value,
        "sent_on": sent_on and sent_on.isoformat(),
    }  # fmt: skip
    made = actions.propose(ApprovalKind.REFUND, found, form.money, facts, current_user)
    db.session.commit()
    return waits(made)


@blueprint.route("/payments/<int:payment_id>/allocate", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def allocate(payment_id: int) -> ResponseReturnValue:
    """Let what is left of a payment pay an invoice, of its payer or of another."""
    found = find(Payment, id=payment_id)
    left = _left(found)
    form = AllocateForm(found.currency, amount=left.figures, number=request.args.get("number", ""))
    if form.validate_on_submit() and (answer := tried(form, lambda: _allocate(found, form))):
        return answer
    return render_template("dues/staff_allocate.html", form=form, payment=found, left=left)


def _allocate(found: Payment, form: AllocateForm) -> Response:
    invoice = queries.invoice_named(form.number.data or "")
    if invoice is None:
        raise Refused("No invoice has that number or reference.")
    actions.allocate(found, invoice, form.money)
    db.session.commit()
    url = url_for("dues_staff.show", invoice_id=invoice.id)
    return see_other(url, f"{form.money} of the payment now pays this invoice.")


@blueprint.get("/refunds")
@requires(Permission.DUES_READ)
def refunds() -> str:
    status = request.args.get("status", "")
    return render_template(
        "dues/staff_refunds.html", page=paginate(queries.refunds(status)), status=status,
        odd=db.session.scalars(queries.refunds_to_look_at()).all(), names=STATUSES,
    )  # fmt: skip


@blueprint.post("/refunds/<int:refund_id>/cancel")
@requires(Permission.DUES_MANAGE)
def cancel_refund(refund_id: int) -> ResponseReturnValue:
    found = find(Refund, id=refund_id)
    actions.cancel_refund(found)
    db.session.commit()
    return see_other(payment_url(found.payment), f"The refund of {found.money} is called off.")


@blueprint.post("/refunds/<int:refund_id>/seen")
@requires(Permission.DUES_MANAGE)
def refund_seen(refund_id: int) -> ResponseReturnValue:
    actions.note_seen(find(Refund, id=refund_id))
    db.session.commit()
    return see_other(url_for("dues_staff.refunds"), "Noted as seen.")


@blueprint.get("/disputes")
@requires(Permission.DUES_READ)
def disputes() -> str:
    return render_template("dues/staff_disputes.html", page=paginate(queries.disputes()))
