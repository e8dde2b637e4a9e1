"""Corporate groups: whose a firm is from a day on, what a change does, and what firms declare."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.merging import ids_of, merged_away
from portal.core.states import Refused
from portal.members.models import (
    CorporateGroup,
    FirmRole,
    GroupBasis,
    GroupDeclaration,
    GroupMembership,
    Organization,
)
from portal.members.queries import firms_of_group, group_of, in_group, members_among, roster

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Figure:
    """What a group has of something: by firm, in all, and what it is measured against."""

    name: str
    by_firm: dict[int, str]
    total: str
    against: str = ""
    is_over: bool = False
    is_money: bool = False  # shown to whoever sees the firm's invoices


# Each feature that counts by group puts a function here: the numbers of its firms -> the figure.
figures: list[Callable[[Sequence[int]], Figure]] = []


def firms_in(group_id: int, on: date | None = None) -> list[Organization]:
    return list(db.session.scalars(firms_of_group(group_id, on)).unique())


def votes(firm_ids: Sequence[int]) -> int:
    """A group has one vote when any of its firms is a member today."""
    return int(bool(members_among(set(firm_ids))))


def figures_of(firm_ids: Sequence[int]) -> list[Figure]:
    return [figure(firm_ids) for figure in figures]


@dataclass(frozen=True)
class Effect:
    """One line of the preview: what is now, and what would be."""

    name: str
    before: str
    after: str
    is_over: bool = False


def effects(firm: Organization, group: CorporateGroup | None) -> list[Effect]:
    """What moving a firm into a group, or into one of its own, changes by today's figures."""
    left = group_of(firm.id)
    old = [one.id for one in firms_in(left.id)] if left else [firm.id]
    new = [one.id for one in firms_in(group.id)] if group else []
    rest, joined = [one for one in old if one != firm.id], [*new, firm.id]
    name = group.name if group else f"A group of its own for {firm.name}"
    before = f"{votes(old) + votes(new)}"
    found = [Effect("Votes of the firms together", before, f"{votes(rest) + votes(joined)}")]
    for was, will in zip(figures_of(new), figures_of(joined), strict=True):
        words = f"{was.name}, {name}"
        found.append(Effect(words, _told(was, new), _told(will, joined), will.is_over))
    if left:
        for was, will in zip(figures_of(old), figures_of(rest), strict=True):
            found.append(Effect(f"{was.name}, {left.name}", _told(was, old), _told(will, rest)))
    return found


def _told(figure: Figure, firm_ids: Sequence[int]) -> str:
    if not firm_ids:
        return "no firm"
    return f"{figure.total}; {figure.against}" if figure.against else figure.total


@dataclass(frozen=True)
class Change:
    """A firm belongs to `group` from `on`; without one it is alone from then on."""

    group: CorporateGroup | None
    on: date
    basis: GroupBasis
    evidence: str


def refuse_change(firm: Organization, change: Change) -> list[GroupMembership]:
    """The open memberships that the change ends. Raises `Refused` when it cannot be recorded."""
    open_ones = select(GroupMembership).where(
        GroupMembership.organization_id.in_(ids_of(Organization, firm.id)),
        GroupMembership.until_on.is_(None),
    )
    found = list(db.session.scalars(open_ones.options(joinedload(GroupMembership.group))))
    for one in found:
        if change.group is not None and one.group_id == change.group.id:
            raise Refused(f"{firm.name} is part of {one.group.name} already.")
        if change.on <= one.from_on:
            day = f"{one.from_on.day} {one.from_on:%b %Y}"
            raise Refused(f"It has been part of {one.group.name} since {day}: give a later day.")
    return found


def change_group(firm: Organization, change: Change) -> CorporateGroup:
    """Record whose a firm is from a day on; what was before keeps its group. The caller commits.

    What was merged into the firm goes with it: its old postings count where the firm counts.
    """
    db.session.get_one(Organization, firm.id, with_for_update=True)
    ended = refuse_change(firm, change)
    group = change.group or own_group(firm.name)
    for one in ended:
        one.until_on = change.on - timedelta(days=1)
    db.session.flush()
    for number in {firm.id, *(one.organization_id for one in ended)}:
        db.session.add(
            GroupMembership(
                organization_id=number, group=group, from_on=change.on, basis=change.basis,
                evidence=change.evidence,
            )
        )  # fmt: skip
    for declared in waiting_declarations(firm.id):
        declared.settled_at = clock.now()
    db.session.flush()
    _tell(firm, group, change)
    audit.record(
        "organization.group_changed", firm, group=group.id, on=change.on,
        before=[one.group_id for one in ended], basis=change.basis.value,
        evidence=change.evidence,
    )  # fmt: skip
    return group


def _tell(firm: Organization, group: CorporateGroup, change: Change) -> None:
    """The roster managers of the firm and of its new sisters; what staff found, the firm alone."""
    concerned = {firm.id}
    if change.basis is not GroupBasis.STAFF:
        concerned |= {one.id for one in firms_in(group.id)}
    for number in sorted(concerned):
        for one in roster(number):
            if FirmRole.ROSTER_MANAGER in one.roles:
                mail.queue(
                    "members/group_changed", to=one.person.email, person=one.person,
                    firm=firm.name, group=group.name, on=change.on,
                )  # fmt: skip


