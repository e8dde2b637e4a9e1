"""Who funds the association: income by who pays it, a group of firms or somebody else."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select

from portal.core.db import db
from portal.dues.models import Account, Invoice, Posting
from portal.members.models import GroupMembership, Organization
from portal.members.queries import in_group

Who = tuple[str, str]  # the country and the name of who pays for a firm, as the invoice has them


class Funder(NamedTuple):
    """A group of firms by its number, or somebody who is in none, by country and name."""

    group_id: int
    outsider: Who = ("", "")


def income_by_funder(since: date, until: date) -> Counter[Funder]:
    """Minor units of the income booked after one day, up to another, by the groups of each day.

    What somebody pays for a firm is theirs, not the firm's. Where they are a firm of the register
    themselves, by country and name, it is their group's of the last day.
    """
    named = Invoice.paid_by["name"].as_string(), Invoice.paid_by["country"].as_string()
    columns = GroupMembership.group_id, *named
    query = (
        select(*columns, -func.sum(Posting.minor))
        .outerjoin(Invoice, Invoice.id == Posting.invoice_id)
        .outerjoin(
            GroupMembership,
            (GroupMembership.organization_id == Posting.organization_id) & in_group(Posting.on),
        )
        .where(Posting.account == Account.INCOME, Posting.on > since, Posting.on <= until)
        .group_by(*columns)
    )
    rows = [
        (group_id or 0, (country or "", " ".join(name.lower().split())) if name else None, minor)
        for group_id, name, country, minor in db.session.execute(query)
    ]
    known = _groups_of({who for _, who, _ in rows if who}, until)
    found: Counter[Funder] = Counter()
    for group_id, who, minor in rows:
        outsider = Funder(known[who]) if who in known else Funder(0, who) if who else None
        found[outsider or Funder(group_id)] += int(minor)
    return found


def _groups_of(asked: Iterable[Who], on: date) -> dict[Who, int]:
    """Of those who are firms in a group themselves."""
    names = [name for _, name in asked]
    query = (
        select(Organization.country, func.lower(Organization.name), GroupMembership.group_id)
        .join(GroupMembership, GroupMembership.organization_id == Organization.id)
        .where(func.lower(Organization.name).in_(names), in_group(on))
    )
    rows = db.session.execute(query).all() if names else []
    return {(country, name): group_id for country, name, group_id in rows}
