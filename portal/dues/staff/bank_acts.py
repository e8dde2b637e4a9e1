"""What becomes of a bank line beside paying invoices: known, explained, set aside, undone."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.web import find, paginate, row_number, see_other
from portal.dues import actions, queries
from portal.dues.bank_forms import ExplainForm, ReasonForm
from portal.dues.matching import Ground, Proposal
from portal.dues.models import BankLine, BankMatch, Payment, Payout, Purpose, Refund, Reversal
from portal.dues.queries.bank_income import incomes
from portal.dues.queries.early import early_on
from portal.dues.queries.outgoing import last_explained, refunds_without_line
from portal.dues.queries.slips import parts_of
from portal.dues.staff import blueprint

KNOWN = {"payout", "payment", "slip", "refund", "reversal"}


def book_known(line: BankLine) -> ResponseReturnValue:
    """A proposed payout, or what staff entered by hand: nothing is booked again."""
    proposal = queries.proposals([line])[line.id]
    url = url_for("dues_staff.bank_line", line_id=line.id)
    if "payment" in request.form:
        payment = find(Payment, id=row_number("payment"))
        said = _said(proposal, is_proposed=proposal.payment_id == payment.id)
        actions.book_payment(line, payment, *said, current_user)
    elif "slip" in request.form:
        numbers = dict.fromkeys(request.form.getlist("slip", type=int))
        cheques = [find(Payment, id=one) for one in numbers]
        is_proposed = set(proposal.payment_ids) == set(numbers)
        actions.book_slip(line, cheques, *_said(proposal, is_proposed=is_proposed), current_user)
    elif "refund" in request.form:
        refund = find(Refund, id=row_number("refund"))
        said = _said(proposal, is_proposed=proposal.refund_id == refund.id)
        actions.book_refund(line, refund, *said, current_user)
    elif "reversal" in request.form:
        reversal = find(Reversal, id=row_number("reversal"))
        actions.book_reversal(line, reversal, current_user)
    elif proposal.ground and str(proposal.payout_id) == request.form["payout"]:
        payout = db.session.get_one(Payout, proposal.payout_id)
        actions.book_payout(line, payout, proposal.ground, proposal.why, current_user)
    else:
        return see_other(url, "This payout is not proposed any more: look again.", "needs")
    db.session.commit()
    (kind,) = request.form.keys() & KNOWN
    return see_other(url, f"{line.money} is matched with its {kind}: nothing is booked twice.")


def _said(proposal: Proposal, *, is_proposed: bool) -> tuple[Ground, str]:
    if proposal.ground and is_proposed:
        return proposal.ground, proposal.why
    return Ground.HAND, "Chosen by hand."


@blueprint.route("/bank/lines/<int:line_id>/aside", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def bank_aside(line_id: int) -> ResponseReturnValue:
    line, form = find(BankLine, id=line_id), ReasonForm()
    if form.validate_on_submit():
        actions.set_aside(line, form.reason.data, current_user)
        db.session.commit()
        return see_other(url_for(".bank"), f"{line.money} is set aside.")
    return render_template("dues/staff_bank_aside.html", line=line, form=form)


@blueprint.route("/bank/lines/<int:line_id>/explain", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def bank_explain(line_id: int) -> ResponseReturnValue:
    """What money was for that left; the last line to the same account says what it may be."""
    line = find(BankLine, id=line_id)
    last = last_explained(line)
    filled = {"payee": last.payee if last else line.counterparty}
    if last and last.purpose:
        filled |= {"purpose": last.purpose.value, "reason": last.why}
    form = ExplainForm(data=filled)
    if form.validate_on_submit():
        purpose = Purpose(form.purpose.data)
        said = actions.Explained(purpose, form.payee.data, form.reason.data)
        match = actions.explain(line, said, current_user)
        db.session.commit()
        what = "booked as a fee" if match.is_fee else "set aside"
        return see_other(url_for(".bank", state="left"), f"{line.money} is {what}.")
    return render_template("dues/staff_bank_explain.html", line=line, form=form, last=last)


@blueprint.get("/bank/by-hand")
@requires(Permission.DUES_READ)
def bank_by_hand() -> str:
    """What staff entered and no statement showed yet, the oldest first."""
    return render_template(
        "dues/staff_by_hand.html", page=paginate(queries.payments_without_line()),
        refunds=db.session.scalars(refunds_without_line().limit(100)).all(),
    )  # fmt: skip


@blueprint.route("/bank/lines/<int:line_id>/undo", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def bank_undo(line_id: int) -> ResponseReturnValue:
    line, form = find(BankLine, id=line_id), ReasonForm()
    match = find(BankMatch, line_id=line_id, undone_at=None, part_of_id=None)
    if form.validate_on_submit():
        actions.undo(match, form.reason.data)
        db.session.commit()
        words = "It is undone: the line is to be matched again."
        return see_other(url_for(".bank_line", line_id=line.id), words)
    paid = queries.invoices_paid_by(match.payment) if match.payment else []
    return render_template(
        "dues/staff_bank_undo.html", line=line, form=form, match=match, paid=paid,
        income=incomes([match.id]).get(match.id),
        parts=parts_of(match), early_lost=early_on(one for one, _ in paid),
    )  # fmt: skip
