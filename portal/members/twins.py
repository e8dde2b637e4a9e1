"""What two records of one firm, or of one person, may not both have is joined when they merge."""

from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute

from portal.association.queries import today
from portal.core import audit, clock, merging
from portal.core.db import db
from portal.core.search import index
from portal.members.actions import end_code, give_seat
from portal.members.models import (
    Affiliation,
    FirmDomain,
    FirmRole,
    JoinRequest,
    Membership,
    Organization,
    Overlay,
    RequestStatus,
    Seat,
    SeatWait,
    Term,
    Vacancy,
)
from portal.members.powers import ONE_ONLY
from portal.members.queries import live_code_of, roster, seated_ids

LATER = 100_000  # numbers that no term has, for the moment in which they are counted anew


def join_firms(keep_id: int, lose_id: int, reason: str) -> None:
    """The people, memberships and ways in of two records of one firm, before all of it moves."""
    here = {one.person_id for firm_id in (keep_id, lose_id) for one in _open_at(firm_id)}
    _settle_requests(JoinRequest.organization_id, {keep_id, lose_id}, "person_id", here)
    _join_vacancies(keep_id, lose_id)
    _join_domains(keep_id, lose_id)
    if live_code_of(keep_id):
        end_code(db.session.get_one(Organization, lose_id))
    _join_affiliations(keep_id, lose_id, reason)
    _join_memberships(keep_id, lose_id, reason)


def join_people(keep_id: int, lose_id: int, reason: str) -> None:
    """The firms and requests of two accounts of one person, before all of it moves."""
    query = select(Affiliation).where(Affiliation.until_on.is_(None))
    held = {
        one.organization_id: one
        for one in db.session.scalars(query.where(Affiliation.person_id == keep_id))
    }
    theirs = db.session.scalars(query.where(Affiliation.person_id == lose_id)).all()
    there = {*held, *(one.organization_id for one in theirs)}
    _settle_requests(JoinRequest.person_id, {keep_id, lose_id}, "organization_id", there)
    for one in theirs:
        mine = held.get(one.organization_id)
        if mine:
            mine.roles = sorted({*mine.roles, *one.roles})
            _become(mine, one, reason)


def seat_the_joined(organization_id: int) -> None:
    """Whose firm had no seats before the merge has one now, if one is free; nobody is mailed."""
    seated = seated_ids(organization_id)
    for one in roster(organization_id):
        if one.id not in seated:
            give_seat(one)


def _open_at(firm_id: int) -> list[Affiliation]:
    query = select(Affiliation).where(
        Affiliation.organization_id == firm_id, Affiliation.until_on.is_(None)
    )
    return list(db.session.scalars(query.order_by(Affiliation.id)))


def _join_affiliations(keep_id: int, lose_id: int, reason: str) -> None:
    """Who is at both is there once, with the roles of both; the kept firm's delegate stays."""
    held = {one.person_id: one for one in _open_at(keep_id)}
    taken = {role for one in held.values() for role in one.roles if role in ONE_ONLY}
    for one in _open_at(lose_id):
        mine = held.get(one.person_id)
        roles = [role for role in one.roles if role not in taken or (mine and role in mine.roles)]
        if mine:
            mine.roles = sorted({*mine.roles, *roles})
            _become(mine, one, reason)
        else:
            one.roles = roles or [FirmRole.STAFF.value]


def _become(mine: Affiliation, other: Affiliation, reason: str) -> None:
    """One person at one firm: seats, queue and confirmations go to the place that stays."""
    day, mine_id, other_id = today(), mine.id, other.id
    other.until_on = day
    db.session.flush()
    index.changed("person", mine.person_id)
    index.changed("person", other.person_id)
    open_seats = select(Seat.term_id).where(
        Seat.affiliation_id == mine_id, Seat.until_on.is_(None)
    )
    twins = db.session.scalars(open_seats).all()
    theirs = update(Seat).where(Seat.affiliation_id == other_id, Seat.until_on.is_(None))
    db.session.execute(theirs.where(Seat.term_id.in_(twins)).values(until_on=day))
    waits = update(SeatWait).where(
        SeatWait.affiliation_id == other_id, SeatWait.ended_at.is_(None)
    )
    waiting = select(SeatWait.id).where(
        SeatWait.affiliation_id == mine_id, SeatWait.ended_at.is_(None)
    )
    if twins or db.session.scalar(waiting):
        db.session.execute(waits.values(ended_at=clock.now()))
    _move_overlays("affiliation", mine_id, other_id)
    merging.merge(Affiliation, mine_id, other_id, reason, frozenset())


