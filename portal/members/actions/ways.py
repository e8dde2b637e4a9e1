"""How people come to a firm: invitations, proven mail domains, codes. The caller commits."""

import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from portal.accounts import tokens
from portal.accounts.actions import create_person, invite, refuse_closed
from portal.accounts.models import Person, Token, TokenKind
from portal.accounts.queries import SAME
from portal.association.queries import association
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.mail import ADDRESS
from portal.core.merging import current_id
from portal.core.states import Refused
from portal.members import queries
from portal.members.actions.people import affiliate
from portal.members.models import (
    FirmRole,
    JoinCode,
    JoinRequest,
    Organization,
    RequestStatus,
)
from portal.members.powers import ONE_ONLY, Power
from portal.notices.actions import mail_once

MOST_AT_ONCE = 50
MOST_SENT = 3  # how often one invitation is mailed
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another
LINE = re.compile(r"\s*(?:(?P<name>[^<>;,]*?)\s*<)?\s*(?P<email>[^\s<>;,]+@[^\s<>;,]+)\s*>?\s*\Z")


def invite_colleague(
    organization: Organization, email: str, name: str, roles: Iterable[str], by: Person
) -> None:
    """Mail an invitation; the person joins the firm when they take it up. Sent twice, it is one.

    Raises `Refused` for a colleague, for who is invited since longer, and for a closed account
    when staff or its own firm ask: to others it looks like any address, and nothing goes there.
    """
    address = email.strip().lower()
    was_here = [
        one for one in queries.all_affiliations(organization.id) if one.person.email == address
    ]
    if any(one.person.was_closed for one in was_here) and not by.is_staff:
        whom = association().contact_email or association().name
        raise Refused(f"The account of {address} is closed: write to {whom}.")
    if any(one.until_on is None for one in was_here):
        raise Refused("This person is at your firm already.")
    if _is_invited(organization, address):
        return
    person = create_person(email, name)
    if by.is_staff:
        refuse_closed(person)
    why = f"{by.display_name} of {organization.name} invites you to work with them here."
    payload = {"kind": "firm", "organization_id": organization.id, "roles": sorted(roles)}
    invite(person, payload=payload | {"sent": 1, "why": why}, why=why)
    audit.record("affiliation.invited", organization, person=person.id, roles=sorted(roles))


def _is_invited(organization: Organization, address: str) -> bool:
    """By the same form, a moment ago; raises `Refused` for an older invitation that is open."""
    alone = select(Organization.id).where(Organization.id == organization.id)
    db.session.execute(alone.with_for_update(key_share=True))
    mine = [one for one in queries.invited_to(organization.id) if one.email == address]
    if mine and mine[-1].made_at < clock.now() - SAME:
        raise Refused("This person is invited already: mail it again or revoke it under “People”.")
    return bool(mine)


def invite_several(
    organization: Organization, text: str, roles: Iterable[str], by: Person
) -> list[str]:
    """Invite everybody on a pasted list, all or nobody; the answer is who is here already.

    Raises `Refused` with the lines that cannot be read.
    """
    lines = [one for one in re.split(r"[\n;,]+", text) if one.strip()]
    read = [LINE.match(one) for one in lines]
    bad = [
        line.strip() for line, one in zip(lines, read, strict=True)
        if one is None or not ADDRESS.match(one["email"])
    ]  # fmt: skip
    if bad:
        raise Refused(f"These are no e-mail addresses: {', '.join(bad[:5])}")
    if len(lines) > MOST_AT_ONCE:
        raise Refused(f"Invite {MOST_AT_ONCE} people at a time, or fewer.")
    wanted, known = list(roles), {one.person.email for one in queries.roster(organization.id)}
    known |= {one.email for one in queries.invited_to(organization.id)}
    people = {one["email"].lower(): one["name"] or "" for one in read if one}
    for email, name in people.items():
        if email not in known:
            invite_colleague(organization, email, name or email.partition("@")[0], wanted, by)
    return sorted(known & set(people))


def resend(invitation: Token) -> None:
    """The same invitation again under a new link; raises `Refused` after some times."""
    sent = int(invitation.payload.get("sent", 1))
    if sent >= MOST_SENT:
        raise Refused(f"This invitation was mailed {sent} times. Revoke it, or ask them directly.")
    person = invitation.person
    if person is None or not tokens.take(invitation):
        raise Refused("This invitation is not open any more.")
    why = invitation.payload.get("why") or "A colleague invites you to work with them here."
    invite(person, payload={**invitation.payload, "sent": sent + 1}, why=why)


def revoke(invitation: Token, organization: Organization) -> None:
    if tokens.take(invitation):
        audit.record("affiliation.uninvited", organization, person=invitation.person_id)


def accept_invitation(person: Person, payload: dict[str, Any]) -> None:
    """What an invitation to a firm does when it is taken up; single roles gone meanwhile fall."""
    number = current_id(Organization, payload["organization_id"])
    organization = db.session.get_one(Organization, number)
    taken = {
        role for one in queries.roster(organization.id) for role in one.roles if role in ONE_ONLY
    }
    affiliate(person, organization, [role for role in payload["roles"] if role not in taken])


