"""Questions about events and who goes there."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.core import clock
from portal.core.access import Permission
from portal.core.db import db
from portal.core.search import Document
from portal.dues.models import Invoice
from portal.dues.queries.taxing import is_taxed, payer_kind, taxes_of_payer
from portal.events.models import (
    Audience,
    Event,
    EventFormat,
    EventKind,
    EventStatus,
    Order,
    Registration,
    RegistrationStatus,
)
from portal.members.models import Organization
from portal.places.models import Place
from portal.places.queries import above

S = RegistrationStatus
SEATED = (S.CONFIRMED, S.PENDING_PAYMENT)
LIVE = (*SEATED, S.WAITING)


def country_of(event: Event) -> str:
    """The country where people meet, ISO 3166-1; empty of an event online, and of no place."""
    if event.format is EventFormat.ONLINE or event.place is None:
        return ""
    return next((one.iso_3166_1 for one in reversed(above(event.place)) if one.iso_3166_1), "")


def taxes_of_fee(event: Event, country: str, tax_id: str, kind: str) -> dict[str, dict[str, str]]:
    """The taxes of who pays, as `taxes_of_payer` has them: of the country where people meet.

    Of an event online, and of one that says no country, they are those of the payer's country.
    """
    return taxes_of_payer(country, tax_id, kind, country_of(event))


def added_tax(event: Event, firm: Organization | None) -> str:
    """What is added to a price, like `VAT 21 %`; empty where nothing is.

    Of who names no firm it is known only where people meet in one country, and firms and persons
    have the same tax there.
    """
    if firm:
        return _added(event, firm.country, firm.tax_id, payer_kind(firm))
    if not country_of(event):
        return "tax, where it is due in your country" if is_taxed("events") else ""
    kinds = {_added(event, "", "", kind) for kind in ("business", "person")}
    return kinds.pop() if len(kinds) == 1 else "tax, as it is due where the event takes place"


def _added(event: Event, *who: str) -> str:
    told = taxes_of_fee(event, *who).get("events")
    return told["text"] if told and told["percent"] != "0" else ""


def visible(reader: object) -> Select[Event]:
    """Events that a reader may know of; drafts are the organisers' own."""
    query = select(Event).where(Event.status != EventStatus.DRAFT)
    if not getattr(reader, "is_authenticated", False) or not reader.may(  # type: ignore[attr-defined]
        Permission.EVENTS_REGISTER
    ):
        query = query.where(Event.audience == Audience.PUBLIC)
    return query


def listed(
    reader: object,
    text: str = "",
    kind: str = "",
    place: Place | None = None,
    *,
    past: bool = False,
) -> Select[Event]:
    """The programme: what is coming, soonest first, or what has been, latest first."""
    now = clock.now()
    query = visible(reader).options(joinedload(Event.place))
    query = query.where(Event.ends_at < now if past else Event.ends_at >= now)
    if kind in set(EventKind):
        query = query.where(Event.kind == EventKind(kind))
    if place:
        inside = select(Place.id).where(Place.path.startswith(place.path, autoescape=True))
        query = query.where(Event.place_id.in_(inside))
    for word in text.split()[:8]:
        columns = (Event.title, Event.summary, Event.venue)
        query = query.where(or_(*(one.icontains(word, autoescape=True) for one in columns)))
    order = Event.starts_at.desc() if past else Event.starts_at
    return query.order_by(order, Event.id)


def upcoming(reader: object, limit: int = 3) -> Sequence[Event]:
    query = listed(reader).where(Event.status == EventStatus.OPEN)
    return db.session.scalars(query.where(Event.starts_at >= clock.now()).limit(limit)).all()


def places_with_events(reader: object) -> Sequence[Place]:
    ids = visible(reader).with_only_columns(Event.place_id).where(Event.ends_at >= clock.now())
    return db.session.scalars(select(Place).where(Place.id.in_(ids)).order_by(Place.name)).all()


