"""Where firms stand on a day, by all that the access table asks of them."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from portal.core.db import db
from portal.core.merging import merged_away
from portal.dues.queries.arrears import unpaid_days
from portal.members import queries as members
from portal.members.access_table import LIVE, Situation, Table, access
from portal.members.models import (
    Membership,
    MembershipClass,
    Organization,
    Overlay,
    OverlayKind,
    Term,
    Votes,
)
from portal.members.overlays import lies_on
from portal.members.policy import Feature, Scope
from portal.members.standing import FirmState, Standing, firm_state
from portal.members.terms import TermDates


@dataclass(frozen=True)
class Part:
    """One membership of a firm."""

    standing: Standing
    case: Situation
    votes: bool  # its class does


@dataclass(frozen=True)
class Position:
    """A firm with a part for each membership that is live, or one for all that are not."""

    firm_id: int
    name: str
    parts: tuple[Part, ...]

    def has(self, table: Table) -> frozenset[Feature]:
        """Of several memberships each gives what it gives."""
        found: set[Feature] = set()
        for one in self.parts:
            given = access(table, one.standing, one.case)
            found |= given if one.votes else given - {Feature.VOTE}
        return frozenset(found)


@dataclass(frozen=True)
class Change:
    """What another table would give a firm, and take from it."""

    position: Position
    gains: frozenset[Feature]
    loses: frozenset[Feature]


def changes(now: Table, then: Table, day: date) -> list[Change]:
    """Of whom `then` would change something if it held on the day, by name."""
    found = []
    for one in positions(day):
        before, after = one.has(now), one.has(then)
        if before != after:
            found.append(Change(one, after - before, before - after))
    return found


def positions(day: date, firm_id: int | None = None) -> list[Position]:
    """Of every firm that ever had a membership, or of one, by name; the statements stay as few.

    Votes are asked about before the cut-off of their ballot.
    """
    terms: dict[int, list[TermDates]] = defaultdict(list)
    firms: dict[tuple[int, str], dict[int, MembershipClass]] = {}
    for number, name, held, kind, *dates in db.session.execute(_terms(firm_id)):
        firms.setdefault((number, name), {})[held] = kind
        if dates[0]:
            start, end, grace_until, is_cancelled, early = dates
            days = (grace_until - end).days
            terms[held].append(TermDates(start, end, days, is_cancelled, early))
    votes = {kind: one.votes is not Votes.NONE for kind, one in members.types().items()}
    late, suspended = unpaid_days(day, firm_id), _suspended(day, firm_id)
    found = []
    for (number, name), kinds in firms.items():
        overdue, unpaid = late.get(number, (0, 0))
        case = Situation(overdue, before_cut_off=True, unpaid_days=unpaid, on=day)
        parts = tuple(
            Part(standing, replace(case, suspended=frozenset(suspended[held])), votes[kind])
            for held, kind in kinds.items()
            if (standing := firm_state(terms[held], day).standing) in LIVE
        )
        whole = firm_state((one for held in kinds for one in terms[held]), day)
        found.append(Position(number, name, parts or (_shut(whole, case, day),)))
    return found


def _shut(whole: FirmState, case: Situation, day: date) -> Part:
    """Of a firm without a live membership."""
    case = replace(case, days_since_end=whole.days_since_end(day))
    return Part(whole.standing, case, votes=False)


def _terms(firm_id: int | None) -> Select[*tuple[Any, ...]]:
    """Each term of each membership, and memberships without one."""
    query = (
        select(
            Organization.id, Organization.name, Membership.id, Membership.kind,
            Term.start_on, Term.end_on, Term.grace_until_on, Term.cancelled_at.is_not(None),
            Term.ended_early_on,
        )
        .join(Membership, Membership.organization_id == Organization.id)
        .outerjoin(Membership.terms)
        .order_by(Organization.name, Organization.id, Membership.id)
    )  # fmt: skip
    if firm_id is not None:
        return query.where(Organization.id == firm_id)
    return query.where(Organization.id.not_in(merged_away(Organization)))


def _suspended(day: date, firm_id: int | None) -> dict[int, set[Scope]]:
    """By membership what bodies have suspended."""
    query = select(Overlay.subject_id, Overlay.scope).where(
        Overlay.subject_kind == "membership", Overlay.kind == OverlayKind.SUSPENSION, lies_on(day)
    )
    if firm_id is not None:
        own = select(Membership.id).where(Membership.organization_id == firm_id)
        query = query.where(Overlay.subject_id.in_(own))
    found: dict[int, set[Scope]] = defaultdict(set)
    for held, scope in db.session.execute(query):
        found[held].add(Scope(scope))
    return found
