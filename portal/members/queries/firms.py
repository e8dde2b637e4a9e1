"""Questions about firms and their membership."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from portal.association.queries import today
from portal.core.db import db
from portal.core.keeping import kept
from portal.core.merging import merged_away
from portal.core.search import Document
from portal.members.adopted import access_on
from portal.members.models import (
    CLASS_NAMES,
    CorporateGroup,
    GroupMembership,
    Membership,
    MembershipClass,
    Organization,
    Term,
)
from portal.members.overlays import keeps
from portal.members.policy import Feature
from portal.members.standing import FirmState, Standing, firm_state
from portal.members.terms import TermDates
from portal.members.words import country


def is_live(day: date) -> ColumnElement[bool]:
    """True of terms that are in force or in grace on `day`."""
    return and_(
        Term.start_on <= day,
        Term.grace_until_on >= day,
        Term.cancelled_at.is_(None),
        or_(Term.ended_early_on.is_(None), Term.ended_early_on >= day),
    )


def live_firm_ids(day: date) -> Select[int]:
    """The firms that are members on `day`."""
    return select(Membership.organization_id).join(Membership.terms).where(is_live(day)).distinct()


def has(
    feature: Feature, firm_id: SQLColumnExpression[Any], day: date | None = None
) -> ColumnElement[bool]:
    """True of the firms in a column whose membership gives them this on a day (today)."""
    on = day or today()
    live = select(Term.id).join(Term.membership).where(
        Membership.organization_id == firm_id, _gives(feature, on), keeps(feature, on)
    )  # fmt: skip
    return live.exists()


def _gives(feature: Feature, day: date) -> ColumnElement[bool]:
    """True of terms that give a feature to whoever owes nothing."""
    table = access_on(day)
    if feature in table.grace:
        return is_live(day)
    in_force = and_(is_live(day), Term.end_on >= day)
    return in_force if feature in table.in_force else false()


def gives(feature: Feature, firm: Organization) -> bool:
    """Has the firm this today?"""
    asked = select(Organization.id).where(Organization.id == firm.id)
    return db.session.scalar(asked.where(has(feature, Organization.id))) is not None


def live_days() -> list[tuple[int, date, date]]:
    """Of every term that was not cancelled: the firm, its first day and its last live day."""
    last = func.coalesce(Term.ended_early_on, Term.grace_until_on)
    query = select(Membership.organization_id, Term.start_on, last).join(Membership.terms)
    found = db.session.execute(query.where(Term.cancelled_at.is_(None), last >= Term.start_on))
    return [(firm_id, first, end) for firm_id, first, end in found]


def live_by(column: ColumnElement[Any], day: date) -> list[tuple[Any, int]]:
    """How many of the firms that are members on a day have each value, the most first."""
    count = func.count(func.distinct(Organization.id))
    query = select(column, count).join(Membership.organization).join(Membership.terms)
    query = query.where(is_live(day)).group_by(column).order_by(count.desc(), column)
    return [(value, int(many)) for value, many in db.session.execute(query)]


def members_among(firm_ids: set[int]) -> set[int]:
    """Those of these firms that are members today, and listed."""
    found = select(Organization.id).where(Organization.id.in_(firm_ids))
    return set(db.session.scalars(found.where(has(Feature.LISTED, Organization.id))))


def firm_documents(only: int | None = None) -> Iterable[Document]:
    """What everybody may find of the firms that are members today."""
    query = firm_with_terms().where(has(Feature.LISTED, Organization.id))
    if only is not None:
        query = query.where(Organization.id == only)
    for one in db.session.scalars(query.order_by(Organization.id)).unique():
        place = f"{one.place.name}, " if one.place else ""
        classes = ", ".join(CLASS_NAMES[kind] for kind in classes_of(one))
        yield Document(
            key=f"firm:{one.id}", kind="firm", title=one.name,
            summary=f"{classes}. {place}{country(one.country)}.", body="",
            url=f"/directory/?{urlencode({'q': one.name})}", audience=frozenset({"public"}),
        )  # fmt: skip


def firm_with_terms() -> Select[Organization]:
    """Firms with what `state_of` reads, loaded in two statements more."""
    return select(Organization).options(_terms())


def _terms() -> ORMOption:
    return selectinload(Organization.memberships).joinedload(Membership.terms)


def state_of(organization: Organization, day: date | None = None) -> FirmState:
    """The firm's membership on a day, over all its classes."""
    dates = [date for membership in organization.memberships for date in _dates(membership)]
    return firm_state(dates, day or today())


def state_in(membership: Membership, day: date | None = None) -> FirmState:
    """The same of one of its classes."""
    return firm_state(_dates(membership), day or today())


def _dates(membership: Membership) -> list[TermDates]:
    return [term.dates(_next_start(term)) for term in membership.terms]


@dataclass(frozen=True)
class Belonging:
    """Of a firm on a day: its classes, and what its terms add up to."""

    kinds: tuple[MembershipClass, ...]
    state: FirmState


