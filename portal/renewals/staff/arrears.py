"""Unpaid dues that wait for one of us: what the ladder asks, and what stops it."""

from dataclasses import dataclass
from datetime import date

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.merging import winners
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.dues import queries as dues
from portal.dues.models import Invoice
from portal.dues.queries import Bill
from portal.dues.queries.reopened import reopened_on
from portal.members.endings import Laying
from portal.members.models import Organization, Overlay, OverlayKind
from portal.members.overlays import overlays_of
from portal.renewals import actions, queries
from portal.renewals.forms import StopForm
from portal.renewals.ladders import Case, Ladder, Stage, Step, latest_step, reached, stage
from portal.renewals.staff import blueprint

STAGE_WORDS = {
    Stage.NONE: ("", "Due"), Stage.REMINDED: ("needs", "Reminded"),
    Stage.ESCALATED: ("needs", "Escalated"), Stage.PROPOSED: ("loss", "Suspension proposed"),
    Stage.SUSPENDED: ("loss", "Suspended"), Stage.PAUSED: ("", "Paused"),
    Stage.DROPPED: ("", "Dropped"), Stage.CLEARED: ("ok", "Cleared"),
}  # fmt: skip


@dataclass(frozen=True)
class Late:
    """An overdue invoice with where its ladder stands."""

    bill: Bill
    stage: Stage
    step: Step | None
    stopped: Overlay | None
    body: str = ""  # that is to decide by the access table

    @property
    def task(self) -> str:
        """What one of us has to do; nothing while it is stopped, or when a body decided."""
        is_settled = self.stopped or self.stage is Stage.SUSPENDED
        if is_settled:
            return ""
        own = self.step.task if self.step else ""
        return own or (f"Put a suspension to the {self.body}" if self.body else "")

    @property
    def state(self) -> tuple[str, str]:
        return STAGE_WORDS[self.stage]


@blueprint.get("/arrears")
@requires(Permission.DUES_READ)
def arrears() -> str:
    day = today()
    page = paginate(queries.in_arrears(day))
    return render_template("renewals/staff_arrears.html", page=page, rows=_late(page.items, day))


def _late(invoices: list[Invoice], day: date) -> list[Late]:
    over: dict[int, Overlay] = {}
    for one in overlays_of("invoice", [invoice.id for invoice in invoices]):
        if one.holds_on(day):
            over.setdefault(one.subject_id, one)
    merged = winners(Organization)
    payer = {one.id: merged.get(one.organization_id or 0, one.organization_id) for one in invoices}
    shut = queries.suspended_firms({firm_id or 0 for firm_id in payer.values()}, day)
    found, went = [], reopened_on(payer)
    steps = queries.ladders_on([day])[day].of(Ladder.INVOICE)
    bodies = queries.proposed(day, payer)
    for bill in dues.bills(invoices):
        since = max(bill.due_on, went.get(bill.invoice.id, bill.due_on))
        lies = over.get(bill.invoice.id)
        body = bodies.get(bill.invoice.id, "")
        case = Case(
            bill.balance.minor, Stage.PROPOSED if body else reached(steps, since, day),
            is_paused=lies is not None and lies.kind is not OverlayKind.EXCUSE,
            is_suspended=payer[bill.invoice.id] in shut,
            is_excused=lies is not None and lies.kind is OverlayKind.EXCUSE,
        )  # fmt: skip
        found.append(Late(bill, stage(case), latest_step(steps, since, day), lies, body))
    return found


@blueprint.route("/arrears/<int:invoice_id>/stop", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def stop(invoice_id: int) -> ResponseReturnValue:
    """A dispute, a promise, a plan, or a body's no: the ladder waits until a day."""
    invoice = find(Invoice, id=invoice_id)
    form, back = StopForm(), url_for(".arrears")
    if form.validate_on_submit():
        laying = Laying(
            OverlayKind(form.kind.data), form.reason.data, today(), form.until_on.data,
            by=current_user._get_current_object(),
        )  # fmt: skip
        try:
            actions.stop_reminding(invoice, laying)
        except Refused as why:
            db.session.rollback()
            form.form_errors.append(str(why))
        else:
            db.session.commit()
            return see_other(back, f"Nobody is reminded of invoice {invoice.number} until then.")
    return render_template("renewals/staff_stop.html", form=form, invoice=invoice, back=back)