def states_of(person_id: int, event_ids: Iterable[int]) -> dict[int, RegistrationStatus]:
    """A person's own state at each of some events, in one statement."""
    query = select(Registration.event_id, Registration.status).where(
        Registration.person_id == person_id, Registration.event_id.in_(list(event_ids)),
        Registration.status.in_(LIVE),
    )  # fmt: skip
    return dict(db.session.execute(query).all())


def of_person(person_id: int, limit: int = 6) -> Sequence[Registration]:
    """Where a person goes next."""
    query = (
        select(Registration)
        .join(Registration.event)
        .where(Registration.person_id == person_id, Registration.status.in_(LIVE))
        .where(Event.ends_at >= clock.now())
        .options(joinedload(Registration.event), joinedload(Registration.order))
        .order_by(Event.starts_at)
    )
    return db.session.scalars(query.limit(limit)).all()


def order_by_token(token: str) -> Order | None:
    query = select(Order).where(Order.token == token)
    shown = (
        joinedload(Order.event),
        selectinload(Order.registrations).joinedload(Registration.invoice),
    )
    return db.session.scalar(query.options(*shown))


def position(registration: Registration) -> int:
    """The number on the waiting list, from 1, in the order in which they came."""
    before = select(func.count(Registration.id)).where(
        Registration.event_id == registration.event_id, Registration.status == S.WAITING,
        Registration.id <= registration.id,
    )  # fmt: skip
    return db.session.scalar(before) or 0


def last_seat_at(event_id: int) -> datetime | None:
    """When the last of the seats that are taken went."""
    query = select(func.max(Registration.seat_at)).where(
        Registration.event_id == event_id, Registration.status.in_(SEATED)
    )
    return db.session.scalar(query)


def registered(event: Event, emails: Iterable[str]) -> set[str]:
    """Which of some addresses, in small letters, have a place or wait for one."""
    query = select(Registration.email).where(
        Registration.event_id == event.id, Registration.status.in_(LIVE),
        Registration.email.in_(list(emails)),
    )  # fmt: skip
    return set(db.session.scalars(query))


def first_waiting(event_id: int) -> Registration | None:
    query = select(Registration).where(
        Registration.event_id == event_id, Registration.status == S.WAITING
    )
    return db.session.scalars(query.order_by(Registration.id).limit(1)).first()


def attendees(event: Event) -> Select[Registration]:
    """Everybody who asked for a place, seated first, in order."""
    shown = joinedload(Registration.order).joinedload(Order.organization)
    query = select(Registration).where(Registration.event_id == event.id)
    rank = case(
        {one: number for number, one in enumerate(LIVE)}, value=Registration.status, else_=9
    )
    return query.options(shown, joinedload(Registration.invoice)).order_by(rank, Registration.id)


def waiting_count(event: Event) -> int:
    query = select(func.count(Registration.id)).where(
        Registration.event_id == event.id, Registration.status == S.WAITING
    )
    return db.session.scalar(query) or 0


def for_staff(text: str = "", state: str = "") -> Select[Event]:
    query = select(Event).order_by(Event.starts_at.desc(), Event.id)
    if state in set(EventStatus):
        query = query.where(Event.status == EventStatus(state))
    return query.where(Event.title.icontains(text, autoescape=True)) if text else query


def overdue_invoices(day: date) -> Select[Invoice]:
    """Invoices due before a day whose seats are still only held."""
    held = select(Registration.invoice_id).where(Registration.status == S.PENDING_PAYMENT)
    return select(Invoice).where(Invoice.id.in_(held), Invoice.due_on < day)


def documents(only: int | None = None) -> Iterable[Document]:
    """What the search finds of events."""
    query = select(Event).where(Event.status != EventStatus.DRAFT).order_by(Event.id)
    if only is not None:
        query = query.where(Event.id == only)
    for one in db.session.scalars(query):
        yield Document(
            key=f"event:{one.id}", kind="event", title=one.title, summary=one.summary,
            body=f"{one.venue}\n{one.body}", url=f"/events/{one.id}",
            audience=frozenset({one.audience.value}), teaser_audience=frozenset(),
            facets={"kind": (one.kind.value,)}, date=one.local(one.starts_at).date(), stored={},
        )  # fmt: skip
