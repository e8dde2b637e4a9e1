"""What the front page and the dashboards ask of more than one room."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import func, select

from portal.core.db import db
from portal.core.money import half_up
from portal.dues.models import Account, Posting
from portal.members.models import GroupMembership, Organization
from portal.members.queries import in_group, live_firm_ids


@dataclass(frozen=True)
class Belonging:
    firms: int
    countries: int
    groups: int


def who_belongs(day: date) -> Belonging:
    """Member firms on a day, their countries, and the groups that own them."""
    live = live_firm_ids(day)
    facts = select(func.count(Organization.id), func.count(func.distinct(Organization.country)))
    firms, countries = db.session.execute(facts.where(Organization.id.in_(live))).one()
    groups = db.session.scalar(
        select(func.count(func.distinct(GroupMembership.group_id))).where(
            GroupMembership.organization_id.in_(live), in_group(day)
        )
    )
    return Belonging(firms, countries, groups or 0)


@dataclass(frozen=True)
class LargestPayer:
    """The group that paid the largest part of a year's income, in tenths of a percent."""

    share_tenths: int
    since: date


def largest_payer(day: date) -> LargestPayer | None:
    """Of the income booked in the twelve months to `day`, by the group of its day."""
    since = day - timedelta(days=365)
    earned = -func.sum(Posting.minor)
    query = (
        select(func.coalesce(GroupMembership.group_id, 0), earned)
        .outerjoin(
            GroupMembership,
            (GroupMembership.organization_id == Posting.organization_id) & in_group(Posting.on),
        )
        .where(Posting.account == Account.INCOME, Posting.on > since, Posting.on <= day)
        .group_by(GroupMembership.group_id)
    )
    sums = [int(minor) for _group, minor in db.session.execute(query)]
    total = sum(sums)
    if total <= 0:
        return None
    return LargestPayer(half_up(Fraction(max(sums) * 1000, total)), since)
