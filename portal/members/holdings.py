"""What the register keeps of a person: where they work, and what they may do there."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.accounts.holdings import HOLDINGS, Holding, Rows, closings, former
from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit
from portal.core.db import db
from portal.members.models import Affiliation, FirmRole


def _affiliations(person: Person) -> list[Affiliation]:
    query = select(Affiliation).where(Affiliation.person_id == person.id)
    shown = joinedload(Affiliation.organization)
    return list(db.session.scalars(query.options(shown).order_by(Affiliation.id)))


def _rows(person: Person) -> Rows:
    return [
        {
            "firm": one.organization.name, "title": one.title, "roles": ", ".join(one.roles),
            "from_on": one.from_on, "until_on": one.until_on,
        }
        for one in _affiliations(person)
    ]  # fmt: skip


def _former(person: Person) -> str:
    """Office and firm stay where a name stood: a vote was cast for a firm."""
    held = _affiliations(person)
    order = [one for one in held if one.until_on is None] or held
    delegate = next((one for one in order if FirmRole.DELEGATE in one.roles), None)
    last = delegate or next(iter(reversed(order)), None)
    if last is None:
        return ""
    return f"former {'delegate' if delegate else 'colleague'} of {last.organization.name}"


def _close(person: Person) -> None:
    """They leave their firms today, also as the last roster manager: nobody is kept for that."""
    for one in _affiliations(person):
        one.title = ""
        if one.until_on is None:
            one.until_on = today()
            audit.record("affiliation.ended", one, person=person.id)


former.append(_former)
closings.append(_close)
HOLDINGS.append(
    Holding(
        "firms", "The firms you work or worked for, and your roles there",
        "What you may do here follows from it", "Your firm’s roster manager, or you",
        "People of those firms, and staff",
        "For good, without your name: who was a firm’s delegate is part of its votes", _rows,
    )
)  # fmt: skip