def new_code(organization: Organization, most: int, days: int) -> JoinCode:
    """A new code; the one before is dead from now on."""
    end_code(organization)
    code = "".join(secrets.choice(LETTERS) for _ in range(8))
    now = clock.now()
    made = JoinCode(
        organization=organization, code=code, made_at=now, expires_at=now + timedelta(days=days),
        most=most, used=0,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record("join_code.made", made, firm=organization.name, most=most, days=days)
    return made


def end_code(organization: Organization) -> None:
    live = update(JoinCode).where(JoinCode.organization_id == organization.id)
    db.session.execute(live.where(JoinCode.revoked_at.is_(None)).values(revoked_at=clock.now()))


def use_code(person: Person, code: str) -> JoinRequest:
    """A request to the firm of a code, never more. Raises `Refused`, alike for every bad code."""
    found = queries.live_code(code)
    refusal = Refused("This code does not work: ask your colleagues for the one that does.")
    if found is None:
        raise refusal
    mine = update(JoinCode).where(JoinCode.id == found.id, JoinCode.used < JoinCode.most)
    if db.session.execute(mine.values(used=JoinCode.used + 1)).rowcount != 1:  # type: ignore[attr-defined]
        raise refusal
    return ask_to_join(person, found.organization, "code")


def ask_to_join(person: Person, organization: Organization, way: str) -> JoinRequest:
    """Ask the firm's roster manager, once. Raises `Refused` for who is there already."""
    _refuse_a_colleague(person, organization)
    query = select(JoinRequest).where(
        JoinRequest.person_id == person.id, JoinRequest.organization_id == organization.id,
        JoinRequest.status == RequestStatus.OPEN,
    )  # fmt: skip
    found = db.session.scalar(query)
    if found is None:
        found = JoinRequest(
            person=person, organization=organization, way=way, made_at=clock.now(),
            status=RequestStatus.OPEN,
        )  # fmt: skip
        db.session.add(found)
        db.session.flush()
        audit.record("join_request.made", found, firm=organization.name, way=way)
        for one in queries.people_with(Power.MANAGE_ROSTER, organization.id):
            key = f"join-request:{found.id}:{one.person_id}"
            mail_once(key, "members/join_requested", one.person, asks=person, firm=organization)
    return found


def _refuse_a_colleague(person: Person, organization: Organization) -> None:
    if any(one.person_id == person.id for one in queries.roster(organization.id)):
        raise Refused(f"You are with {organization.name} here already.")


def join_by_domain(person: Person, organization: Organization) -> JoinRequest | None:
    """By a proven domain: None when the firm takes such colleagues at once.

    Raises `Refused` unless the person's address is confirmed and of that very domain.
    """
    found = next(
        (
            one for one in queries.firms_by_address(person.email)
            if one.organization_id == organization.id
        ),
        None,
    )  # fmt: skip
    if found is None or person.email_verified_at is None:
        raise Refused("Your confirmed e-mail address does not belong to that firm.")
    _refuse_a_colleague(person, organization)
    if not found.is_open:
        return ask_to_join(person, organization, "domain")
    affiliate(person, organization, [FirmRole.STAFF])
    audit.record("affiliation.by_domain", organization, person=person.id, domain=found.domain)
    return None


def approve(request: JoinRequest) -> None:
    audit.move(request, RequestStatus.APPROVED)
    affiliate(request.person, request.organization, [FirmRole.STAFF])
    _answer(request)


def decline(request: JoinRequest) -> None:
    audit.move(request, RequestStatus.DECLINED)
    _answer(request)


def _answer(request: JoinRequest) -> None:
    mail.queue(
        "members/join_answered", to=request.person.email, person=request.person,
        firm=request.organization, is_in=request.status is RequestStatus.APPROVED,
    )  # fmt: skip


def mail_way_in(email: str, name: str, code: str) -> None:
    """Mail an address what it may join, whatever that is: the page says the same to everybody."""
    found = queries.live_code(code) if code else None
    firms = [found.organization] if found else [
        one.organization for one in queries.firms_by_address(email)
    ]  # fmt: skip
    secret = ""
    if firms:
        person = create_person(email, name)
        payload = {
            "kind": "join",
            "code": code if found else "",
            "firms": [one.id for one in firms],
        }
        secret = tokens.make(TokenKind.INVITE, person.email, person, payload)
    mail.queue("members/way_in", to=email, name=name, firms=firms, secret=secret)


def accept_way_in(person: Person, payload: Mapping[str, Any]) -> None:
    """The address is confirmed: the request is made; of several firms the person picks later."""
    try:
        if payload["code"]:
            use_code(person, payload["code"])
        elif len(payload["firms"]) == 1:
            number = current_id(Organization, payload["firms"][0])
            join_by_domain(person, db.session.get_one(Organization, number))
    except Refused:
        return  # the code ended, or they are there: the account is theirs all the same
