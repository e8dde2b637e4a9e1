"""Seats on committees, given and ended. The caller commits."""

from datetime import timedelta

from sqlalchemy import select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.committees.models import Committee, CommitteeSeat, SeatRole
from portal.committees.queries import is_held
from portal.core import audit
from portal.core.db import db
from portal.core.states import Refused
from portal.members.queries import firm_of


def seat(committee: Committee, person: Person, role: SeatRole) -> CommitteeSeat:
    """A seat from today on, for the person's firm. Raises `Refused` when they hold one already."""
    day = today()
    if any(one.person_id == person.id and is_held(one, day) for one in committee.seats):
        raise Refused(f"{person.display_name} sits on it already.")
    made = CommitteeSeat(
        committee=committee, person=person, organization=firm_of(person), role=role, from_on=day
    )
    db.session.add(made)
    audit.record("committee.seat_given", committee, person=person.id, role=role.value)
    return made


def end_seat(held: CommitteeSeat) -> None:
    """Today is the last day; from tomorrow on the committee's notes are closed to them."""
    held.until_on = today()
    audit.record("committee.seat_ended", held.committee, person=held.person_id)


def sit_once(keep_id: int, lose_id: int) -> None:
    """Two accounts of one person become one: where both sit, the kept account's seat stays."""
    day = today()
    kept = select(CommitteeSeat).where(CommitteeSeat.person_id == keep_id)
    held = {one.committee_id for one in db.session.scalars(kept) if is_held(one, day)}
    for one in db.session.scalars(select(CommitteeSeat).filter_by(person_id=lose_id)).all():
        if one.committee_id in held and is_held(one, day):
            one.until_on = day - timedelta(days=1)
