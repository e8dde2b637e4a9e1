"""Seats on committees, of a person and of a firm."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.accounts.holdings import HOLDINGS, Holding, Rows, closings
from portal.accounts.models import Person
from portal.association.queries import today
from portal.committees.actions import end_seat
from portal.committees.models import CommitteeSeat
from portal.committees.queries import is_held
from portal.core.db import db
from portal.dues import firm_bundle


def _seats(person: Person) -> Sequence[CommitteeSeat]:
    query = select(CommitteeSeat).filter_by(person_id=person.id).order_by(CommitteeSeat.id)
    return db.session.scalars(query.options(joinedload(CommitteeSeat.committee))).all()


def _rows(person: Person) -> Rows:
    return [
        {
            "committee": one.committee.name, "role": one.role.value, "from_on": one.from_on,
            "until_on": one.until_on,
        }
        for one in _seats(person)
    ]  # fmt: skip


def _of_firm(numbers: set[int]) -> Rows:
    query = select(CommitteeSeat).where(CommitteeSeat.organization_id.in_(numbers))
    shown = joinedload(CommitteeSeat.committee), joinedload(CommitteeSeat.person)
    for one in db.session.scalars(query.options(*shown).order_by(CommitteeSeat.id)):
        yield {
            "committee": one.committee.name, "person": one.person.display_name,
            "role": one.role.value, "from_on": one.from_on, "until_on": one.until_on,
        }  # fmt: skip


firm_bundle.more["committee_seats"] = _of_firm


def _close(person: Person) -> None:
    for one in _seats(person):
        if is_held(one, today()):
            end_seat(one)


closings.append(_close)
HOLDINGS.append(
    Holding(
        "committee-seats", "Your seats on committees", "Who decided what must be open to see",
        "Those who elected or appointed you", "Everybody", "For good, without your name", _rows,
    )
)  # fmt: skip
