"""What the register keeps of a person: where they work, and what they may do there."""

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from portal.accounts import closing
from portal.accounts.holdings import (
    HOLDINGS,
    Holding,
    Rows,
    closings,
    former,
    objections,
    plain,
)
from portal.accounts.models import Person
from portal.accounts.retention import must_keep
from portal.core.db import db
from portal.core.merging import ids_of
from portal.members import keeping
from portal.members.actions import leave
from portal.members.models import (
    Affiliation,
    Attestation,
    FirmRole,
    GroupDeclaration,
    JoinRequest,
    Overlay,
    Seat,
)
from portal.members.overlays import overlays_of
from portal.members.powers import ALWAYS
from portal.members.queries import holders
from portal.members.words import role


def _affiliations(person: Person) -> list[Affiliation]:
    query = select(Affiliation).where(Affiliation.person_id == person.id)
    shown = joinedload(Affiliation.organization)
    return list(db.session.scalars(query.options(shown).order_by(Affiliation.id)))


def _rows(person: Person) -> Rows:
    return [
        {
            "firm": one.organization.name, "title": one.title, "roles": ", ".join(one.roles),
            "from_on": one.from_on, "until_on": one.until_on,
        }
        for one in _affiliations(person)
    ]  # fmt: skip


def _former(person: Person) -> str:
    """Office and firm stay where a name stood: a vote was cast for a firm."""
    held = _affiliations(person)
    order = [one for one in held if one.until_on is None] or held
    delegate = next((one for one in order if FirmRole.DELEGATE in one.roles), None)
    last = delegate or next(iter(reversed(order)), None)
    if last is None:
        return ""
    return f"former {'delegate' if delegate else 'colleague'} of {last.organization.name}"


def _close(person: Person) -> None:
    """They leave their firms today, also as the last roster manager: nobody is kept for that."""
    for one in _affiliations(person):
        one.title = ""
        if one.until_on is None:
            leave(one)


def _warnings(person: Person) -> list[str]:
    """What a firm of theirs would do without: it must go on reading its invoices."""
    return [_warning(one) for one in _affiliations(person) if one.until_on is None]


def _warning(one: Affiliation) -> str:
    held = ", ".join(role(each).lower() for each in one.roles)
    alone = [
        role(each).lower() for each in one.roles if each in ALWAYS
        and not any(
            other.person.disabled_at is None
            for other in holders(one.organization_id, FirmRole(each), but=one.id)
        )
    ]  # fmt: skip
    words = f"At {one.organization.name} they are {held}."
    return (
        f"{words} Nobody else there is {' or '.join(alone)}: name one first." if alone else words
    )


former.append(_former)
objections.append(keeping.words_for)
must_keep.append(keeping.held_numbers)
closing.warnings.append(_warnings)
closings.append(_close)
HOLDINGS.append(
    Holding(
        "firms", "The firms you work or worked for, and your roles there",
        "What you may do here follows from it", "Your firm’s roster manager, or you",
        "People of those firms, and staff",
        "For good, without your name: who was a firm’s delegate is part of its votes", _rows,
    )
)  # fmt: skip


def _requests(person: Person) -> Rows:
    query = select(JoinRequest).where(JoinRequest.person_id == person.id)
    shown = joinedload(JoinRequest.organization)
    return [
        {
            "firm": one.organization.name, "way": one.way, "status": one.status.value,
            "made_at": one.made_at,
        }
        for one in db.session.scalars(query.options(shown).order_by(JoinRequest.id))
    ]  # fmt: skip


def _erase_requests(person: Person) -> None:
    db.session.execute(delete(JoinRequest).where(JoinRequest.person_id == person.id))


def _seats(person: Person) -> Rows:
    query = select(Seat).join(Seat.affiliation).where(Affiliation.person_id == person.id)
    shown = joinedload(Seat.affiliation).joinedload(Affiliation.organization)
    return [
        {"firm": one.affiliation.organization.name} | plain(one, "kind", "from_on", "until_on")
        for one in db.session.scalars(query.options(shown).order_by(Seat.id))
    ]


def _confirmations(person: Person) -> Rows:
    query = select(Attestation).where(Attestation.by_id == person.id).order_by(Attestation.id)
    shown = joinedload(Attestation.affiliation).joinedload(Affiliation.organization)
    return [
        {"firm": one.affiliation.organization.name, "on": one.on}
        for one in db.session.scalars(query.options(shown))
    ]


def _ownership(person: Person) -> Rows:
    query = select(GroupDeclaration).where(GroupDeclaration.person_id == person.id)
    names = ("declared_at", "owner", "sisters", "is_same")
    shown = joinedload(GroupDeclaration.organization)
    return [
        {"firm": one.organization.name} | plain(one, *names)
        for one in db.session.scalars(query.options(shown).order_by(GroupDeclaration.id))
    ]


def _holds(person: Person) -> Rows:
    names = ("from_on", "until_on", "reason", "made_at", "lifted_at")
    return [plain(one, *names) for one in overlays_of("person", ids_of(Person, person.id))]


def _overlays(person: Person) -> Rows:
    query = select(Overlay).where(Overlay.made_by == person.id).order_by(Overlay.id)
    names = ("kind", "scope", "from_on", "until_on", "reason", "made_at", "lifted_at")
    return [plain(one, *names) for one in db.session.scalars(query)]


HOLDINGS += [
    Holding(
        "requests", "Firms you asked to join", "So that the firm can answer you", "You",
        "Roster managers of that firm", "Until you ask for erasure", _requests,
        erase=_erase_requests,
    ),
    Holding(
        "seats", "Seats you have or had at your firms", "What members may read follows from it",
        "Your firm’s roster manager, or you", "People of those firms, and staff",
        "Ten years, without your name: seats are paid for", _seats,
    ),
    Holding(
        "confirmations", "That you are still at your firm, as you confirmed it",
        "So that nobody acts for a firm they left", "You", "Staff",
        "Ten years, without your name: who could act for the firm, and when", _confirmations,
    ),
    Holding(
        "ownership", "What you declared of who owns your firm",
        "Votes and caps count by owner", "You", "Membership officers",
        "Ten years, without your name: a firm declared it", _ownership,
    ),
    Holding(
        "legal-holds", "That your data had to be kept for a legal matter",
        "To keep what a claim, a court or an authority needs", "Administrators",
        "You and administrators", "Ten years, without your name: who answered for an act", _holds,
    ),
    Holding(
        "overlays", "Suspensions, holds and pauses that you noted", "To know who decided, and why",
        "You", "Staff", "Ten years, without your name: who answered for an act", _overlays,
    ),
]  # fmt: skip
