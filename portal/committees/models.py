"""Committees and the seats on them."""

import enum
from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model
from portal.members.models import Organization


class Committee(Model):
    __tablename__ = "committees"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    remit: Mapped[str]
    seats: Mapped[list["CommitteeSeat"]] = relationship(
        back_populates="committee", order_by="CommitteeSeat.from_on"
    )


class SeatRole(enum.StrEnum):
    CHAIR = "chair"
    VICE_CHAIR = "vice_chair"
    MEMBER = "member"
    SECRETARY = "secretary"


class CommitteeSeat(Model):
    """A person on a committee, for a firm, from a day to a day."""

    __tablename__ = "committee_seats"

    id: Mapped[Key]
    committee_id: Mapped[int] = mapped_column(ForeignKey("committees.id"), index=True)
    committee: Mapped[Committee] = relationship(back_populates="seats")
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person] = relationship()
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization | None] = relationship()
    role: Mapped[SeatRole] = mapped_column(default=SeatRole.MEMBER)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