def own_group(name: str) -> CorporateGroup:
    """A new group named after a firm, with a number when that name is taken."""
    starts = CorporateGroup.name.startswith(name, autoescape=True)
    taken = set(db.session.scalars(select(CorporateGroup.name).where(starts)))
    tries = (name if n == 1 else f"{name} ({n})" for n in range(1, len(taken) + 2))
    made = CorporateGroup(name=next(one for one in tries if one not in taken))
    db.session.add(made)
    db.session.flush()
    return made


def membership_of(firm_id: int, on: date | None = None) -> GroupMembership | None:
    query = select(GroupMembership).where(
        GroupMembership.organization_id == firm_id, in_group(on or today())
    )
    return db.session.scalars(query.options(joinedload(GroupMembership.group))).first()


def memberships_in(group_id: int, on: date | None = None) -> dict[int, GroupMembership]:
    """By firm, how the association knows that it belongs."""
    query = select(GroupMembership).where(
        GroupMembership.group_id == group_id, in_group(on or today())
    )
    return {one.organization_id: one for one in db.session.scalars(query)}


def sisters_shown(firm_id: int) -> list[Organization]:
    """The other firms of its group, as its people may see them.

    A common owner that only staff found is not shown until the firm or a register confirms it.
    """
    mine, day = aliased(GroupMembership), today()
    ends = or_(mine.until_on.is_(None), mine.until_on >= day)
    query = (
        select(Organization)
        .join(Organization.group_memberships)
        .join(mine, and_(mine.group_id == GroupMembership.group_id, mine.from_on <= day, ends))
        .where(mine.organization_id == firm_id, Organization.id != firm_id, in_group(day))
        .where(mine.basis != GroupBasis.STAFF, GroupMembership.basis != GroupBasis.STAFF)
        .where(Organization.id.not_in(merged_away(Organization)))
    )
    return list(db.session.scalars(query.order_by(Organization.name)))


def declare(
    firm: Organization, by: Person, owner: str, sisters: str, *, is_same: bool
) -> GroupDeclaration:
    """A firm says who owns it in the end; what differs from the register waits for staff."""
    held = membership_of(firm.id)
    if held is None:
        raise Refused("The association must first say which group your firm is in: write to us.")
    made = GroupDeclaration(
        organization=firm, group=held.group, declared_at=clock.now(), person=by, owner=owner,
        sisters=sisters, is_same=is_same,
    )  # fmt: skip
    db.session.add(made)
    if is_same:
        held.basis = GroupBasis.DECLARED
        held.evidence = f"Declared on {today()}: owned by {owner}"
    db.session.flush()
    audit.record("organization.group_declared", firm, group=held.group_id, is_same=is_same)
    return made


def last_declarations(firm_ids: Sequence[int]) -> dict[int, GroupDeclaration]:
    """The latest of each firm; one statement."""
    query = select(GroupDeclaration).where(GroupDeclaration.organization_id.in_(list(firm_ids)))
    rows = db.session.scalars(query.order_by(GroupDeclaration.id))
    return {one.organization_id: one for one in rows}


def is_due(declared: GroupDeclaration | None) -> bool:
    """Every firm declares once in twelve months."""
    return declared is None or declared.declared_at < clock.now() - YEAR


def _waiting() -> Select[GroupDeclaration]:
    differs = GroupDeclaration.is_same.is_(False)
    query = select(GroupDeclaration).where(differs, GroupDeclaration.settled_at.is_(None))
    shown = joinedload(GroupDeclaration.organization), joinedload(GroupDeclaration.group)
    return query.options(*shown).order_by(GroupDeclaration.id)


def waiting_declarations(firm_id: int | None = None) -> Sequence[GroupDeclaration]:
    """Those that differ from the register and that staff have not acted on."""
    query = _waiting()
    if firm_id is not None:
        query = query.where(GroupDeclaration.organization_id == firm_id)
    return db.session.scalars(query).all()


def settle_declaration(declared: GroupDeclaration, reason: str) -> None:
    """Staff looked into it, and the register stays as it is."""
    declared.settled_at = clock.now()
    audit.record("organization.group_kept", declared.organization, reason=reason)


def register(text: str = "") -> Select[CorporateGroup]:
    """The groups by name."""
    query = select(CorporateGroup).order_by(func.lower(CorporateGroup.name), CorporateGroup.id)
    return query.where(CorporateGroup.name.icontains(text, autoescape=True)) if text else query


def sizes(group_ids: Sequence[int]) -> dict[int, int]:
    """How many firms each group has today; one statement."""
    query = (
        select(
            GroupMembership.group_id, func.count(func.distinct(GroupMembership.organization_id))
        )
        .where(GroupMembership.group_id.in_(list(group_ids)), in_group(today()))
        .where(GroupMembership.organization_id.not_in(merged_away(Organization)))
        .group_by(GroupMembership.group_id)
    )
    return dict(db.session.execute(query).all())


def named() -> list[tuple[int, str]]:
    """Every group by name, to choose from."""
    query = select(CorporateGroup.id, CorporateGroup.name).order_by(CorporateGroup.name)
    return [(row[0], row[1]) for row in db.session.execute(query)]


def history(group_id: int) -> Sequence[GroupMembership]:
    """Who came and left, the latest first."""
    query = select(GroupMembership).where(GroupMembership.group_id == group_id)
    query = query.options(joinedload(GroupMembership.organization))
    order = GroupMembership.from_on.desc(), GroupMembership.id.desc()
    return db.session.scalars(query.order_by(*order)).all()
