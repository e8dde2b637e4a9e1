"""Who of a firm is asked to give a role again, and who was."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.core.bounces import bouncing
from portal.core.db import db
from portal.members.models import Affiliation, Organization, Vacancy
from portal.members.powers import Power
from portal.members.queries.people import people_with
from portal.notices.models import Notice


def askable(organization: Organization) -> list[Person | str]:
    """Roster managers, else whoever holds another role, else the address for invoices.

    Nobody at an address at which mail does not arrive.
    """
    for power in (Power.MANAGE_ROSTER, Power.ATTEST):
        people = [one.person for one in people_with(power, organization.id)]
        dead = bouncing(one.email for one in people)
        if found := [one for one in people if one.email not in dead]:
            return [*found]
    address = organization.billing_email
    return [address] if address and not bouncing([address]) else []


def asked_about(vacancies: Iterable[Vacancy]) -> dict[int, list[str]]:
    """Who was asked to give each role again, in one statement; none where nobody could be."""
    subjects = {f"vacancy:{one.id}": one.id for one in vacancies}
    query = (
        select(Notice.subject, Person.display_name)
        .outerjoin(Person, Person.id == Notice.person_id)
        .where(Notice.kind == "members/vacancy", Notice.subject.in_(list(subjects)))
        .order_by(Notice.id)
    )
    found: dict[int, list[str]] = {}
    for subject, name in db.session.execute(query):
        found.setdefault(subjects[subject], []).append(name or "its address for invoices")
    return found


def held_at(address: str) -> list[Affiliation]:
    """Where whoever has this address is at work, as invoices and notices reach them."""
    query = (
        select(Affiliation)
        .join(Affiliation.person)
        .where(Person.email == address, Affiliation.until_on.is_(None))
        .options(joinedload(Affiliation.person), joinedload(Affiliation.organization))
        .order_by(Affiliation.id)
    )
    return list(db.session.scalars(query))
