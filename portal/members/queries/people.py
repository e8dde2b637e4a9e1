"""Questions about the people of a firm: who acts where, with which roles and powers."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache, lru_cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select, true
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person as Account
from portal.accounts.models import Token, TokenKind
from portal.association.queries import today
from portal.core import clock
from portal.core.access import Person, Role
from portal.core.db import db
from portal.core.merging import names_of
from portal.members import attesting
from portal.members.models import (
    Affiliation,
    Attestation,
    FirmRole,
    Membership,
    Organization,
    Vacancy,
)
from portal.members.policy import Feature
from portal.members.powers import ATTESTED, Power, powers_of
from portal.members.queries.firms import has
from portal.members.queries.seats import is_seated


def places_of(person: Person) -> Sequence[Affiliation]:
    """Where a person works now, with each firm's terms and what was confirmed, in one statement.

    It is kept on the person: whoever asks later in the request is answered from it.
    """
    known: Sequence[Affiliation] | None = getattr(person, "places", None)
    if known is not None:
        return known
    found = []
    for one, confirmed_on in db.session.execute(_places(), {"person": person.id}).unique():
        one.confirmed_on = confirmed_on or one.from_on
        found.append(one)
    person.places = found  # type: ignore[attr-defined]
    return found


@cache
def _places() -> Select[Affiliation, date | None]:
    last = select(func.max(Attestation.on)).where(Attestation.affiliation_id == Affiliation.id)
    firm = joinedload(Affiliation.organization)
    return (
        select(Affiliation, last.scalar_subquery())
        .where(Affiliation.person_id == bindparam("person"), Affiliation.until_on.is_(None))
        .options(firm.joinedload(Organization.memberships).joinedload(Membership.terms))
        .execution_options(populate_existing=True)
        .order_by(Affiliation.id)
    )


def live_affiliations(person: Person) -> Sequence[Affiliation]:
    """Where a person works now, the oldest first."""
    known: Sequence[Affiliation] | None = getattr(person, "places", None)
    if known is not None:
        return known
    query = (
        select(Affiliation)
        .where(Affiliation.person_id == person.id, Affiliation.until_on.is_(None))
        .options(joinedload(Affiliation.organization))
        .order_by(Affiliation.id)
    )
    return db.session.scalars(query).all()


def affiliation_of(person: Person) -> Affiliation | None:
    """Where a person acts: the firm they chose, else the one they manage, else their first."""
    found = live_affiliations(person)
    chosen = getattr(person, "acting_for", 0)
    wanted = [one for one in found if one.organization_id == chosen] or [
        one for one in found if FirmRole.ROSTER_MANAGER in one.roles
    ]
    return next(iter([*wanted, *found]), None)


def firm_of(person: Person) -> Organization | None:
    """The firm a person acts for."""
    held = affiliation_of(person)
    return held.organization if held else None


def firm_roles(person: Person) -> Iterable[Role]:
    """What a person may do through their firms: a seat makes a member, the rest are roles.

    Who chose a firm to act for has the roles of that one only; a choice that ended is forgotten.
    """
    rows = _with_firm(person.id, _at_work(today()))
    chosen = getattr(person, "acting_for", 0)
    if chosen and chosen not in {firm_id for firm_id, *_rest in rows}:
        chosen = person.acting_for = 0  # type: ignore[attr-defined]
    for firm_id, roles, of_firm, seated in rows:
        yield Role.CONTACT
        if seated:
            yield Role.MEMBER
        powers = powers_of(roles, of_firm) if chosen in {0, firm_id} else frozenset()
        if Power.MANAGE_ROSTER in powers:
            yield Role.MANAGER
        if Power.PAY in powers:
            yield Role.DUES_CONTACT
        if Power.SIGN in powers:
            yield Role.SIGNATORY


@lru_cache(maxsize=4)
def _at_work(day: date) -> Select[int, list[str], bool]:
    """A person's live affiliations; true of those with a seat at a firm that has the portal.

    Every request asks: kept for the day, for putting it together takes longer than asking it.
    """
    is_at_work = and_(is_seated(day), has(Feature.FULL, Affiliation.organization_id, day))
    return _live(is_at_work)


def _live(more: ColumnElement[bool]) -> Select[int, list[str], bool]:
    return select(Affiliation.organization_id, Affiliation.roles, more).where(
        Affiliation.person_id == bindparam("person"), Affiliation.until_on.is_(None)
    )


@cache
def _live_anywhere() -> Select[int, list[str], bool]:
    return _live(true())


@cache
def _colleagues() -> Select[int, list[str]]:
    """The roles of everybody at some firms, but of whose account is closed."""
    query = select(Affiliation.organization_id, Affiliation.roles).join(Affiliation.person)
    return query.where(
        Affiliation.organization_id.in_(bindparam("firms", expanding=True)),
        Affiliation.until_on.is_(None), Account.disabled_at.is_(None),
    )  # fmt: skip


def _with_firm(
    person_id: int, mine: Select[int, list[str], bool]
) -> list[tuple[int, list[str], set[str], bool]]:
    """Of each live affiliation: the firm, its roles, those of everybody there, and the flag."""
    found = db.session.execute(mine, {"person": person_id})
    rows = [(firm_id, list(roles), flag) for firm_id, roles, flag in found]
    held: dict[int, set[str]] = {firm_id: set(roles) for firm_id, roles, _flag in rows}
    if any(FirmRole.DUES_CONTACT not in roles for _id, roles, _flag in rows):
        for firm_id, roles in db.session.execute(_colleagues(), {"firms": list(held)}):
            held[firm_id] |= set(roles)
    return [(firm_id, roles, held[firm_id], bool(flag)) for firm_id, roles, flag in rows]


def firms_where(person_id: int, power: Power) -> list[int]:
    """The firms at which a person may do something, standing in included."""
    rows = _with_firm(person_id, _live_anywhere())
    return [
        firm_id for firm_id, roles, of_firm, _flag in rows if power in powers_of(roles, of_firm)
    ]


def people_with(power: Power, organization_id: int) -> list[Affiliation]:
    """Who may do something at a firm now, standing in for whose account is closed included."""
    people = [one for one in roster(organization_id) if one.person.disabled_at is None]
    of_firm = {role for one in people for role in one.roles}
    return [one for one in people if power in powers_of(one.roles, of_firm)]


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


def holders(organization_id: int, role: FirmRole, *, but: int = 0) -> list[Affiliation]:
    """Who holds a role at a firm now, one of them left out."""
    return [one for one in roster(organization_id) if role in one.roles and one.id != but]


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
        .where(Token.payload["kind"].as_string() == "firm")
        .where(
            Token.payload["organization_id"]
            .as_integer()
            .in_(names_of(Organization, organization_id))
        )
        .options(joinedload(Token.person))
        .order_by(Token.made_at)
    )
    return list(db.session.scalars(query))


def attested_on(affiliation: Affiliation) -> date:
    """The day on which a person's roles were confirmed last; their first day when never."""
    if affiliation.confirmed_on > date.min:
        return affiliation.confirmed_on
    query = select(func.max(Attestation.on)).where(Attestation.affiliation_id == affiliation.id)
    return db.session.scalar(query) or affiliation.from_on


