"""What one of finance proposed above the limit, for another to approve or refuse."""

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts.models import Person
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.merging import current_id
from portal.core.money import Money
from portal.core.web import find, paginate, see_other
from portal.dues import actions, queries
from portal.dues.models import Approval, ApprovalKind, ApprovalStatus, ReversalKind
from portal.dues.money_forms import BODIES, WAYS_BACK, ReasonForm
from portal.dues.queries.approvals import approvals as all_approvals
from portal.dues.queries.approvals import limit
from portal.dues.staff import blueprint

STATES = {"waiting": "Waiting", "decided": "Decided"}


def waits(made: Approval) -> Response:
    """Where who proposed is led, told that nothing is booked yet."""
    words = f"{made.kind.words} of {made.money} is proposed: a colleague has to approve it."
    return see_other(url_for("dues_staff.approval", approval_id=made.id), words)


@blueprint.get("/approvals/")
@requires(Permission.DUES_READ)
def approvals() -> str:
    state = request.args.get("state", "waiting")
    state = state if state in STATES else "waiting"
    return render_template(
        "dues/staff_approvals.html", page=paginate(all_approvals(state)), state=state,
        states=STATES, limit=limit(),
    )  # fmt: skip


@blueprint.get("/approvals/<int:approval_id>")
@requires(Permission.DUES_READ)
def approval(approval_id: int) -> str:
    return _page(find(Approval, id=approval_id), ReasonForm())


def _page(found: Approval, form: ReasonForm) -> str:
    lines = found.facts.get("lines", {})
    shares = [
        (line, lines[str(line.id)]) for line in (found.invoice.lines if found.invoice else ())
        if lines.get(str(line.id))
    ]  # fmt: skip
    return render_template(
        "dues/staff_approval.html", approval=found, form=form, shares=shares,
        way=WAYS_BACK.get(found.facts.get("method", "")),
        kind=_kind(found), body=BODIES.get(found.facts.get("body", "")),
        is_mine=current_id(Person, found.proposed_by_id) == current_user.id,
        waits=found.status is ApprovalStatus.PROPOSED, money=Money,
        owed=queries.balance(found.invoice) if found.invoice else None,
    )  # fmt: skip


def _kind(found: Approval) -> str | None:
    """Of a reversal: what happened."""
    is_reversal = found.kind is ApprovalKind.REVERSAL
    return ReversalKind(found.facts["kind"]).words if is_reversal else None


@blueprint.post("/approvals/<int:approval_id>/approve")
@requires(Permission.DUES_MANAGE)
def approval_approve(approval_id: int) -> ResponseReturnValue:
    found = find(Approval, id=approval_id)
    actions.approve(found, current_user)
    db.session.commit()
    words = f"{found.kind.words} of {found.money} is approved and booked."
    return see_other(url_for(".approval", approval_id=found.id), words)


@blueprint.post("/approvals/<int:approval_id>/refuse")
@requires(Permission.DUES_MANAGE)
def approval_refuse(approval_id: int) -> ResponseReturnValue:
    found, form = find(Approval, id=approval_id), ReasonForm()
    if not form.validate_on_submit():
        return _page(found, form)
    actions.refuse(found, form.reason.data, current_user)
    db.session.commit()
    return see_other(url_for(".approvals"), f"{found.kind.words} of {found.money} is refused.")


@blueprint.post("/approvals/<int:approval_id>/withdraw")
@requires(Permission.DUES_MANAGE)
def approval_withdraw(approval_id: int) -> ResponseReturnValue:
    found = find(Approval, id=approval_id)
    actions.withdraw(found, current_user)
    db.session.commit()
    return see_other(url_for(".approvals"), f"{found.kind.words} of {found.money} is withdrawn.")
