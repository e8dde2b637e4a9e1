"""Seats are counted in one place: taken, given back, billed, and handed to whoever waits."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import update

from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import Invoice, InvoiceKind
from portal.dues.queries.taxing import payer_kind
from portal.events import queries
from portal.events.actions.posts import tell
from portal.events.models import Event, EventStatus, Order, Registration, RegistrationStatus

S = RegistrationStatus
PAY_DAYS = timedelta(days=14)


def hold(event: Event) -> None:
    """Whoever else would take or give a seat here waits until the caller commits."""
    db.session.flush()  # reading again would forget what is not written yet
    db.session.refresh(event, with_for_update={"of": Event})


def take_seat(event: Event) -> bool:
    """One seat more, if there is one: a single statement that cannot oversell."""
    free = Event.seats_used + 1 <= Event.seats
    taken = update(Event).where(Event.id == event.id, free).values(seats_used=Event.seats_used + 1)
    found = db.session.execute(taken.execution_options(synchronize_session=False))
    db.session.expire(event, ["seats_used"])
    return found.rowcount == 1  # type: ignore[attr-defined]


def _give_back(event: Event) -> None:
    freed = update(Event).where(Event.id == event.id, Event.seats_used > 0)
    freed = freed.values(seats_used=Event.seats_used - 1)
    db.session.execute(freed.execution_options(synchronize_session=False))
    db.session.expire(event, ["seats_used"])


def release(one: Registration, to: RegistrationStatus, why: str) -> None:
    """End a registration; a seat that it had is free. The next is seated by the caller."""
    had_seat = one.status in queries.SEATED
    audit.move(one, to, why)
    if had_seat:
        _give_back(one.event)


def is_live(one: Registration) -> bool:
    return one.status in queries.LIVE


def may_cancel_free(event: Event) -> bool:
    return clock.now() <= event.starts_at - timedelta(days=event.cancel_days)


def hold_invoices(registrations: Iterable[Registration]) -> None:
    """Nobody pays while a seat is given up; who paid a moment ago is seen as paid."""
    found = list(registrations)
    for invoice in invoices_of(found):
        dues.hold(invoice)
    db.session.flush()
    for one in found:
        db.session.refresh(one)


def invoices_of(registrations: Iterable[Registration]) -> list[Invoice]:
    """Each invoice behind some registrations, once, in the order of their numbers."""
    found = {one.invoice.id: one.invoice for one in registrations if one.invoice}
    return [found[key] for key in sorted(found)]


def credit(registrations: Iterable[Registration], why: str) -> None:
    """Take back what was claimed, unless finance did so before."""
    for invoice in invoices_of(registrations):
        if not dues_queries.sums([invoice.id])[invoice.id].takes_all(invoice.total_minor):
            dues.credit(invoice, why)


def seat_the_next(event: Event) -> None:
    """As long as there are seats, the first who waits gets one, and an invoice when it costs."""
    while is_selling(event) and (one := queries.first_waiting(event.id)) and take_seat(event):
        audit.move(one, S.PENDING_PAYMENT if one.price_minor else S.CONFIRMED, "a seat came free")
        one.seat_at = clock.now()
        confirm_or_invoice(one.order, [one])
        if one.price_minor:
            tell(one, "seat_held")
        db.session.flush()


def is_selling(event: Event) -> bool:
    return event.status is EventStatus.OPEN and event.starts_at > clock.now()


def confirm_or_invoice(order: Order, seated: Sequence[Registration]) -> None:
    """Free seats are confirmed at once; paid ones get one invoice for all of them."""
    to_pay = [one for one in seated if one.price_minor]
    for one in seated:
        if not one.price_minor:
            tell(one, "confirmed")
    if to_pay:
        invoice = _invoice(order, to_pay)
        for one in to_pay:
            one.invoice = invoice
        dues.mail_invoice(invoice, to=order.buyer_email)


def _invoice(order: Order, registrations: Sequence[Registration]) -> Invoice:
    event, firm = order.event, order.organization
    first, last = event.local(event.starts_at).date(), event.local(event.ends_at).date()
    kind = "member" if order.is_member_price else "non-member"
    lines = [
        dues.LineDraft(
            rule="event", text=f"{event.title}: {one.name}", net_minor=one.price_minor,
            income="events", formula=f"the {kind} price", inputs={"registration": one.id},
            covers_from=first, covers_to=last,
        )
        for one in registrations
    ]  # fmt: skip
    bill_to = {
        "name": (firm.name if firm else "") or order.firm_name or order.buyer_name,
        "address": (firm.address if firm else "") or order.billing_address,
        "country": (firm.country if firm else "") or order.country,
        "tax_id": firm.tax_id if firm else "", "email": order.buyer_email,
    }  # fmt: skip
    taxes = queries.taxes_of_fee(event, bill_to["country"], bill_to["tax_id"], _payer_kind(order))
    return dues.issue_invoice(
        kind=InvoiceKind.EVENT, organization=firm, currency=event.currency, bill_to=bill_to,
        lines=[dues.with_tax(line, taxes) for line in lines],
        tax_percent="0", tax_text="No tax on events",
        due_on=max(min(today() + PAY_DAYS, first), today()),
        purchase_order=firm.purchase_order if firm else "",
    )  # fmt: skip


def _payer_kind(order: Order) -> str:
    """A firm is what its classes say; a stranger who names a firm buys for it."""
    if order.organization:
        return payer_kind(order.organization)
    return "business" if order.firm_name else "person"
