"""Questions about committees."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, bindparam, exists, literal, or_, select
from sqlalchemy.orm import joinedload

from portal.association.queries import today
from portal.committees.models import Committee, CommitteeSeat, SeatRole
from portal.core.access import Person, Role
from portal.core.db import db
from portal.core.merging import leads_to
from portal.members.access_table import Table
from portal.members.adopted import access_on
from portal.members.groups import Figure
from portal.members.models import Organization
from portal.members.policy import Feature
from portal.members.queries import has

MOST_OF_A_GROUP = 2  # voting seats of one committee, and never more than a third of them


def seats_of(person: Person) -> Select[CommitteeSeat]:
    """The committee seats a person holds today."""
    query = select(CommitteeSeat).where(*_is_of(literal(person.id), today()))
    return query.order_by(CommitteeSeat.id)


def _is_of(person_id: ColumnElement[int], day: date) -> tuple[ColumnElement[bool], ...]:
    held = or_(CommitteeSeat.until_on.is_(None), CommitteeSeat.until_on >= day)
    return CommitteeSeat.person_id == person_id, CommitteeSeat.from_on <= day, held


def open_seats_of(person: Person) -> Select[CommitteeSeat]:
    """Those at which they may work today: their firm has the portal, or the seat is of no firm."""
    day = today()
    return seats_of(person).where(_is_open(day, access_on(day)))


@lru_cache(maxsize=4)
def _is_open(day: date, _held: Table) -> ColumnElement[bool]:
    """Kept for the day and the access table that holds on it.

    Every request asks, and putting it together takes longer than asking.
    """
    open_firm = exists().where(
        leads_to(Organization, CommitteeSeat.organization_id, Organization.id),
        has(Feature.FULL, Organization.id, day),
    )
    return or_(CommitteeSeat.organization_id.is_(None), open_firm)


def committees_of(person: Person) -> list[Committee]:
    """On which they sit and may work today."""
    query = open_seats_of(person).join(CommitteeSeat.committee).with_only_columns(Committee)
    return list(db.session.scalars(query.order_by(None).order_by(Committee.name)))


def committee_roles(person: Person) -> Iterable[Role]:
    """Most people sit nowhere: only of the others is it asked what their firm still has."""
    day = today()
    seat_ids = _seat_ids(day, access_on(day))
    asked = (db.session.scalar(one, {"person": person.id}) for one in seat_ids)
    if all(asked):
        yield Role.COMMITTEE


@lru_cache(maxsize=4)
def _seat_ids(day: date, held: Table) -> tuple[Select[int], Select[int]]:
    """One that is held that day, and one at which the person may work; every request asks."""
    seat = select(CommitteeSeat.id).where(*_is_of(bindparam("person"), day)).limit(1)
    return seat, seat.where(_is_open(day, held))


def is_held(seat: CommitteeSeat, day: date) -> bool:
    return seat.from_on <= day and (seat.until_on is None or seat.until_on >= day)


def seat_cap(filled: int) -> int:
    """How many of a committee's filled voting seats one group may hold: 9 -> 2, 5 -> 1, 2 -> 1."""
    return max(1, min(MOST_OF_A_GROUP, filled // 3))


def seats_figure(firm_ids: Sequence[int]) -> Figure:
    """Committee seats of a group's firms, and where they are more than one group may hold."""
    day = today()
    query = select(CommitteeSeat).options(joinedload(CommitteeSeat.committee))
    held = [one for one in db.session.scalars(query) if is_held(one, day)]
    voting = [one for one in held if one.role is not SeatRole.SECRETARY]
    filled = Counter(one.committee_id for one in voting)
    ours = [one for one in voting if one.organization_id in set(firm_ids)]
    by_firm, names = Counter(one.organization_id for one in ours), {}
    for one in ours:
        names[one.committee_id] = one.committee.name
    here = Counter(one.committee_id for one in ours)
    over = [key for key, count in here.items() if count > seat_cap(filled[key])]
    return Figure(
        name="Committee seats",
        by_firm={one: str(by_firm[one]) for one in firm_ids},
        total=str(len(ours)),
        against="; ".join(
            f"{names[key]}: {here[key]} held, {seat_cap(filled[key])} allowed, "
            "the latest must leave within 28 days" for key in over
        ) or "none over the cap",
        is_over=bool(over),
    )  # fmt: skip
