"""Changes to firms, their people and their membership. The caller commits."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.accounts.actions import create_person, end_sessions_elsewhere, invite
from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit
from portal.core.db import db
from portal.core.search import index
from portal.core.states import Refused
from portal.members.models import (
    Affiliation,
    Decision,
    FirmRole,
    Membership,
    MembershipClass,
    MembershipType,
    Organization,
    Term,
)
from portal.members.queries import roster, type_of

ONE_ONLY = (FirmRole.DELEGATE, FirmRole.ALTERNATE)  # at most one of each in a firm


def start_membership(
    organization: Organization, kind: MembershipClass, start_on: date, end_on: date,
    price_snapshot: dict[str, Any], renews: Term | None = None,
) -> Term:  # fmt: skip
    """Add a term, and the membership when the firm has none of this class.

    Raises `Refused` when the firm has a term on any of these days already, or when `renews` was
    renewed before.
    """
    membership = _held_membership(organization, kind, start_on)
    terms = db.session.scalars(
        select(Term).where(Term.membership_id == membership.id).order_by(Term.sequence)
    ).all()
    for term in terms:
        if _covers(term, start_on, end_on):
            raise Refused("The firm is already a member on some of these days.")
        if renews and term.renews_id == renews.id:
            raise Refused("This term was renewed already.")
    term = Term(
        membership=membership, sequence=len(terms) + 1, start_on=start_on, end_on=end_on,
        grace_until_on=end_on + timedelta(days=type_of(kind).grace_days),
        renews_id=renews.id if renews else None, price_snapshot=price_snapshot,
    )  # fmt: skip
    db.session.add(term)
    db.session.flush()
    index.changed("firm", organization.id)
    audit.record("term.started", term, firm=organization.name, start=start_on, end=end_on)
    return term


def _held_membership(organization: Organization, kind: MembershipClass, on: date) -> Membership:
    """The open membership, locked, or a new one."""
    query = select(Membership).where(
        Membership.organization_id == organization.id, Membership.kind == kind,
        Membership.ended_on.is_(None),
    )  # fmt: skip
    found = db.session.scalars(query.with_for_update()).one_or_none()
    if found is None:
        found = Membership(organization=organization, kind=kind, since_on=on)
        db.session.add(found)
        db.session.flush()
    return found


def _covers(term: Term, start_on: date, end_on: date) -> bool:
    last = min(term.end_on, term.ended_early_on or term.end_on)
    return term.cancelled_at is None and term.start_on <= end_on and last >= start_on


def affiliate(
    person: Person, organization: Organization, roles: Iterable[str], title: str = ""
) -> Affiliation:
    """Put a person into a firm; one who is there already gets the roles as well.

    Raises `Refused` when a role that one person holds is taken.
    """
    open_one = select(Affiliation).where(
        Affiliation.person_id == person.id, Affiliation.organization_id == organization.id,
        Affiliation.until_on.is_(None),
    )  # fmt: skip
    found = db.session.scalars(open_one).one_or_none()
    if found is None:
        found = Affiliation(
            person=person, organization=organization, roles=[], from_on=today(), title=title
        )
        db.session.add(found)
        db.session.flush()
    change_roles(found, {*found.roles, *roles})
    return found


def change_roles(affiliation: Affiliation, roles: Iterable[str]) -> None:
    """Give exactly these roles; raises `Refused` when a colleague holds one that is single."""
    wanted = {FirmRole(role) for role in roles} or {FirmRole.STAFF}
    organization_id = affiliation.organization_id
    db.session.get_one(Organization, organization_id, with_for_update=True)
    for other in roster(organization_id):
        for role in ONE_ONLY:
            if other.id != affiliation.id and role in wanted and role in other.roles:
                raise Refused(
                    f"{other.person.display_name} is the firm's {role}: take that role away first."
                )
    if FirmRole.ROSTER_MANAGER in affiliation.roles and FirmRole.ROSTER_MANAGER not in wanted:
        _refuse_the_last_manager(affiliation)
    if set(affiliation.roles) - wanted:
        end_sessions_elsewhere(affiliation.person)
    affiliation.roles = sorted(wanted)
    audit.record("affiliation.roles", affiliation, roles=affiliation.roles)


def end_affiliation(affiliation: Affiliation) -> None:
    """The person left the firm: they keep their account, and lose what the firm gave them."""
    if FirmRole.ROSTER_MANAGER in affiliation.roles:
        _refuse_the_last_manager(affiliation)
    affiliation.until_on = today()
    end_sessions_elsewhere(affiliation.person)
    audit.record("affiliation.ended", affiliation, person=affiliation.person.display_name)


def _refuse_the_last_manager(affiliation: Affiliation) -> None:
    managers = [
        one for one in roster(affiliation.organization_id)
        if FirmRole.ROSTER_MANAGER in one.roles and one.id != affiliation.id
    ]  # fmt: skip
    if not managers:
        raise Refused("A firm needs a roster manager: give that role to a colleague first.")


def invite_colleague(
    organization: Organization, email: str, name: str, roles: Iterable[str], by: Person
) -> None:
    """Mail an invitation; the person joins the firm when they take it up."""
    if any(one.person.email == email.strip().lower() for one in roster(organization.id)):
        raise Refused("This person is at your firm already.")
    person = create_person(email, name)
    payload = {"kind": "firm", "organization_id": organization.id, "roles": sorted(roles)}
    why = f"{by.display_name} of {organization.name} invites you to work with them here."
    invite(person, payload=payload, why=why)
    audit.record("affiliation.invited", organization, email=person.email, roles=sorted(roles))


def accept_invitation(person: Person, payload: dict[str, Any]) -> None:
    """What an invitation to a firm does when it is taken up; single roles gone meanwhile fall."""
    organization = db.session.get_one(Organization, payload["organization_id"])
    taken = {role for one in roster(organization.id) for role in one.roles if role in ONE_ONLY}
    affiliate(person, organization, [role for role in payload["roles"] if role not in taken])


def update_firm(organization: Organization, **facts: str) -> None:
    """Change what a firm says about itself, and keep what it said before."""
    before = {name: getattr(organization, name) for name in facts}
    changed = {name: value for name, value in facts.items() if before[name] != value}
    for name, value in changed.items():
        setattr(organization, name, value)
    if changed:
        old = {name: before[name] for name in changed}
        index.changed("firm", organization.id)
        audit.record("organization.changed", organization, before=old, after=changed)


def decide(body: str, decided_on: date, title: str, words: str) -> Decision:
    """Enter a decision into the register."""
    made = Decision(body=body, decided_on=decided_on, title=title, text=words)
    db.session.add(made)
    db.session.flush()
    audit.record("decision.entered", made, body=body, decided_on=decided_on, title=title)
    return made


def change_type(kind: MembershipClass, decision: Decision, **facts: Any) -> MembershipType:
    """Let a class work otherwise, by a decision; what terms have already stays with them."""
    found = type_of(kind)
    before = {name: getattr(found, name) for name in facts}
    for name, value in facts.items():
        setattr(found, name, value)
    found.decision = decision
    db.session.add(found)
    db.session.flush()
    audit.record("membershiptype.changed", found, kind=kind, before=before, after=facts,
                 decision=decision.title)  # fmt: skip
    return found
