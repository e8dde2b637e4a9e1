"""Events, registrations and their tickets; a ticket without a seat waits in order."""

import enum
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Currency, Key, Model
from portal.core.money import Money
from portal.core.states import Status
from portal.dues.models import Invoice
from portal.members.models import Organization
from portal.places.models import Place


class EventKind(enum.StrEnum):
    CONFERENCE = "conference"
    FORUM = "forum"
    ROUNDTABLE = "roundtable"
    SITE_VISIT = "site_visit"
    WEBINAR = "webinar"
    TRAINING = "training"
    SOCIAL = "social"
    NEWCOMER_INTRO = "newcomer_intro"

    @property
    def words(self) -> str:
        return {"newcomer_intro": "Newcomers’ introduction"}.get(
            self.value, self.value.replace("_", " ").capitalize()
        )


class EventFormat(enum.StrEnum):
    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class Audience(enum.StrEnum):
    PUBLIC = "public"
    MEMBERS = "members"


class EventStatus(Status):
    DRAFT = "draft"
    OPEN = "open"
    CANCELLED = "cancelled"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {cls.DRAFT: {cls.OPEN, cls.CANCELLED}, cls.OPEN: {cls.CANCELLED}}


class Event(Model):
    """A gathering. The local time and the zone are the truth; the instants follow from them."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("seats_used >= 0 AND seats_used <= seats", "never_oversold"),
        CheckConstraint("ends_at > starts_at", "ends_after_it_starts"),
    )

    id: Mapped[Key]
    title: Mapped[str]
    kind: Mapped[EventKind]
    summary: Mapped[str]
    body: Mapped[str]  # Markdown
    status: Mapped[EventStatus] = mapped_column(default=EventStatus.DRAFT, index=True)
    audience: Mapped[Audience]
    starts_local: Mapped[str]  # 2026-12-03T15:00
    ends_local: Mapped[str]
    zone: Mapped[str]  # IANA
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    format: Mapped[EventFormat]
    venue: Mapped[str]
    address: Mapped[str]
    place_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"), index=True)
    place: Mapped[Place | None] = relationship()
    join_url: Mapped[str]  # never public
    seats: Mapped[int]
    seats_used: Mapped[int] = mapped_column(default=0)
    currency: Mapped[Currency]
    member_minor: Mapped[int] = mapped_column(BigInteger)
    other_minor: Mapped[int] = mapped_column(BigInteger)
    cancel_days: Mapped[int] = mapped_column(default=14)  # until then cancelling costs nothing
    sequence: Mapped[int] = mapped_column(default=0)  # of the calendar file
    is_demo: Mapped[bool] = mapped_column(default=False)

    @property
    def member_price(self) -> Money:
        return Money(self.member_minor, self.currency)

    @property
    def other_price(self) -> Money:
        return Money(self.other_minor, self.currency)

    @property
    def seats_left(self) -> int:
        return self.seats - self.seats_used

    @property
    def where(self) -> str:
        if self.format is EventFormat.ONLINE:
            return "online"
        return f"{self.venue} and online" if self.format is EventFormat.HYBRID else self.venue

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(ZoneInfo(self.zone))


class RegistrationStatus(Status):
    PENDING_PAYMENT = "pending_payment"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        out = {cls.CANCELLED, cls.EXPIRED}
        return {
            cls.WAITING: {cls.PENDING_PAYMENT, cls.CONFIRMED, *out},
            cls.PENDING_PAYMENT: {cls.CONFIRMED, *out},
            cls.CONFIRMED: {cls.CANCELLED},
        }


class Registration(Model):
    """One person's place at one event; colleagues registered together share an `order`."""

    __tablename__ = "registrations"
    __table_args__ = (
        Index(
            "uq_registrations_live", "event_id", "email", unique=True,
            sqlite_where=text("status NOT IN ('cancelled', 'expired')"),
            postgresql_where=text("status NOT IN ('cancelled', 'expired')"),
        ),
        Index(None, "event_id", "status"),
    )  # fmt: skip

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    event: Mapped[Event] = relationship()
    order_id: Mapped[int] = mapped_column(ForeignKey("event_orders.id"), index=True)
    order: Mapped["Order"] = relationship(back_populates="registrations")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person | None] = relationship()
    name: Mapped[str]
    email: Mapped[str]  # lower case
    needs: Mapped[str] = mapped_column(default="")  # access and food; for the organiser only
    status: Mapped[RegistrationStatus]
    price_minor: Mapped[int] = mapped_column(BigInteger)
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    invoice: Mapped[Invoice | None] = relationship()
    made_at: Mapped[datetime]
    seat_at: Mapped[datetime | None]  # when they got their seat
    lost_at: Mapped[datetime | None]  # when the last seat went to somebody else


class Order(Model):
    """What one buyer asked for at once; its secret link shows and cancels it."""

    __tablename__ = "event_orders"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), index=True)
    event: Mapped[Event] = relationship()
    token: Mapped[str] = mapped_column(unique=True)
    buyer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    buyer: Mapped[Person | None] = relationship()
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization | None] = relationship()
    buyer_name: Mapped[str]
    buyer_email: Mapped[str]
    firm_name: Mapped[str]
    billing_address: Mapped[str]
    country: Mapped[str]
    is_member_price: Mapped[bool]
    made_at: Mapped[datetime]
    registrations: Mapped[list[Registration]] = relationship(
        back_populates="order", order_by=Registration.id
    )
