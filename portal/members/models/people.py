"""Seats of a term, how people come to a firm by themselves, and who must be named again."""

import enum
from datetime import date, datetime
from typing import Self

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model
from portal.core.states import Status
from portal.members.models.firms import Affiliation, FirmRole, Organization, Term


class SeatKind(enum.StrEnum):
    INCLUDED = "included"
    EXTRA = "extra"


class Seat(Model):
    """A person of a firm uses one of the places of a term; open while `until_on` is empty."""

    __tablename__ = "seats"
    __table_args__ = (
        Index(
            "uq_seats_open", "term_id", "affiliation_id", unique=True,
            sqlite_where=text("until_on IS NULL"), postgresql_where=text("until_on IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    term_id: Mapped[int] = mapped_column(ForeignKey("terms.id"), index=True)
    term: Mapped[Term] = relationship()
    affiliation_id: Mapped[int] = mapped_column(ForeignKey("affiliations.id"), index=True)
    affiliation: Mapped[Affiliation] = relationship()
    kind: Mapped[SeatKind]
    from_on: Mapped[date]
    until_on: Mapped[date | None]


class SeatOrder(Model):
    """Seats bought inside a term; they are there once the invoice is paid."""

    __tablename__ = "seat_orders"
    __table_args__ = (CheckConstraint("seats > 0", "some_seats"),)

    id: Mapped[Key]
    term_id: Mapped[int] = mapped_column(ForeignKey("terms.id"), index=True)
    term: Mapped[Term] = relationship()
    seats: Mapped[int]
    invoice_number: Mapped[str] = mapped_column(unique=True)
    ordered_on: Mapped[date]
    paid_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]


class SeatWait(Model):
    """Somebody waits for a seat; the queue is in the order of the rows."""

    __tablename__ = "seat_waits"
    __table_args__ = (
        Index(
            "uq_seat_waits_open", "affiliation_id", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    affiliation_id: Mapped[int] = mapped_column(ForeignKey("affiliations.id"), index=True)
    affiliation: Mapped[Affiliation] = relationship()
    since_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Attestation(Model):
    """“I am still at the firm and hold this role”, or the day on which the role was given."""

    __tablename__ = "attestations"

    id: Mapped[Key]
    affiliation_id: Mapped[int] = mapped_column(ForeignKey("affiliations.id"), index=True)
    affiliation: Mapped[Affiliation] = relationship()
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    on: Mapped[date] = mapped_column("attested_on")


class Vacancy(Model):
    """A role that a firm must give again, by a day."""

    __tablename__ = "vacancies"
    __table_args__ = (
        Index(
            "uq_vacancies_open", "organization_id", "role", unique=True,
            sqlite_where=text("filled_on IS NULL"), postgresql_where=text("filled_on IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization] = relationship()
    role: Mapped[FirmRole]
    why: Mapped[str]
    opened_on: Mapped[date]
    due_on: Mapped[date] = mapped_column(index=True)
    filled_on: Mapped[date | None]
    unreached_id: Mapped[int | None] = mapped_column(ForeignKey("affiliations.id"), index=True)
    unreached: Mapped[Affiliation | None] = relationship()  # who holds it; their mail comes back


class FirmDomain(Model):
    """A mail domain by which colleagues may join; it counts once it is proven."""

    __tablename__ = "firm_domains"
    __table_args__ = (UniqueConstraint("organization_id", "domain"),)

    id: Mapped[Key]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization] = relationship()
    domain: Mapped[str] = mapped_column(index=True)  # lower case, plain letters
    is_open: Mapped[bool]  # colleagues join at once, without anybody's approval
    secret_hash: Mapped[str] = mapped_column(unique=True)  # of the link that proves it
    asked_at: Mapped[datetime]  # when the last link was mailed
    verified_at: Mapped[datetime | None]
    proof: Mapped[str] = mapped_column(default="")  # "mail to postmaster@…", or who checked


class JoinCode(Model):
    """A firm's own word for colleagues; it never grants more than a request."""

    __tablename__ = "join_codes"

    id: Mapped[Key]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization] = relationship()
    code: Mapped[str] = mapped_column(String(16), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    most: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    revoked_at: Mapped[datetime | None]


class RequestStatus(Status):
    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {cls.OPEN: {cls.APPROVED, cls.DECLINED}}


class JoinRequest(Model):
    """Somebody says that they work at a firm; its roster manager answers."""

    __tablename__ = "join_requests"
    __table_args__ = (
        Index(
            "uq_join_requests_open", "person_id", "organization_id", unique=True,
            sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person] = relationship()
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization] = relationship()
    way: Mapped[str]  # "domain", "code"
    status: Mapped[RequestStatus] = mapped_column(default=RequestStatus.OPEN)
    made_at: Mapped[datetime]