def must_attest(affiliation: Affiliation) -> bool:
    """True when a role of theirs is confirmed yearly and the day has come."""
    if not set(affiliation.roles) & set(ATTESTED):
        return False
    return attesting.due_on(attested_on(affiliation)) <= today()


def attestations_due(
    day: date, organization_id: int | None = None
) -> list[tuple[Affiliation, date]]:
    """Who holds a role that is confirmed yearly and whose day has come, of a firm or of all."""
    last = (
        select(Attestation.affiliation_id, func.max(Attestation.on).label("on"))
        .group_by(Attestation.affiliation_id)
        .subquery()
    )
    query = (
        select(Affiliation, func.coalesce(last.c.on, Affiliation.from_on))
        .outerjoin(last, last.c.affiliation_id == Affiliation.id)
        .where(Affiliation.until_on.is_(None))
        .options(joinedload(Affiliation.person), joinedload(Affiliation.organization))
        .order_by(Affiliation.id)
    )
    if organization_id is not None:
        query = query.where(Affiliation.organization_id == organization_id)
    found = [
        (one, attesting.due_on(since)) for one, since in db.session.execute(query)
        if set(one.roles) & set(ATTESTED)
    ]  # fmt: skip
    return [(one, due) for one, due in found if due <= day]


def unattested_ids(organization_id: int) -> set[int]:
    """The affiliations of a firm whose roles nobody confirmed in time."""
    day = today()
    return {
        one.id for one, due in attestations_due(day, organization_id)
        if attesting.is_unattested(due, day)
    }  # fmt: skip


def vacancies(organization_id: int | None = None) -> Select[Vacancy]:
    """Roles that are to be given again, the most urgent first."""
    query = select(Vacancy).where(Vacancy.filled_on.is_(None))
    unreached = joinedload(Vacancy.unreached).joinedload(Affiliation.person)
    query = query.options(joinedload(Vacancy.organization), unreached)
    if organization_id is not None:
        query = query.where(Vacancy.organization_id == organization_id)
    return query.order_by(Vacancy.due_on, Vacancy.id)


def missed_vacancies() -> Select[Vacancy]:
    """Those whose deadline passed: a task for staff."""
    return vacancies().where(Vacancy.due_on < today())
