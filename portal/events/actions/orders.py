"""What a buyer does, and what becomes of an order when money comes or does not."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal.accounts.models import Person
from portal.core import audit, clock
from portal.core.db import db
from portal.core.states import Refused
from portal.dues.models import Invoice
from portal.events import queries
from portal.events.actions import seats
from portal.events.actions.posts import tell, tell_buyer
from portal.events.models import Event, Order, Registration, RegistrationStatus
from portal.members.models import Organization

S = RegistrationStatus


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


def register(
    event: Event, buyer: Buyer, attendees: Sequence[Attendee], *, is_member: bool
) -> Order:
    """Seats for as many as there are, the waiting list for the rest, in the order given.

    Raises `Refused` when registration is not open. A seat is taken by one guarded UPDATE, so that
    no two people get the last one. An address that is registered already fails on its constraint.
    """
    seats.hold(event)
    if not seats.is_selling(event):
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
    found = [_add(order, one, price) for one in attendees]
    audit.record("event.registered", event, order=order.id, people=len(attendees))
    seats.confirm_or_invoice(order, [one for one in found if one.status is not S.WAITING])
    tell_buyer(order, [one for one in found if one.status is S.PENDING_PAYMENT])
    for one in found:
        if one.status is S.WAITING:
            tell(one, "waiting", number=queries.position(one))
    return order


def _add(order: Order, one: Attendee, price: int) -> Registration:
    now, has_seat = clock.now(), seats.take_seat(order.event)
    pays = S.PENDING_PAYMENT if price else S.CONFIRMED
    made = Registration(
        event=order.event, order=order, person=one.person, name=one.name,
        email=one.email.strip().lower(), needs=one.needs, price_minor=price,
        status=pays if has_seat else S.WAITING, made_at=now, seat_at=now if has_seat else None,
        lost_at=None if has_seat else queries.last_seat_at(order.event_id) or now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def cancel_order(order: Order, reason: str = "") -> None:
    """The buyer gives the whole order back. Raises `Refused` when it is too late."""
    event = order.event
    seats.hold(event)
    if event.starts_at <= clock.now():
        raise Refused("The event has begun: nothing can be cancelled any more.")
    seats.hold_invoices(order.registrations)
    in_time = seats.may_cancel_free(event)
    going = [one for one in order.registrations if seats.is_live(one)]
    unpaid = [one for one in going if one.status is S.PENDING_PAYMENT]
    for one in going:
        seats.release(one, S.CANCELLED, reason)
        tell(one, "cancelled", in_time=in_time or one in unpaid)
    seats.credit(going if in_time else unpaid, "Cancelled in time" if in_time else "Never paid")
    seats.seat_the_next(event)


def confirm_paid(invoice: Invoice) -> None:
    """The invoice is settled: the seats it pays for are confirmed and the tickets mailed."""
    for one in _held_by(invoice):
        audit.move(one, S.CONFIRMED, f"invoice {invoice.number} paid")
        tell(one, "confirmed")


def release_credited(invoice: Invoice, **_credit_note: object) -> None:
    """Finance took the claim back: a seat that was only held for it is free again."""
    _give_up(invoice, S.CANCELLED, f"invoice {invoice.number} credited", "cancelled", in_time=True)


def expire(invoice: Invoice) -> None:
    """Seats that were held and not paid for go to the next."""
    for event in _events_of(invoice):
        seats.hold(event)
    seats.hold_invoices(_held_by(invoice))
    gone = _give_up(invoice, S.EXPIRED, "not paid in time", "expired")
    seats.credit(gone, "Not paid in time")


def _give_up(
    invoice: Invoice, to: RegistrationStatus, why: str, mail: str, **more: object
) -> Sequence[Registration]:
    gone, events = _held_by(invoice), _events_of(invoice)
    for one in gone:
        seats.release(one, to, why)
        tell(one, mail, **more)
    for event in events:
        seats.seat_the_next(event)
    return gone


def _held_by(invoice: Invoice) -> Sequence[Registration]:
    """The seats that are held until this invoice is paid."""
    query = select(Registration).where(
        Registration.invoice_id == invoice.id, Registration.status == S.PENDING_PAYMENT
    )
    return db.session.scalars(query.order_by(Registration.id)).all()


def _events_of(invoice: Invoice) -> list[Event]:
    return list({one.event_id: one.event for one in _held_by(invoice)}.values())