def _move_overlays(kind: str, keep_id: int, lose_id: int) -> None:
    theirs = update(Overlay).where(Overlay.subject_kind == kind, Overlay.subject_id == lose_id)
    db.session.execute(theirs.values(subject_id=keep_id))


def _join_memberships(keep_id: int, lose_id: int, reason: str) -> None:
    """Two open memberships of one class become one, with the terms of both in their order."""
    query = select(Membership).where(Membership.ended_on.is_(None))
    mine = {
        one.kind: one
        for one in db.session.scalars(query.where(Membership.organization_id == keep_id))
    }
    for other in db.session.scalars(query.where(Membership.organization_id == lose_id)).all():
        held = mine.get(other.kind)
        if held is None:
            continue
        held.since_on = min(held.since_on, other.since_on)
        other.ended_on, other.end_reason = today(), "merged"
        held_id, other_id = held.id, other.id
        _join_terms(held_id, other_id)
        _move_overlays("membership", held_id, other_id)
        merging.merge(Membership, held_id, other_id, reason, frozenset())


def _join_terms(held_id: int, other_id: int) -> None:
    both = Term.membership_id.in_([held_id, other_id])
    terms = db.session.scalars(select(Term).where(both).order_by(Term.start_on, Term.id)).all()
    for number, term in enumerate(terms, 1):
        term.sequence = LATER + number
    db.session.flush()
    for number, term in enumerate(terms, 1):
        term.membership_id, term.sequence = held_id, number
    db.session.flush()


def _join_vacancies(keep_id: int, lose_id: int) -> None:
    """What the other record fills is filled; of two vacancies of a role the kept firm's stays."""
    held, theirs = _roles_at(keep_id), _roles_at(lose_id)
    open_here, open_there = _vacant_at(keep_id), _vacant_at(lose_id)
    _fill(keep_id, theirs - held - open_there, today())
    _fill(lose_id, held | open_here, today())


def _roles_at(firm_id: int) -> set[FirmRole]:
    return {FirmRole(role) for one in _open_at(firm_id) for role in one.roles}


def _vacant_at(firm_id: int) -> set[FirmRole]:
    query = select(Vacancy.role).where(Vacancy.organization_id == firm_id)
    return set(db.session.scalars(query.where(Vacancy.filled_on.is_(None))))


def _fill(firm_id: int, roles: set[FirmRole], day: date) -> None:
    mine = update(Vacancy).where(Vacancy.organization_id == firm_id, Vacancy.filled_on.is_(None))
    db.session.execute(mine.where(Vacancy.role.in_(list(roles))).values(filled_on=day))


def _join_domains(keep_id: int, lose_id: int) -> None:
    """A domain of both is there once: the proven one, the kept firm's when both are."""
    query = select(FirmDomain)
    mine = {
        one.domain: one
        for one in db.session.scalars(query.where(FirmDomain.organization_id == keep_id))
    }
    for other in db.session.scalars(query.where(FirmDomain.organization_id == lose_id)).all():
        held = mine.get(other.domain)
        if held:
            is_better = other.verified_at is not None and held.verified_at is None
            db.session.delete(held if is_better else other)
    db.session.flush()


def _settle_requests(
    column: InstrumentedAttribute[int], numbers: set[int], other: str, there: set[int]
) -> None:
    """Who asks twice asks once; who is there already has the answer. Nobody is mailed."""
    query = select(JoinRequest).where(
        column.in_(numbers), JoinRequest.status == RequestStatus.OPEN
    )
    seen = set[int]()
    for one in db.session.scalars(query.order_by(JoinRequest.id)).all():
        about = getattr(one, other)
        if about in there:
            audit.move(one, RequestStatus.APPROVED)
        elif about in seen:
            audit.move(one, RequestStatus.DECLINED)
        seen.add(about)
    db.session.flush()
