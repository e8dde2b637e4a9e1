"""Mail to who acts for a firm came back twice: the role is to be given again, until it arrives."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.association.queries import today
from portal.core import audit
from portal.core.bounces import BouncedAddress, bouncing
from portal.core.db import db
from portal.members import attesting, queries
from portal.members.actions.people import hold_firm, open_vacancy
from portal.members.models import Affiliation, FirmRole, Vacancy
from portal.members.words import ROLE_NAMES
from portal.notices.actions import once

TWICE = 2


def begin_succession(row: BouncedAddress) -> None:
    """Once for each role and for as long as the address bounces.

    A role that a colleague holds as well, at an address that works, is not open.
    """
    if row.times < TWICE:
        return
    for held in queries.held_at(row.address):
        for role in attesting.DEADLINES:
            if role in held.roles:
                _begin(held, role, row)


def _begin(held: Affiliation, role: FirmRole, row: BouncedAddress) -> None:
    hold_firm(held.organization_id)
    others = [one.person.email for one in queries.holders(held.organization_id, role, but=held.id)]
    key = f"unreached:{held.id}:{role.value}:{int(row.since_at.timestamp())}"
    if set(others) - bouncing(others) or not once(key, "unreached", f"affiliation:{held.id}"):
        return
    name = ROLE_NAMES[role].lower()
    why = f"Mail to {held.person.display_name}, {name}, came back {row.times} times"
    open_vacancy(held.organization, role, why, unreached=held)


def end_succession(_sender: Any) -> None:
    """Whose mail arrives again holds the role as before, if it is still theirs and confirmed."""
    shown = joinedload(Vacancy.unreached).joinedload(Affiliation.person)
    query = select(Vacancy).where(Vacancy.filled_on.is_(None), Vacancy.unreached_id.is_not(None))
    for one in db.session.scalars(query.options(shown)).all():
        if one.unreached and _holds_it_again(one.unreached, one.role):
            one.filled_on = today()
            audit.record("vacancy.mended", one, role=one.role.value)


def _holds_it_again(held: Affiliation, role: FirmRole) -> bool:
    due = attesting.due_on(queries.attested_on(held))
    return (
        held.until_on is None and role in held.roles and not bouncing([held.person.email])
        and not attesting.is_unattested(due, today())
    )  # fmt: skip
