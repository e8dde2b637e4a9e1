"""Events are made, seats are taken and given back. The caller commits."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from portal.accounts.models import Person
from portal.association.queries import association, today
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.search import index
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues.models import Invoice, InvoiceKind
from portal.events import calendars, queries
from portal.events.models import (
    Event,
    EventStatus,
    Order,
    Registration,
    RegistrationStatus,
)
from portal.events.times import instant_of
from portal.members.models import Organization

S = RegistrationStatus
CALENDAR = "text/calendar; charset=utf-8"
CONTENT = (
    "title", "kind", "summary", "body", "audience", "format", "venue", "address", "place_id",
    "join_url", "member_minor", "other_minor", "cancel_days",
)  # fmt: skip
MOVING = ("starts_at", "ends_at", "zone", "venue", "address", "format")


@dataclass(frozen=True)
class Attendee:
    name: str
    email: str
    needs: str = ""
    person: Person | None = None


@dataclass(frozen=True)
class Buyer:
    """Who orders, and who is to be invoiced."""

    name: str
    email: str
    person: Person | None = None
    organization: Organization | None = None
    firm_name: str = ""
    address: str = ""
    country: str = ""


def set_times(event: Event, starts: datetime, ends: datetime, zone: str, *, second: bool) -> None:
    """Local times and zone; the instants follow. Raises `NoSuchTime` in a gap of the clock."""
    event.starts_local, event.ends_local = starts.isoformat("T", "minutes"), ends.isoformat("T", "minutes")
    event.zone = zone
    event.starts_at = instant_of(starts, zone, second=second)
    event.ends_at = instant_of(ends, zone, second=second)


def make(facts: Mapping[str, Any]) -> Event:
    """A draft. `facts` holds CONTENT, `seats`, and `times`: (starts, ends, zone, second)."""
    event = Event(
        currency=association().currency, seats=facts["seats"], seats_used=0, sequence=0,
        status=EventStatus.DRAFT, is_demo=association().is_demo,
    )  # fmt: skip
    _fill(event, facts)
    db.session.add(event)
    db.session.flush()
    audit.record("event.made", event, title=event.title)
    index.changed("event", event.id)
    return event


def _fill(event: Event, facts: Mapping[str, Any]) -> None:
    for name in CONTENT:
        setattr(event, name, facts[name])
    starts, ends, zone, second = facts["times"]
    set_times(event, starts, ends, zone, second=second)


def change(event: Event, facts: Mapping[str, Any]) -> None:
    """New facts. Fewer seats than are taken are refused; who goes is told when time or place moves."""
    if event.status is EventStatus.CANCELLED:
        raise Refused("A cancelled event is not changed any more.")
    before = [getattr(event, name) for name in MOVING]
    if facts["seats"] < event.seats_used:
        raise Refused(f"{event.seats_used} seats are taken: there cannot be fewer.")
    _fill(event, facts)
    event.seats = facts["seats"]
    if [getattr(event, name) for name in MOVING] != before:
        event.sequence += 1
        for one in db.session.scalars(queries.attendees(event)):
            if one.status in queries.SEATED:
                _mail(one, "moved")
    audit.record("event.changed", event, title=event.title, sequence=event.sequence)
    index.changed("event", event.id)
    db.session.flush()
    seat_the_next(event)


def open_registration(event: Event) -> None:
    audit.move(event, EventStatus.OPEN)
    index.changed("event", event.id)


def cancel_event(event: Event, reason: str) -> None:
    """Everybody is told why; every invoice is credited, and paid money becomes credit."""
    audit.move(event, EventStatus.CANCELLED, reason)
    event.sequence += 1
    going = [one for one in db.session.scalars(queries.attendees(event)) if is_live(one)]
    for one in going:
        _release(one, S.CANCELLED, reason)
        _mail(one, "called_off", reason=reason, method="CANCEL")
    _credit(going, reason)
    index.changed("event", event.id)


def register(event: Event, buyer: Buyer, attendees: Sequence[Attendee], *, is_member: bool) -> Order:
    """Seats for as many as there are, the waiting list for the rest, in the order given.

    Raises `Refused` when registration is not open. A seat is taken by one guarded UPDATE, so that
    no two people get the last one. An address that is registered already fails on its constraint.
    """
    if event.status is not EventStatus.OPEN or event.starts_at <= clock.now():
        raise Refused("Registration for this event is closed.")
    price = event.member_minor if is_member else event.other_minor
    order = Order(
        event=event, token=secrets.token_urlsafe(24), buyer=buyer.person,
        organization=buyer.organization, buyer_name=buyer.name, buyer_email=buyer.email.lower(),
        firm_name=buyer.firm_name, billing_address=buyer.address, country=buyer.country,
        is_member_price=is_member, made_at=clock.now(),
    )  # fmt: skip
    db.session.add(order)
    db.session.flush()
    seated = [_add(order, one, price) for one in attendees]
    db.session.flush()
    audit.record("event.registered", event, order=order.id, people=len(attendees))
    _confirm_or_invoice(order, [one for one in seated if one.status is not S.WAITING])
    for one in seated:
        if one.status is S.WAITING:
            _mail(one, "waiting", number=queries.position(one))
    return order


def _add(order: Order, one: Attendee, price: int) -> Registration:
    has_seat = take_seat(order.event)
    pays = S.PENDING_PAYMENT if price else S.CONFIRMED
    made = Registration(
        event=order.event, order=order, person=one.person, name=one.name,
        email=one.email.strip().lower(), needs=one.needs, price_minor=price,
        status=pays if has_seat else S.WAITING, made_at=clock.now(),
        lost_at=None if has_seat else clock.now(),
    )  # fmt: skip
    db.session.add(made)
    return made


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


def _confirm_or_invoice(order: Order, seated: Sequence[Registration]) -> None:
    """Free seats are confirmed at once; paid ones get one invoice for all of them."""
    to_pay = [one for one in seated if one.price_minor]
    for one in seated:
        if not one.price_minor:
            _mail(one, "confirmed")
    if to_pay:
        invoice = _invoice(order, to_pay)
        for one in to_pay:
            one.invoice = invoice
        dues.mail_invoice(invoice, to=order.buyer_email)


def _invoice(order: Order, registrations: Sequence[Registration]) -> Invoice:
    event, firm = order.event, order.organization
    day = event.local(event.starts_at).date()
    kind = "member" if order.is_member_price else "non-member"
    lines = [
        dues.LineDraft(
            rule="event", text=f"{event.title}: {one.name}", net_minor=one.price_minor,
            income="events", formula=f"the {kind} price", inputs={"registration": one.id},
            covers_from=day, covers_to=event.local(event.ends_at).date(),
        )
        for one in registrations
    ]  # fmt: skip
    due = min(today() + timedelta(days=14), day)
    return dues.issue_invoice(
        kind=InvoiceKind.EVENT, organization=firm, currency=event.currency, lines=lines,
        bill_to={
            "name": (firm.name if firm else "") or order.firm_name or order.buyer_name,
            "address": (firm.address if firm else "") or order.billing_address,
            "country": (firm.country if firm else "") or order.country,
            "tax_id": firm.tax_id if firm else "", "email": order.buyer_email,
        },
        tax_percent="0", tax_text="No tax on events", due_on=max(due, today()),
        purchase_order=firm.purchase_order if firm else "",
    )  # fmt: skip


def confirm_paid(invoice: Invoice) -> None:
    """The invoice is settled: the seats it pays for are confirmed and the tickets mailed."""
    paid = db.session.query(Registration).filter_by(invoice_id=invoice.id)
    for one in paid.filter(Registration.status == S.PENDING_PAYMENT):
        audit.move(one, S.CONFIRMED, f"invoice {invoice.number} paid")
        _mail(one, "confirmed")


def cancel_order(order: Order, reason: str = "") -> None:
    """The buyer gives the whole order back. Raises `Refused` when it is too late."""
    if order.event.starts_at <= clock.now():
        raise Refused("The event has begun: nothing can be cancelled any more.")
    in_time = may_cancel_free(order.event)
    going = [one for one in order.registrations if is_live(one)]
    unpaid = [one for one in going if one.status is S.PENDING_PAYMENT]
    for one in going:
        _release(one, S.CANCELLED, reason)
        _mail(one, "cancelled", method="CANCEL", in_time=in_time)
    _credit(going if in_time else unpaid, "Cancelled in time" if in_time else "Never paid")
    db.session.flush()
    seat_the_next(order.event)


def may_cancel_free(event: Event) -> bool:
    return clock.now() <= event.starts_at - timedelta(days=event.cancel_days)


def _release(one: Registration, to: RegistrationStatus, why: str) -> None:
    had_seat = one.status in queries.SEATED
    audit.move(one, to, why)
    if had_seat:
        _give_back(one.event)


def is_live(one: Registration) -> bool:
    return one.status in queries.LIVE


def _credit(registrations: Sequence[Registration], why: str) -> None:
    """Take back each invoice behind some registrations, once."""
    for invoice in {one.invoice.id: one.invoice for one in registrations if one.invoice}.values():
        dues.credit(invoice, why)


def expire(invoice: Invoice) -> None:
    """Seats that were held and not paid for go to the next."""
    held = db.session.query(Registration).filter_by(
        invoice_id=invoice.id, status=S.PENDING_PAYMENT
    )
    given_up = held.all()
    for one in given_up:
        _release(one, S.EXPIRED, "not paid in time")
        _mail(one, "expired")
    _credit(given_up, "Not paid in time")
    db.session.flush()
    for event in {one.event.id: one.event for one in given_up}.values():
        seat_the_next(event)


def seat_the_next(event: Event) -> None:
    """As long as there are seats, the first who waits gets one, and an invoice when it costs."""
    while event.status is EventStatus.OPEN and (one := queries.first_waiting(event.id)):
        if not take_seat(event):
            return
        audit.move(one, S.PENDING_PAYMENT if one.price_minor else S.CONFIRMED, "a seat came free")
        _confirm_or_invoice(one.order, [one])
        if one.price_minor:
            _mail(one, "seat_held")
        db.session.flush()


def _mail(one: Registration, what: str, method: str = "REQUEST", **more: object) -> None:
    file = calendars.calendar(
        one.event, clock.now(), method=method, attendee=one.email,
        join=one.event.join_url if one.status is S.CONFIRMED else "",
    )  # fmt: skip
    wants_file = what in {"confirmed", "moved", "cancelled", "called_off"}
    mail.queue(
        f"events/{what}", to=one.email, registration=one, event=one.event, order=one.order,
        attachments=[mail.Attachment("event.ics", CALENDAR, file)] if wants_file else [], **more,
    )  # fmt: skip
