"""Bank lines, for finance staff: what waits, what it may pay, and what became of it."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.dues import actions, queries
from portal.dues.bank_forms import BookForm, ReasonForm
from portal.dues.matching import Ground, Proposal
from portal.dues.models import BankLine, BankMatch, Invoice, Payout
from portal.dues.queries.bank import AGES
from portal.dues.staff import blueprint

STATES = {
    "todo": "To be matched", "matched": "Matched", "aside": "Set aside", "left": "Money that left",
}  # fmt: skip
AT_ONCE = 500  # lines that one press of the button books


@blueprint.get("/bank/")
@requires(Permission.DUES_READ)
def bank() -> str:
    state = request.args.get("state", "todo")
    state = state if state in STATES else "todo"
    text = request.args.get("q", "").strip()[:100]
    page = paginate(queries.bank_lines(state, text))
    waits = page.items if state == "todo" else []
    return render_template(
        "dues/staff_bank.html", page=page, state=state, text=text, states=STATES,
        counts=queries.bank_counts(), proposals=queries.proposals(waits), ages=AGES,
        matches=queries.live_matches(line.id for line in page.items), money=Money,
        suspense=queries.suspense(today()) if state == "todo" else [],
    )  # fmt: skip


@blueprint.post("/bank/certain")
@requires(Permission.DUES_MANAGE)
def bank_certain() -> ResponseReturnValue:
    lines = db.session.scalars(queries.bank_lines("todo").limit(AT_ONCE)).all()
    booked = actions.book_certain(lines, current_user)
    db.session.commit()
    words = f"{booked} {'line is' if booked == 1 else 'lines are'} booked."
    return see_other(url_for(".bank"), words if booked else "No line is certain now.")


@blueprint.get("/bank/lines/<int:line_id>")
@requires(Permission.DUES_READ)
def bank_line(line_id: int) -> str:
    return _line_page(find(BankLine, id=line_id))


def _line_page(line: BankLine, form: BookForm | None = None) -> str:
    match = queries.live_matches([line.id]).get(line.id)
    payment = queries.payment_of(line)
    left = queries.unallocated_of(payment) if payment else line.minor
    proposal = queries.proposals([line])[line.id]
    text = request.args.get("q", "").strip()[:100]
    firm_id = match.organization_id if match else queries.firm_of_holder(line)
    may_book = line.came_in and left > 0 and not (match and match.payment_id is None)
    invoices = _choices(line, proposal, text, firm_id) if may_book else []
    form = form or _filled(line, invoices, proposal if not match else None)
    return render_template(
        "dues/staff_bank_line.html", line=line, match=match, proposal=proposal, form=form,
        left=Money(max(left, 0), line.currency), may_book=may_book, text=text,
        paid=queries.invoices_paid_by(payment) if payment else [],
        undone=queries.undone_matches(line),
        invoices={one.id: one for one in invoices}, payment=payment,
        owed=queries.balances(one.id for one in invoices), money=Money,
    )  # fmt: skip


def _choices(
    line: BankLine, proposal: Proposal, text: str, firm_id: int | None
) -> list[Invoice]:  # fmt: skip
    """The invoices of the proposal, of the form that was sent, and those that a text finds."""
    sent = [
        int(value) for name, value in request.form.items()
        if name.endswith("-invoice_id") and value.isdecimal() and len(value) < 10
    ]  # fmt: skip
    wanted = [*sent, *(invoice_id for invoice_id, _ in proposal.shares)]
    found = [db.session.get(Invoice, invoice_id) for invoice_id in wanted[:50]]
    found += queries.open_invoices(line, text, firm_id)
    return list({one.id: one for one in found if one and one.currency == line.currency}.values())


def _filled(line: BankLine, invoices: list[Invoice], proposal: Proposal | None) -> BookForm:
    shares = dict(proposal.shares) if proposal else {}
    rows = [
        {
            "invoice_id": one.id,
            "amount": Money(shares[one.id], line.currency).figures if one.id in shares else "",
        }
        for one in invoices
    ]
    return BookForm(line.currency, formdata=None, data={"shares": rows})


@blueprint.post("/bank/lines/<int:line_id>/book")
@requires(Permission.DUES_MANAGE)
def bank_book(line_id: int) -> ResponseReturnValue:
    line = find(BankLine, id=line_id)
    if "payout" in request.form:
        return _book_payout(line)
    form = BookForm(line.currency)
    if form.validate_on_submit():
        try:
            return _book(line, form)
        except Refused as refused:
            db.session.rollback()
            form.form_errors.append(str(refused))
    return _line_page(line, form)


def _book_payout(line: BankLine) -> ResponseReturnValue:
    """The payout that is proposed, unless that is another one by now."""
    proposal = queries.proposals([line])[line.id]
    url = url_for(".bank_line", line_id=line.id)
    if not proposal.ground or str(proposal.payout_id) != request.form["payout"]:
        return see_other(url, "This payout is not proposed any more: look again.", "needs")
    payout = db.session.get_one(Payout, proposal.payout_id)
    actions.book_payout(line, payout, proposal.ground, proposal.why, current_user)
    db.session.commit()
    return see_other(url, f"{line.money} is matched with its payout.")


def _book(line: BankLine, form: BookForm) -> ResponseReturnValue:
    keeps = "keep" in request.form
    chosen = {} if keeps else form.minor
    shares = [(find(Invoice, id=one), minor) for one, minor in chosen.items()]
    if not shares and not keeps:
        raise Refused("Enter an amount for one invoice at least, or keep it as credit.")
    match = queries.live_matches([line.id]).get(line.id)
    if match:
        actions.place_rest(match, shares)
    else:
        proposal = queries.proposals([line])[line.id]
        is_as_said = bool(shares) and dict(proposal.shares) == chosen
        ground = (is_as_said and proposal.ground) or Ground.HAND
        why = proposal.why if is_as_said else "Chosen by hand."
        actions.book(line, shares, ground, why, current_user)
    db.session.commit()
    return see_other(url_for(".bank_line", line_id=line.id), f"{line.money} is booked.")


@blueprint.route("/bank/lines/<int:line_id>/aside", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def bank_aside(line_id: int) -> ResponseReturnValue:
    line, form = find(BankLine, id=line_id), ReasonForm()
    if form.validate_on_submit():
        actions.set_aside(line, form.reason.data, current_user)
        db.session.commit()
        state = "todo" if line.came_in else "left"
        return see_other(url_for(".bank", state=state), f"{line.money} is set aside.")
    return render_template("dues/staff_bank_aside.html", line=line, form=form)


@blueprint.route("/bank/lines/<int:line_id>/undo", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def bank_undo(line_id: int) -> ResponseReturnValue:
    line, form = find(BankLine, id=line_id), ReasonForm()
    match = find(BankMatch, line_id=line_id, undone_at=None)
    if form.validate_on_submit():
        actions.undo(match, form.reason.data)
        db.session.commit()
        words = "It is undone: the line is to be matched again."
        return see_other(url_for(".bank_line", line_id=line.id), words)
    paid = queries.invoices_paid_by(match.payment) if match.payment else []
    return render_template(
        "dues/staff_bank_undo.html", line=line, form=form, match=match, paid=paid
    )
