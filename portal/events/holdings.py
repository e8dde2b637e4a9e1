"""Places at events, and orders for oneself and colleagues; and of a firm."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.erasing import address_of
from portal.accounts.holdings import HOLDINGS, Holding, Rows, addresses, objections
from portal.accounts.models import Person
from portal.core import clock
from portal.core.db import db
from portal.dues import firm_bundle
from portal.events.models import Order, Registration
from portal.events.queries import LIVE


def _places(person: Person) -> Sequence[Registration]:
    is_mine = or_(Registration.person_id == person.id, Registration.email.in_(addresses(person)))
    query = select(Registration).where(is_mine).options(joinedload(Registration.event))
    return db.session.scalars(query.order_by(Registration.id)).all()


def _orders(person: Person) -> Sequence[Order]:
    is_mine = or_(Order.buyer_id == person.id, Order.buyer_email.in_(addresses(person)))
    return db.session.scalars(select(Order).where(is_mine).order_by(Order.id)).all()


def _rows(person: Person) -> Rows:
    return [
        {
            "event": one.event.title, "starts_at": one.event.starts_at, "name": one.name,
            "email": one.email, "needs": one.needs, "status": one.status.value,
            "made_at": one.made_at,
        }
        for one in _places(person)
    ]  # fmt: skip


def _bought(person: Person) -> Rows:
    return [
        {
            "made_at": one.made_at, "buyer_name": one.buyer_name, "buyer_email": one.buyer_email,
            "firm_name": one.firm_name, "billing_address": one.billing_address,
            "country": one.country,
        }
        for one in _orders(person)
    ]  # fmt: skip


def _erase_places(person: Person) -> None:
    """Places are still counted, as nobody's."""
    for one in _places(person):
        one.name, one.email, one.needs = "Erased", address_of(one.id), ""


def _erase_orders(person: Person) -> None:
    for one in _orders(person):
        one.buyer_name, one.buyer_email = "Erased", address_of(one.id)
        if one.organization_id is None:
            one.firm_name, one.billing_address, one.country = "", "", ""


def _has_a_place(person: Person) -> str:
    now = clock.now()
    ahead = [one for one in _places(person) if one.status in LIVE and one.event.ends_at > now]
    return f"You have a place at “{ahead[0].event.title}”: cancel it first." if ahead else ""


def _of_firm(numbers: set[int]) -> Rows:
    """What its people ordered in its name; needs are for the organisers alone."""
    query = select(Registration).join(Registration.order)
    query = query.where(Order.organization_id.in_(numbers)).order_by(Registration.id)
    shown = joinedload(Registration.event), joinedload(Registration.invoice)
    for one in db.session.scalars(query.options(*shown)):
        yield {
            "event": one.event.title, "starts_at": one.event.starts_at, "name": one.name,
            "status": one.status.value, "invoice": one.invoice.number if one.invoice else "",
            "made_at": one.made_at,
        }  # fmt: skip


firm_bundle.more["event_places"] = _of_firm
objections.append(_has_a_place)
HOLDINGS += [
    Holding(
        "events", "Your places at events, with what you need there",
        "To keep a place for you and to prepare it", "You, or the colleague who booked",
        "The organisers; needs to them alone", "Until you ask for erasure", _rows,
        erase=_erase_places,
    ),
    Holding(
        "orders", "Bookings that you made for yourself and others", "To confirm and to bill them",
        "You", "The organisers", "Until you ask for erasure; the invoice stays", _bought,
        erase=_erase_orders,
    ),
]  # fmt: skip
