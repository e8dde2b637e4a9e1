"""Questions about firms, their people and their membership."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, or_, select

from portal.association.queries import today
from portal.core.access import Person, Role
from portal.core.db import db
from portal.members.models import Affiliation, FirmRole, Membership, Organization, Term


def is_live(day: date) -> ColumnElement[bool]:
    """True of terms that are in force or in grace on `day`."""
    return and_(
        Term.start_on <= day,
        Term.grace_until_on >= day,
        Term.cancelled_at.is_(None),
        or_(Term.ended_early_on.is_(None), Term.ended_early_on >= day),
    )


def live_firm_ids(day: date) -> Select[tuple[int]]:
    """The firms that are members on `day`."""
    return select(Membership.organization_id).join(Membership.terms).where(is_live(day)).distinct()


def firm_of(person: Person) -> Organization | None:
    """The firm a person acts for: their oldest open affiliation."""
    query = (
        select(Organization)
        .join(Organization.affiliations)
        .where(Affiliation.person_id == person.id, Affiliation.until_on.is_(None))
        .order_by(Affiliation.id)
    )
    return db.session.scalars(query.limit(1)).first()


def firm_roles(person: Person) -> Iterable[Role]:
    """What a person may do through their firm, and through its membership today."""
    is_member = Affiliation.organization_id.in_(live_firm_ids(today()))
    query = select(Affiliation.roles, is_member).where(
        Affiliation.person_id == person.id, Affiliation.until_on.is_(None)
    )
    for roles, member in db.session.execute(query):
        yield Role.CONTACT
        if member:
            yield Role.MEMBER
        if FirmRole.ROSTER_MANAGER in roles:
            yield Role.MANAGER
        if FirmRole.DUES_CONTACT in roles:
            yield Role.DUES_CONTACT