def belonging_of(firm_ids: Collection[int], day: date | None = None) -> dict[int, Belonging]:
    """Of several firms, in one statement that loads nothing else of them."""
    is_cancelled = Term.cancelled_at.is_not(None)
    grace, early = Term.grace_until_on, Term.ended_early_on
    query = (
        select(Membership.organization_id, Membership.id, Membership.kind, Membership.ended_on,
               Term.start_on, Term.end_on, grace, is_cancelled, early)
        .outerjoin(Membership.terms)
        .where(Membership.organization_id.in_(firm_ids))
        .order_by(Membership.id, Term.start_on.desc())
    )  # fmt: skip
    kinds: dict[int, dict[MembershipClass, None]] = {firm_id: {} for firm_id in firm_ids}
    dates: dict[int, list[TermDates]] = {firm_id: [] for firm_id in firm_ids}
    following: dict[int, date] = {}  # of each membership, where its next term begins
    for firm_id, held, kind, ended, start, end, until, is_gone, last in db.session.execute(query):
        if ended is None:
            kinds[firm_id][kind] = None
        if start:
            days = (until - end).days
            dates[firm_id].append(TermDates(start, end, days, is_gone, last, following.get(held)))
            if not is_gone:
                following[held] = start
    on = day or today()
    return {
        firm_id: Belonging(tuple(kinds[firm_id]), firm_state(dates[firm_id], on))
        for firm_id in firm_ids
    }


def _next_start(term: Term) -> date | None:
    later = [
        one.start_on for one in term.membership.terms
        if one.start_on > term.start_on and one.cancelled_at is None
    ]  # fmt: skip
    return min(later, default=None)


def classes_of(organization: Organization) -> list[MembershipClass]:
    return [one.kind for one in organization.memberships if one.ended_on is None]


def in_group(day: Any) -> ColumnElement[bool]:
    """True of the group memberships that hold on `day`, a date or a column."""
    ends = or_(GroupMembership.until_on.is_(None), GroupMembership.until_on >= day)
    return and_(GroupMembership.from_on <= day, ends)


def group_of(organization_id: int, on: date | None = None) -> CorporateGroup | None:
    """The group that owned a firm on a day; today when none is given."""
    query = (
        select(CorporateGroup)
        .join(GroupMembership, GroupMembership.group_id == CorporateGroup.id)
        .where(GroupMembership.organization_id == organization_id, in_group(on or today()))
    )
    return db.session.scalars(query).first()


def firms_of_group(group_id: int, on: date | None = None) -> Select[Organization]:
    """The firms of a group on a day, each once: what was merged away is not one."""
    return (
        select(Organization)
        .join(Organization.group_memberships)
        .where(GroupMembership.group_id == group_id, in_group(on or today()))
        .where(Organization.id.not_in(merged_away(Organization)))
        .order_by(Organization.name)
    )


def _has_term(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(Term.id).join(Term.membership).where(
            Membership.organization_id == Organization.id, Term.cancelled_at.is_(None), *conditions
        )
    )  # fmt: skip


def has_standing(standing: Standing, day: date) -> ColumnElement[bool]:
    """True of firms in that state on `day`, as `state_of` says; lapsed includes ended."""
    live = is_live(day)
    in_force, in_grace = _has_term(live, Term.end_on >= day), _has_term(live, Term.end_on < day)
    ahead = _has_term(Term.start_on > day)
    past = _has_term(Term.start_on <= day)
    gone = and_(past, ~in_force, ~in_grace, ~ahead)
    return {
        Standing.IN_FORCE: in_force,
        Standing.GRACE: and_(in_grace, ~in_force),
        Standing.SCHEDULED: and_(ahead, ~in_force, ~in_grace),
        Standing.LAPSED: gone,
        Standing.NONE: ~_has_term(),
    }.get(standing, false())


def firms(
    text: str = "", kind: str = "", country: str = "", standing: str = ""
) -> Select[Organization]:
    """The register by name, with what `state_of` reads and the places."""
    found = register_by_name(text, kind, country, standing)
    return found.options(_terms(), joinedload(Organization.place))


def register_by_name(
    text: str = "", kind: str = "", country: str = "", standing: str = ""
) -> Select[Organization]:
    """Firms alone; every filter that is empty is no filter."""
    query = select(Organization).where(Organization.id.not_in(merged_away(Organization)))
    if text:
        columns = (Organization.name, Organization.registration_no, Organization.billing_email)
        query = query.where(or_(*(one.icontains(text, autoescape=True) for one in columns)))
    if kind in set(MembershipClass):
        query = query.where(
            Organization.memberships.any(
                and_(Membership.kind == kind, Membership.ended_on.is_(None))
            )
        )
    if country:
        query = query.where(Organization.country == country.upper())
    if standing in set(Standing):
        query = query.where(has_standing(Standing(standing), today()))
    return query.order_by(func.lower(Organization.name), Organization.id)


def size_and_countries(**filters: str) -> tuple[int, list[str]]:
    """How many firms a filtered register has, and the countries of all; kept until an act."""

    def read() -> tuple[int, list[str]]:
        listed = register_by_name(**filters).order_by(None).with_only_columns(Organization.id)
        size = db.session.scalar(select(func.count()).select_from(listed.subquery()))
        return size or 0, countries()

    question = ("register", *sorted(filters.items()), today())
    return kept(question, (Organization, Membership, Term), read)


def members(text: str = "", kind: str = "", country: str = "") -> Select[Organization]:
    """Firms that are members today and listed, for everybody to see."""
    query = firms("", kind, country).where(has(Feature.LISTED, Organization.id))
    return query.where(Organization.name.icontains(text, autoescape=True)) if text else query


def countries(only_live: bool = False) -> list[str]:  # noqa: FBT001, FBT002 - one switch
    """The countries that firms are in, as ISO codes."""
    query = select(Organization.country).distinct().order_by(Organization.country)
    if only_live:
        query = query.where(has(Feature.LISTED, Organization.id))
    return list(db.session.scalars(query))
