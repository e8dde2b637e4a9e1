"""Firms of one owner, as far as they know of one another, and the people who work there."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ScalarSelect, Select, select
from sqlalchemy.orm import aliased

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core.db import db
from portal.members.models import Affiliation, GroupBasis, GroupMembership, Organization
from portal.members.queries import in_group

# What staff found out is not shown to other firms until it is confirmed.
_KNOWN = GroupMembership.basis != GroupBasis.STAFF


def firm_ids_of(person: Person | Any) -> Select[int]:
    """Where a person works today."""
    return select(Affiliation.organization_id).where(
        Affiliation.person_id == person.id, Affiliation.until_on.is_(None)
    )


def kin_of(firm_ids: Iterable[int] | Select[int] | ScalarSelect[int]) -> Select[int]:
    """The firms of the same groups that are declared or registered, themselves left out."""
    other, day = aliased(GroupMembership), today()
    groups = select(GroupMembership.group_id).where(
        GroupMembership.organization_id.in_(firm_ids), in_group(day), _KNOWN
    )
    return select(other.organization_id).where(
        other.group_id.in_(groups), other.from_on <= day,
        other.until_on.is_(None) | (other.until_on >= day), other.basis != GroupBasis.STAFF,
    )  # fmt: skip


def colleagues(firm_id: int) -> dict[int, str]:
    """Who works at a firm or one of its sisters today: name and firm, in the order of names."""
    at = Affiliation.organization_id
    query = (
        select(Person.id, Person.display_name, Organization.name)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .join(Affiliation.organization)
        .where((at == firm_id) | at.in_(kin_of([firm_id])), Affiliation.until_on.is_(None))
        .where(Person.disabled_at.is_(None))
        .order_by(Person.display_name, Person.id, (at == firm_id).desc())
    )
    found: dict[int, str] = {}
    for number, name, firm in db.session.execute(query):
        found.setdefault(number, f"{name}, {firm}")
    return found
