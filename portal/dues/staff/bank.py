"""Bank lines, for finance staff: what waits, what it may pay, and what became of it."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.merging import current_id
from portal.core.money import Money
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other, tried
from portal.dues import actions, queries
from portal.dues.bank_forms import BookForm, KeepForm
from portal.dues.matching import Ground, Proposal
from portal.dues.models import BankLine, Invoice, Payment
from portal.dues.queries.bank import AGES
from portal.dues.queries.bank_income import firms_named, incomes
from portal.dues.queries.funding import folded
from portal.dues.queries.outgoing import credit_like, last_explained, refunds_like
from portal.dues.queries.reversals import returnable, reversals_like
from portal.dues.queries.slips import carried_before, parts_of
from portal.dues.staff import blueprint
from portal.dues.staff.bank_acts import KNOWN, book_known
from portal.members.models import Organization

STATES = {
    "todo": "To be matched", "matched": "Matched", "aside": "Set aside",
    "left": "Money that left, to be explained",
}  # fmt: skip
AT_ONCE = 500  # lines that one press of the button books


@blueprint.get("/bank/")
@requires(Permission.DUES_READ)
def bank() -> str:
    state = request.args.get("state", "todo")
    state = state if state in STATES else "todo"
    text = request.args.get("q", "").strip()[:100]
    page = paginate(queries.bank_lines(state, text))
    waits = page.items if state in ("todo", "left") else []
    matches = queries.live_matches(line.id for line in page.items)
    return render_template(
        "dues/staff_bank.html", page=page, state=state, text=text, states=STATES,
        counts=queries.bank_counts(), proposals=queries.proposals(waits), ages=AGES,
        matches=matches, incomes=incomes(one.id for one in matches.values()), money=Money,
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


def _line_page(
    line: BankLine, form: BookForm | None = None, keep: KeepForm | None = None
) -> str:  # fmt: skip
    match = queries.live_matches([line.id]).get(line.id)
    parts = parts_of(match) if match else []
    payment = match.payment if match else queries.payment_of(line)
    left = queries.unallocated_of(payment) if payment else line.minor
    proposal = queries.proposals([line])[line.id]
    text = _text()
    firm_id = match.organization_id if match else queries.firm_of_holder(line)
    may_book = line.came_in and left > 0 and not (match and match.payment_id is None) and not parts
    invoices = _choices(line, proposal, text, firm_id) if may_book else []
    form = form or _filled(line, invoices, proposal if not match else None)
    return render_template(
        "dues/staff_bank_line.html", line=line, match=match, proposal=proposal, form=form,
        keep=keep or _keep_form(line), income=incomes([match.id]).get(match.id) if match else None,
        left=Money(max(left, 0), line.currency), may_book=may_book, text=text,
        paid=queries.invoices_paid_by(payment) if payment else [],
        undone=queries.undone_matches(line), by_hand=_by_hand(line, proposal) if may_book else [],
        slip=[one.payment for one in (match, *parts)] if match and parts else [],
        carried=_carried(line, proposal) if may_book and not match else [],
        **_left(line, proposal, is_open=match is None and not line.came_in),
        invoices={one.id: one for one in invoices}, payment=payment,
        owed=queries.balances(one.id for one in invoices), money=Money,
    )  # fmt: skip


def _text() -> str:
    return request.args.get("q", "").strip()[:100]


def _keep_form(line: BankLine) -> KeepForm:
    """Who may have sent a line, the likeliest first: whose money it is in the books already, who
    paid from this account before, a firm of this name, somebody outside.
    """
    payment = queries.payment_of(line)
    owner = current_id(Organization, payment.organization_id or 0) if payment else 0
    if first := owner or queries.firm_of_holder(line):
        found = {first: db.session.get_one(Organization, first).name}
    else:
        found = {}
    if owner:
        return KeepForm({str(number): name for number, name in found.items()})
    named = firms_named([line.counterparty], _text())
    found |= {n: name for n, name in named.items() if folded(name) == folded(line.counterparty)}
    found[0] = f"{line.counterparty or 'Somebody'}, no firm of the register"
    return KeepForm({str(number): name for number, name in (found | named).items()})


def _by_hand(line: BankLine, proposal: Proposal) -> list[Payment]:
    """What staff entered before and the line may be, what is proposed first."""
    if queries.payment_of(line):
        return []
    return sorted(queries.entered_like(line), key=lambda one: one.id != proposal.payment_id)


def _carried(line: BankLine, proposal: Proposal) -> list[Payment]:
    """Cheques that the line may be the sum of, those of the proposal first."""
    found = [] if queries.payment_of(line) else carried_before(line)
    return sorted(found, key=lambda one: one.id not in proposal.payment_ids) if found[1:] else []


def _left(line: BankLine, proposal: Proposal, *, is_open: bool) -> dict[str, object]:
    """For money that left: the refunds it may be, those nobody entered, and the last one."""
    if not is_open:
        return {"refunds": [], "reversals": [], "returnable": [], "credit": [], "last": None}
    refunds = refunds_like(line)
    return {
        "refunds": sorted(refunds, key=lambda one: one.id != proposal.refund_id),
        "reversals": reversals_like(line), "returnable": returnable(line),
        "credit": [] if refunds else credit_like(line), "last": last_explained(line),
    }  # fmt: skip


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
    if request.form.keys() & KNOWN:
        return book_known(line)
    if "keep" in request.form:
        return _keep(line)
    form = BookForm(line.currency)
    if form.validate_on_submit() and (answer := tried(form, lambda: _book(line, form))):
        return answer
    return _line_page(line, form)


def _book(line: BankLine, form: BookForm) -> ResponseReturnValue:
    chosen = form.minor
    shares = [(find(Invoice, id=one), minor) for one, minor in chosen.items()]
    if not shares:
        raise Refused("Enter an amount for one invoice at least, or book it without an invoice.")
    match = queries.live_matches([line.id]).get(line.id)
    if match:
        actions.place_rest(match, shares)
    else:
        proposal = queries.proposals([line])[line.id]
        is_as_said = dict(proposal.shares) == chosen
        ground = (is_as_said and proposal.ground) or Ground.HAND
        why = proposal.why if is_as_said else "Chosen by hand."
        actions.book(line, shares, ground, why, current_user)
    db.session.commit()
    return see_other(url_for(".bank_line", line_id=line.id), f"{line.money} is booked.")


def _keep(line: BankLine) -> ResponseReturnValue:
    form = _keep_form(line)
    if form.validate_on_submit() and (answer := tried(form, lambda: _kept(line, form))):
        return answer
    return _line_page(line, keep=form)


def _kept(line: BankLine, form: KeepForm) -> ResponseReturnValue:
    """Without an invoice: as credit of who sent it, or as income."""
    sender, income = int(form.sender.data), form.category
    if income:
        actions.book_income(line, income, sender, current_user)
    else:
        known = None if queries.payment_of(line) else sender
        actions.book(line, [], Ground.HAND, "Chosen by hand.", current_user, sender=known)
    db.session.commit()
    what = f"booked as {income.words.lower()}" if income else "booked"
    return see_other(url_for(".bank_line", line_id=line.id), f"{line.money} is {what}.")
