"""Questions about committees."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Select, or_, select

from portal.association.queries import today
from portal.committees.models import Committee, CommitteeSeat
from portal.core.access import Person, Role
from portal.core.db import db


def seats_of(person: Person) -> Select[CommitteeSeat]:
    """The committee seats a person holds today."""
    held = or_(CommitteeSeat.until_on.is_(None), CommitteeSeat.until_on >= today())
    return (
        select(CommitteeSeat)
        .where(CommitteeSeat.person_id == person.id, CommitteeSeat.from_on <= today(), held)
        .order_by(CommitteeSeat.id)
    )


def committees_of(person: Person) -> list[Committee]:
    query = seats_of(person).join(CommitteeSeat.committee).with_only_columns(Committee)
    return list(db.session.scalars(query.order_by(None).order_by(Committee.name)))


def committee_roles(person: Person) -> Iterable[Role]:
    if db.session.scalar(seats_of(person).with_only_columns(CommitteeSeat.id).limit(1)):
        yield Role.COMMITTEE


def is_held(seat: CommitteeSeat, day: date) -> bool:
    return seat.from_on <= day and (seat.until_on is None or seat.until_on >= day)
