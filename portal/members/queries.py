"""Questions about firms, their people and their membership."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.accounts.models import Token, TokenKind
from portal.association.queries import today
from portal.core import clock
from portal.core.access import Person, Role
from portal.core.db import db
from portal.core.search import Document
from portal.members.models import (
    CLASS_NAMES,
    Affiliation,
    CorporateGroup,
    Decision,
    FirmRole,
    GroupMembership,
    Membership,
    MembershipClass,
    MembershipType,
    Organization,
    Term,
)
from portal.members.standing import FirmState, Standing, firm_state
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
    """Those of these firms that are members today."""
    found = live_firm_ids(today()).where(Membership.organization_id.in_(firm_ids))
    return set(db.session.scalars(found))


def firm_documents(only: int | None = None) -> Iterable[Document]:
    """What everybody may find of the firms that are members today."""
    query = firm_with_terms().where(Organization.id.in_(live_firm_ids(today())))
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


def affiliation_of(person: Person) -> Affiliation | None:
    """Where a person acts: the firm they manage, else the one they have been at longest."""
    query = (
        select(Affiliation)
        .where(Affiliation.person_id == person.id, Affiliation.until_on.is_(None))
        .options(joinedload(Affiliation.organization))
        .order_by(Affiliation.id)
    )
    found = db.session.scalars(query).all()
    return next((one for one in found if FirmRole.ROSTER_MANAGER in one.roles), None) or next(
        iter(found), None
    )


def firm_of(person: Person) -> Organization | None:
    """The firm a person acts for."""
    held = affiliation_of(person)
    return held.organization if held else None


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
        if FirmRole.SIGNATORY in roles:
            yield Role.SIGNATORY


def roster(organization_id: int) -> list[Affiliation]:
    """The people of a firm now, by name."""
    query = (
        select(Affiliation)
        .join(Affiliation.person)
        .where(Affiliation.organization_id == organization_id, Affiliation.until_on.is_(None))
        .options(joinedload(Affiliation.person))
    )
    found = db.session.scalars(query).all()
    return sorted(found, key=lambda one: one.person.display_name.lower())


def all_affiliations(organization_id: int) -> list[Affiliation]:
    """Everybody who was ever at a firm."""
    query = select(Affiliation).where(Affiliation.organization_id == organization_id)
    return list(db.session.scalars(query.options(joinedload(Affiliation.person))))


def invited_to(organization_id: int) -> list[Token]:
    """Invitations to a firm that nobody took up yet."""
    query = (
        select(Token)
        .where(Token.kind == TokenKind.INVITE, Token.used_at.is_(None))
        .where(Token.expires_at > clock.now())
        .where(Token.payload["organization_id"].as_integer() == organization_id)
        .options(joinedload(Token.person))
        .order_by(Token.made_at)
    )
    return list(db.session.scalars(query))


def firm_with_terms() -> Select[Organization]:
    """Firms with what `state_of` reads, loaded in two statements more."""
    terms = selectinload(Organization.memberships).joinedload(Membership.terms)
    return select(Organization).options(terms)


def state_of(organization: Organization, day: date | None = None) -> FirmState:
    """The firm's membership on a day, over all its classes."""
    dates = [
        term.dates(_next_start(term))
        for membership in organization.memberships for term in membership.terms
    ]  # fmt: skip
    return firm_state(dates, day or today())


def _next_start(term: Term) -> date | None:
    later = [
        one.start_on for one in term.membership.terms
        if one.start_on > term.start_on and one.cancelled_at is None
    ]  # fmt: skip
    return min(later, default=None)


def classes_of(organization: Organization) -> list[MembershipClass]:
    return [one.kind for one in organization.memberships if one.ended_on is None]


def group_of(organization_id: int) -> CorporateGroup | None:
    query = (
        select(CorporateGroup)
        .join(GroupMembership, GroupMembership.group_id == CorporateGroup.id)
        .where(GroupMembership.organization_id == organization_id)
        .where(GroupMembership.until_on.is_(None))
    )
    return db.session.scalars(query).first()


def firms_of_group(group_id: int) -> Select[Organization]:
    return (
        select(Organization)
        .join(Organization.group_memberships)
        .where(GroupMembership.group_id == group_id, GroupMembership.until_on.is_(None))
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
    """The register by name; every filter that is empty is no filter."""
    query = firm_with_terms().options(joinedload(Organization.place))
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


def members(text: str = "", kind: str = "", country: str = "") -> Select[Organization]:
    """Firms that are members today, for everybody to see."""
    live = Organization.id.in_(live_firm_ids(today()))
    query = firms("", kind, country).where(live)
    return query.where(Organization.name.icontains(text, autoescape=True)) if text else query


def countries(only_live: bool = False) -> list[str]:  # noqa: FBT001, FBT002 - one switch
    """The countries that firms are in, as ISO codes."""
    query = select(Organization.country).distinct().order_by(Organization.country)
    if only_live:
        query = query.where(Organization.id.in_(live_firm_ids(today())))
    return list(db.session.scalars(query))


def type_of(kind: MembershipClass) -> MembershipType:
    """How a class works: as a decision made it, else by these defaults, unsaved."""
    query = select(MembershipType).where(MembershipType.kind == kind)
    return db.session.scalars(query).one_or_none() or MembershipType.by_default(kind)


def types() -> dict[MembershipClass, MembershipType]:
    """Every class in the order of the vocabulary, in one statement."""
    query = select(MembershipType).options(joinedload(MembershipType.decision))
    decided = {one.kind: one for one in db.session.scalars(query)}
    return {kind: decided.get(kind) or MembershipType.by_default(kind) for kind in MembershipClass}


def register() -> dict[int, str]:
    """The latest decisions in words, the newest first."""
    query = select(Decision).where(Decision.body != "membership officer")
    rows = db.session.scalars(
        query.order_by(Decision.decided_on.desc(), Decision.id.desc()).limit(50)
    )
    return {one.id: f"{one.decided_on}, {one.body}: {one.title}" for one in rows}
