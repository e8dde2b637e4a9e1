"""What is known today of the days to come, for the calendar: each kind in a few statements."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import exists, func, select

from portal.association.queries import association, day_of
from portal.core.db import db
from portal.core.merging import winners
from portal.core.money import Money
from portal.dues.automatic import EARLY
from portal.dues.models import (
    CreditNote,
    CreditNoteLine,
    CreditReason,
    Instalment,
    Invoice,
    InvoiceKind,
    InvoiceLine,
)
from portal.dues.queries.attempts import failed_pages
from portal.dues.queries.invoices import due_on, has_disputed_money, owed
from portal.dues.queries.kept_cards import Coming as Charge
from portal.dues.queries.kept_cards import coming_charges, kept_cards
from portal.dues.queries.reopened import late_since
from portal.members.models import Membership, Organization, Overlay, Term
from portal.members.overlays import STOPS_REMINDERS, lies_on
from portal.notices.models import Notice
from portal.renewals.ahead import Coming, Kind, Known, Unpaid
from portal.renewals.ladders import SHIPPED, Ladder, Ladders, Step
from portal.renewals.queries.board import board
from portal.renewals.queries.debts import left_on
from portal.renewals.queries.shrinking import deferred

Charges = Mapping[int, Charge]  # by invoice
DAYS, LONG_AGO = 90, 200
REMINDERS = "renewals/reminder", "renewals/card_failed"


def charges_known() -> Charges:
    return {one.invoice.id: one for one in coming_charges()}


def memberships_known(day: date, charges: Charges) -> list[Known]:
    """Every membership whose last term ends about now, with what follows it."""
    rows = board(day, ahead_days=2 * DAYS)
    cards = {one.organization_id for one in db.session.scalars(kept_cards())}
    smaller = {one.term_id: one.words for one in deferred(day, DAYS)}
    given, due_days = _gifts(day), association().due_days
    return [
        Known(
            row.firm_id, row.firm, row.end, row.grace_until, row.policy,
            row.renewal_id is not None, row.has_next, row.invoice_id is not None, row.leaves_on,
            is_dropped=row.is_dropped, invoice_id=row.invoice_id or 0,
            has_card=row.firm_id in cards,
            charged_on=_day_of(charges.get(row.invoice_id or 0), day), due_days=due_days,
            is_trial=row.is_trial, smaller=smaller.get(row.term_id, ""),
            gift=given.get(row.term_id, ""), is_expelled=row.is_expelled,
        )
        for row in rows
    ]  # fmt: skip


def _day_of(charge: Charge | None, day: date) -> date | None:
    return max(charge.on, day) if charge else None


def _gifts(day: date) -> dict[int, str]:
    """What was given beside the dues of each term that ends soon, and not left out."""
    is_with = (InvoiceLine.membership_id == Term.membership_id) & (
        InvoiceLine.covers_from == Term.start_on
    )
    left_out = exists().where(CreditNoteLine.invoice_line_id == InvoiceLine.id)
    query = (
        select(Term.id, Invoice.currency, func.sum(InvoiceLine.net_minor))
        .join(InvoiceLine, is_with)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Term.end_on.between(day, day + timedelta(days=2 * DAYS)))
        .where(InvoiceLine.income == "gift", ~left_out)
        .group_by(Term.id, Invoice.currency)
    )
    found = db.session.execute(query)
    return {number: str(Money(int(minor), code)) for number, code, minor in found}


def unpaid_known(
    day: date, charges: Charges | None = None, ladders: Sequence[Ladders] = (SHIPPED,)
) -> list[Unpaid]:
    """Unpaid dues of which somebody will be reminded, unless they are paid."""
    columns = (
        Organization.id, Organization.name, Invoice.number, late_since(), Invoice.id,
        Invoice.issued_on, due_on(), Invoice.due_on, left_on(),
    )  # fmt: skip
    query = (
        select(*columns)
        .join(Invoice.organization)
        .where(Invoice.kind == InvoiceKind.DUES, owed() > 0, ~has_disputed_money())
        .where(late_since() >= _oldest(day, ladders))
    )
    rows = db.session.execute(query).all()
    return _unpaid(rows, day, charges or {}, {step for one in ladders for step in one.steps})


def _unpaid(
    rows: Sequence[Any], day: date, charges: Charges, steps: Collection[Step]
) -> list[Unpaid]:
    """`steps` are those of all ladders that ever held or will."""
    ids = [row[4] for row in rows]
    pauses, failed, told = _pauses(day), failed_pages(ids), _told(ids)
    return [
        Unpaid(
            row[0], row[1], row[2], row[3], row[4] in pauses, row[4], row[5], row[3] > row[6],
            pauses.get(row[4]), _codes(row, steps, told), row[8],
            _day_of(charges.get(row[4]), day),
            day_of(failed[row[4]]) if row[4] in failed else None,
            _told_of(row, Ladder.CARD, steps, told),
        )
        for row in rows
    ]  # fmt: skip


def _oldest(day: date, ladders: Sequence[Ladders]) -> date:
    """The due day before which nothing is left to be said, unless other ladders begin."""
    if any(one.begins > day for one in ladders):
        return date.min
    return day - timedelta(days=max(LONG_AGO, *(step.days for step in ladders[-1].steps)))


def _pauses(day: date) -> dict[int, date | None]:
    """By invoice the last day of what stops its reminders; None where that is open."""
    query = select(Overlay.subject_id, Overlay.until_on).where(
        Overlay.subject_kind == "invoice", Overlay.kind.in_(STOPS_REMINDERS), lies_on(day)
    )
    found: dict[int, date | None] = {}
    for number, until in db.session.execute(query):
        before = found.get(number, date.min)
        found[number] = max(before, until) if before and until else None
    return found


def _told(invoice_ids: Sequence[int]) -> set[str]:
    """The keys of all reminders of these invoices."""
    subjects = [f"invoice:{one}" for one in invoice_ids]
    query = select(Notice.key).where(Notice.kind.in_(REMINDERS), Notice.subject.in_(subjects))
    return set(db.session.scalars(query)) if subjects else set()


def _codes(row: Any, steps: Collection[Step], told: set[str]) -> frozenset[str]:
    since, due = row[3], row[6]
    ladder = f"invoice:{since}" if since > due else "invoice"
    return _told_of(row, ladder, steps, told)


def _told_of(row: Any, ladder: str, steps: Collection[Step], told: set[str]) -> frozenset[str]:
    number, due, first_due = row[4], row[6], row[7]
    of_part = "" if due == first_due else f":{due}"
    return frozenset(
        step.code for step in steps
        if f"dunning:{number}:{ladder}:{step.code}{of_part}" in told
    )  # fmt: skip


def of_cards(charges: Charges, day: date) -> Iterator[Coming]:
    for one in charges.values():
        firm, number = one.mandate.organization, one.invoice.number
        why = "The firm agreed that its dues are charged on the day they are due"
        if one.step == EARLY:
            why = "The last day on which it costs less"
        elif one.is_repeat:
            why = "It was declined before, and is tried again"
        what = f"Card charged {one.money}: invoice {number}"
        on = max(one.on, day)
        yield Coming(on, firm.name, what, why, firm.id, Kind.CARD, one.invoice.id)


def of_parts(day: date) -> Iterator[Coming]:
    """Parts of plans that are not paid yet."""
    query = (
        select(Instalment, Invoice.number, Invoice.currency, Organization.id, Organization.name)
        .join(Invoice, Invoice.id == Instalment.invoice_id)
        .join(Invoice.organization)
        .where(Instalment.ended_at.is_(None), Instalment.left_minor < owed())
        .where(Instalment.due_on.between(day, day + timedelta(days=DAYS)))
    )
    for part, number, code, firm_id, firm in db.session.execute(query):
        what = f"An instalment of {Money(part.amount_minor, code)} is due: invoice {number}"
        why = "The plan by which it is paid over time"
        yield Coming(part.due_on, firm, what, why, firm_id, Kind.PART, part.invoice_id)


def of_early_days(day: date) -> Iterator[Coming]:
    given = exists().where(
        CreditNote.invoice_id == Invoice.id, CreditNote.code == CreditReason.EARLY_PAYMENT
    )
    query = (
        select(Invoice.early_until_on, Invoice.id, Invoice.number, Organization.id,
               Organization.name)
        .join(Invoice.organization)
        .where(Invoice.early_until_on.between(day, day + timedelta(days=DAYS)))
        .where(owed() > 0, ~given)
    )  # fmt: skip
    for on, number, name, firm_id, firm in db.session.execute(query):
        what = f"Last day to pay less: invoice {name}"
        why = "Who pays by this day owes less; later all of it is owed"
        yield Coming(on or day, firm, what, why, firm_id, Kind.EARLY, number)


def of_overlays(day: date) -> Iterator[Coming]:
    """Suspensions, holds, pauses and excuses, on the first day without them."""
    query = select(Overlay).where(
        Overlay.lifted_at.is_(None), Overlay.until_on.between(day, day + timedelta(days=DAYS)),
        Overlay.subject_kind.in_(["membership", "invoice"]),
    )  # fmt: skip
    found = db.session.scalars(query).all()
    firms = _firms_of(found)
    for one in found:
        is_invoice = one.subject_kind == "invoice"
        if (known := firms.get((one.subject_kind, one.subject_id))) and one.until_on:
            firm_id, firm, name = known
            of = f"invoice {name}" if is_invoice else (one.scope or "the membership")
            yield Coming(
                one.until_on + timedelta(days=1), firm, f"The {one.kind} of {of} is over",
                f"It was for some days only: {one.reason}", firm_id, Kind.STOP,
                one.subject_id if is_invoice else 0,
            )  # fmt: skip


def _firms_of(found: Iterable[Overlay]) -> dict[tuple[str, int], tuple[int, str, str]]:
    """Of each subject the firm, by number and name, and the number of its invoice."""
    ids: dict[str, list[int]] = {"membership": [], "invoice": []}
    for one in found:
        ids[one.subject_kind].append(one.subject_id)
    firm = Organization.id, Organization.name
    held = select(Membership.id, *firm).join(Membership.organization)
    billed = select(Invoice.id, *firm, Invoice.number).join(Invoice.organization)
    merged, known = winners(Membership), dict[tuple[str, int], tuple[int, str, str]]()
    now = {one: merged.get(one, one) for one in ids["membership"]}
    rows = {row[0]: row for row in db.session.execute(held.where(Membership.id.in_(now.values())))}
    for number, winner in now.items():
        if winner in rows:
            known["membership", number] = (rows[winner][1], rows[winner][2], "")
    for row in db.session.execute(billed.where(Invoice.id.in_(ids["invoice"]))):
        known["invoice", row[0]] = (row[1], row[2], row[3])
    return known
