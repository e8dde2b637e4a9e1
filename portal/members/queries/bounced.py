"""Whose addresses bounce: people of firms with their roles, and firms' own addresses."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.core.bounces import BouncedAddress
from portal.core.db import db
from portal.members.models import Affiliation, Organization


@dataclass(frozen=True)
class Owner:
    """`roles` is empty for the address that a firm's invoices go to."""

    firm: Organization
    name: str
    roles: tuple[str, ...] = ()


def bounced() -> Select[BouncedAddress]:
    """The latest first."""
    return select(BouncedAddress).order_by(BouncedAddress.since_at.desc(), BouncedAddress.id)


def owners_of(addresses: Iterable[str]) -> dict[str, list[Owner]]:
    """Of each address who is reached by it, in two statements."""
    wanted, found = list(addresses), dict[str, list[Owner]]()
    people = (
        select(Affiliation)
        .join(Affiliation.person)
        .where(Person.email.in_(wanted), Affiliation.until_on.is_(None))
        .options(joinedload(Affiliation.person), joinedload(Affiliation.organization))
    )
    for one in db.session.scalars(people.order_by(Affiliation.id)):
        owner = Owner(one.organization, one.person.display_name, tuple(one.roles))
        found.setdefault(one.person.email, []).append(owner)
    firms = select(Organization).where(func.lower(Organization.billing_email).in_(wanted))
    for firm in db.session.scalars(firms.order_by(Organization.id)).unique():
        found.setdefault(firm.billing_email.lower(), []).append(Owner(firm, ""))
    return found
