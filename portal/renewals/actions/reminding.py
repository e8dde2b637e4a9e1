"""Reminding of what is unpaid: the latest step that has come, once, and nobody who is done."""

import re
from datetime import date

from portal.association.queries import day_of, today
from portal.core import audit
from portal.core.ahead import each
from portal.core.db import db
from portal.core.links import link
from portal.core.merging import current_id
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import Invoice
from portal.dues.queries import Bill
from portal.dues.queries.attempts import failed_pages
from portal.dues.queries.late import interest_to_date
from portal.dues.queries.payers import payer_addresses
from portal.dues.queries.reopened import reopened_on
from portal.members.endings import Laying, lay, lift
from portal.members.models import Organization, OverlayKind
from portal.members.overlays import overlays_of
from portal.renewals import queries
from portal.renewals.actions.billing import tell
from portal.renewals.ladders import Ladder, Ladders, Step, latest_step


def remind(invoice: Invoice) -> list[Step]:
    """Send what today's ladders say is due. Whoever moves money on the invoice waits for us."""
    dues.hold(invoice)
    bill = dues_queries.bill(invoice)
    if not bill.balance:
        return []
    ladders = each(queries.ladders_on, today())
    ladder, step = _of_invoice(bill, ladders)
    steps = {ladder: step}
    failed_on = card_failed_on(invoice)
    if failed_on:
        steps[Ladder.CARD.value] = latest_step(ladders.of(Ladder.CARD), failed_on, today())
    return [step for name, step in steps.items() if step and _send(bill, name, step)]


def _of_invoice(bill: Bill, ladders: Ladders) -> tuple[str, Step | None]:
    """The ladder and its step; what was paid and is owed again begins it anew."""
    went_on = reopened_on([bill.invoice.id]).get(bill.invoice.id)
    if went_on and went_on > bill.due_on:
        return f"invoice:{went_on}", latest_step(ladders.of(Ladder.AGAIN), went_on, today())
    steps = ladders.of(Ladder.INVOICE)
    return "invoice", latest_step(steps, bill.due_on, today(), bill.invoice.issued_on)


def card_failed_on(invoice: Invoice) -> date | None:
    """The day of the last try by card, where it failed on a page; None when another is open."""
    made_at = failed_pages([invoice.id]).get(invoice.id)
    return day_of(made_at) if made_at else None


def _send(bill: Bill, ladder: str, step: Step) -> bool:
    invoice, firm = bill.invoice, bill.invoice.organization
    if firm is None:
        return False
    of_part = "" if bill.due_on == invoice.due_on else f":{bill.due_on}"  # of a plan
    key = f"dunning:{invoice.id}:{ladder}:{step.code}{of_part}"
    url = link("dues.pay_link", token=dues.pay_link(invoice).token)
    template = "renewals/card_failed" if ladder == Ladder.CARD else "renewals/reminder"
    sent = tell(
        key, template, firm, f"invoice:{invoice.id}", payer_addresses(invoice),
        invoice=invoice, step=step, url=url, bill=bill, interest=interest_to_date(bill),
    )  # fmt: skip
    if sent:
        audit.record("invoice.reminded", invoice, ladder=ladder, step=step.code)
    return sent


def stop_reminding(invoice: Invoice, laying: Laying) -> None:
    """A hold, a pause or an excuse on an invoice. Raises `Refused` for anything else."""
    dues.hold(invoice)
    if laying.kind is OverlayKind.SUSPENSION or not dues_queries.balance(invoice):
        raise Refused("Only what is unpaid can be held, paused or excused.")
    lay("invoice", invoice.id, laying)
    db.session.flush()


def lift_for(invoice: Invoice, **_how: object) -> None:
    """A suspension for arrears ends when every invoice that its reason names claims nothing."""
    if invoice.organization_id is None:
        return
    firm_id = current_id(Organization, invoice.organization_id)
    held = [one.id for one in queries.memberships_of([firm_id])]
    unpaid = set(db.session.scalars(queries.unpaid_numbers(firm_id)))
    for overlay in overlays_of("membership", held):
        named = set(re.findall(r"[\w-]+", overlay.reason))
        is_for_this = overlay.kind is OverlayKind.SUSPENSION and invoice.number in named
        if is_for_this and not named & unpaid:
            lift(overlay, f"Invoice {invoice.number} is settled")
