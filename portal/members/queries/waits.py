"""Who works at a firm, and what waits for its roster manager."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.members.models import Affiliation, JoinRequest, RequestStatus, SeatWait, Vacancy


class Waits(NamedTuple):
    """How many of each; by when the first role must be given again."""

    vacant: int = 0
    vacant_until: date | None = None
    waiting: int = 0  # for a seat
    asking: int = 0  # to join


def people_and_waits(organization_id: int) -> tuple[list[Affiliation], Waits]:
    """By name. In one statement: it is asked on every visit of the dashboard."""
    query = (
        select(Affiliation, *_counts(organization_id))
        .join(Affiliation.person)
        .where(Affiliation.organization_id == organization_id, Affiliation.until_on.is_(None))
        .options(joinedload(Affiliation.person))
    )
    rows = db.session.execute(query).all()
    found = sorted((one for one, *_ in rows), key=lambda one: one.person.display_name.lower())
    return found, Waits(*rows[0][1:]) if rows else Waits()


def _counts(organization_id: int) -> list[ScalarSelect[Any]]:
    """The columns of `Waits`."""
    vacant = Vacancy.organization_id == organization_id, Vacancy.filled_on.is_(None)
    waiting = (
        select(func.count(SeatWait.id))
        .join(SeatWait.affiliation)
        .where(Affiliation.organization_id == organization_id, SeatWait.ended_at.is_(None))
    )
    asking = select(func.count(JoinRequest.id)).where(
        JoinRequest.organization_id == organization_id, JoinRequest.status == RequestStatus.OPEN
    )
    first_day = select(func.min(Vacancy.due_on)).where(*vacant)
    many = select(func.count(Vacancy.id)).where(*vacant)
    asked: tuple[Select[Any], ...] = (many, first_day, waiting, asking)
    return [one.correlate(None).scalar_subquery() for one in asked]
