"""Payments that were no money, or whose money went back: staff take them out of the books."""

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.web import find, row_number, see_other, tried
from portal.dues import actions, queries
from portal.dues.models import ApprovalKind, BankLine, Payment, ReversalKind
from portal.dues.money_forms import ReverseForm
from portal.dues.queries.approvals import limit
from portal.dues.queries.early import early_on
from portal.dues.staff import blueprint
from portal.dues.staff.approvals import waits


@blueprint.route("/payments/<int:payment_id>/reverse", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def reverse(payment_id: int) -> ResponseReturnValue:
    """From the page of the payment, or of the bank line by which it went back."""
    payment, line = find(Payment, id=payment_id), _line()
    form = ReverseForm(
        kind=ReversalKind.RETURNED.value if line else ReversalKind.TWICE.value,
        on=line.booked_on if line else today(),
    )  # fmt: skip
    if form.validate_on_submit() and (answer := tried(form, lambda: _reverse(payment, form))):
        return answer
    pays = queries.invoices_paid_by(payment)
    return render_template(
        "dues/staff_reverse.html", form=form, payment=payment, limit=limit(), back=line, pays=pays,
        line=queries.bank_line_of(payment), early_lost=early_on(one for one, _ in pays),
    )  # fmt: skip


def _line() -> BankLine | None:
    return find(BankLine, id=row_number("line")) if request.args.get("line") else None


def _reverse(payment: Payment, form: ReverseForm) -> Response:
    kind, line = ReversalKind(form.kind.data), _line()
    took = line if kind.was_there else None
    how = actions.Reversing(kind, form.reason.data, form.on.data, took, current_user)
    url = url_for("dues_staff.payment", payment_id=payment.id)
    if actions.is_for_two(ApprovalKind.REVERSAL, payment, payment.money):
        return _propose(payment, how)
    actions.reverse(payment, how)
    db.session.commit()
    return see_other(url, f"{payment.money} is reversed: what it paid is owed again.")


def _propose(payment: Payment, how: actions.Reversing) -> Response:
    actions.refuse_reversal(payment, how)
    facts = {
        "reason": how.reason, "kind": how.kind.value, "on": how.on.isoformat(),
        "line": how.line.id if how.line else None,
    }  # fmt: skip
    made = actions.propose(ApprovalKind.REVERSAL, payment, payment.money, facts, current_user)
    db.session.commit()
    return waits(made)
