"""What becomes of a claim that is not simply paid: given up, held, paid over time, by credit."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import ledger
from portal.dues.actions.payments import allocate, close_other_pages, lock
from portal.dues.models import Instalment, Invoice, WriteOff
from portal.dues.queries import balance, hold_of, left_for
from portal.members.models import Decision, Overlay, OverlayKind

NOTHING_OWED = "Nothing is owed on this invoice any more."


def write_off(invoice: Invoice, decision: Decision) -> WriteOff:
    """Give up what is owed, by a decision. Money that comes later revives the claim.

    The caller commits. Raises `Refused` when nothing is owed.
    """
    invoice = lock(invoice.id)
    owed = balance(invoice)
    if owed.minor <= 0:
        raise Refused(NOTHING_OWED)
    made = WriteOff(
        invoice=invoice, amount_minor=owed.minor, decision=decision, made_at=clock.now()
    )
    db.session.add(made)
    db.session.flush()
    ledger.post_write_off(made, today())
    audit.record("invoice.written_off", invoice, amount=str(owed), decision=decision.title)
    close_other_pages(invoice)
    return made


def put_on_hold(
    invoice: Invoice, reason: str, until_on: date | None = None, by: Person | None = None
) -> Overlay:
    """Remind nobody of it until a day, or until it is released; its due day stays.

    The caller commits. Raises `Refused` when it is held already, or until a day that is over.
    """
    invoice = lock(invoice.id)
    if hold_of(invoice, today()):
        raise Refused("This invoice is on hold already.")
    if until_on and until_on < today():
        raise Refused("Choose a day that is still to come.")
    made = Overlay(
        subject_kind="invoice", subject_id=invoice.id, kind=OverlayKind.HOLD, from_on=today(),
        until_on=until_on, reason=reason, made_at=clock.now(), made_by=by.id if by else None,
    )  # fmt: skip
    db.session.add(made)
    audit.record("invoice.held", invoice, reason=reason, until=until_on)
    return made


def release_hold(invoice: Invoice) -> None:
    """The caller commits. Raises `Refused` when it is not on hold."""
    found = hold_of(lock(invoice.id), today())
    if found is None:
        raise Refused("This invoice is not on hold.")
    found.lifted_at = clock.now()
    audit.record("invoice.released", invoice)


def agree_plan(invoice: Invoice, parts: Sequence[tuple[date, Money]]) -> None:
    """Have what is owed paid in parts; late is then only what the plan says. Replaces a plan.

    The caller commits. Raises `Refused` unless there are two parts or more of all that is owed.
    """
    invoice = lock(invoice.id)
    owed = balance(invoice)
    if owed.minor <= 0:
        raise Refused(NOTHING_OWED)
    is_whole = sum(part.minor for _, part in parts) == owed.minor
    if len(parts) < 2 or not is_whole or any(part.minor <= 0 for _, part in parts):
        raise Refused(f"A plan has two parts or more, which make up {owed}.")
    if min(on for on, _ in parts) < today():
        raise Refused("The first part cannot be due on a day that is over.")
    drop_plan(invoice)
    left = owed.minor
    for on, part in sorted(parts, key=lambda one: one[0]):
        left -= part.minor
        db.session.add(
            Instalment(
                invoice_id=invoice.id, due_on=on, amount_minor=part.minor, left_minor=left,
                ended_at=None,
            )
        )  # fmt: skip
    audit.record("invoice.plan_agreed", invoice, parts=[[on, str(part)] for on, part in parts])


def end_plan(invoice: Invoice) -> None:
    """Late counts from the invoice's own due day again. Raises `Refused` when there is no plan."""
    if not drop_plan(lock(invoice.id)):
        raise Refused("This invoice has no plan.")
    audit.record("invoice.plan_ended", invoice)


def drop_plan(invoice: Invoice) -> int:
    """End its plan, if it has one; how many parts that had."""
    live = select(Instalment).where(
        Instalment.invoice_id == invoice.id, Instalment.ended_at.is_(None)
    )
    found = db.session.scalars(live).all()
    for part in found:
        part.ended_at = clock.now()
    db.session.flush()
    return len(found)


def use_credit(invoice: Invoice) -> Money:
    """Pay an invoice with what its payer has left, the oldest first; how much that was.

    The caller commits. Raises `Refused` when nothing is owed, or nothing is left.
    """
    invoice = lock(invoice.id)
    if balance(invoice).minor <= 0:
        raise Refused(NOTHING_OWED)
    used = Money(0, invoice.currency)
    for one in left_for(invoice):
        owed = balance(invoice)
        if one.money.currency == owed.currency and owed.minor > 0:
            part = min(one.money, owed)
            allocate(one.payment, invoice, part)
            used += part
    if not used:
        raise Refused(f"Its payer has no credit in {invoice.currency}.")
    return used
