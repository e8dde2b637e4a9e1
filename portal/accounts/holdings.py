"""What is kept of a person, room by room: for the bundle they take away, and for erasure.

Each feature puts what it keeps into `HOLDINGS`. What has an `erase` goes when a person asks; what
has none stays, and `kept` says why.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select

from portal.accounts.models import (
    DataBundle,
    Person,
    RecoveryCode,
    RoleGrant,
    SignIn,
    Token,
)
from portal.core.access import Role
from portal.core.audit import AuditEvent
from portal.core.bounces import BouncedAddress, forget_bounces
from portal.core.db import db
from portal.core.files import store
from portal.core.mail import MailAttachment, OutgoingMail
from portal.core.merging import ids_of

Rows = Iterable[dict[str, Any]]


@dataclass(frozen=True)
class Holding:
    """One kind of data; `rows` gives them as plain values, secrets left out."""

    name: str  # of its files: "sign-ins"
    title: str
    purpose: str
    source: str
    shown_to: str
    kept: str  # how long, and why
    rows: Callable[[Person], Rows]
    erase: Callable[[Person], None] | None = None


HOLDINGS: list[Holding] = []
# Why a person cannot be erased now, in a sentence; or nothing.
objections: list[Callable[[Person], str]] = []
# What a room does when a person goes, beyond what it deletes: the row still has its name.
closings: list[Callable[[Person], None]] = []
# What stands in the place of a name, "former delegate of Acacia"; the first that answers.
former: list[Callable[[Person], str]] = []


def plain(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def addresses(person: Person) -> list[str]:
    """The person's e-mail address, and those of accounts that were merged into theirs."""
    query = select(Person.email).where(Person.id.in_(ids_of(Person, person.id)))
    return list(db.session.scalars(query))


def _profile(person: Person) -> Rows:
    names = (
        "id", "email", "display_name", "phone", "zone", "created_at", "email_verified_at",
        "totp_enabled_at",
    )  # fmt: skip
    return [plain(person, *names)]


def _sign_ins(person: Person) -> Rows:
    names = ("started_at", "seen_at", "ended_at", "address", "browser")
    query = select(SignIn).filter_by(person_id=person.id).order_by(SignIn.id)
    return [plain(one, *names) for one in db.session.scalars(query)]


def _erase_sign_ins(person: Person) -> None:
    for model in (SignIn, RecoveryCode):
        db.session.execute(delete(model).where(model.person_id == person.id))


def _bundles(person: Person) -> Rows:
    query = select(DataBundle).filter_by(person_id=person.id).order_by(DataBundle.id)
    return [plain(one, "asked_at", "ready_at", "expires_at") for one in db.session.scalars(query)]


def _erase_bundles(person: Person) -> None:
    for one in db.session.scalars(select(DataBundle).filter_by(person_id=person.id)).all():
        if one.key:
            store().delete(one.key)
        db.session.delete(one)


def _links(person: Person) -> Rows:
    names = ("kind", "email", "made_at", "expires_at", "used_at")
    query = select(Token).filter_by(person_id=person.id).order_by(Token.id)
    return [plain(one, *names) for one in db.session.scalars(query)]


def _erase_links(person: Person) -> None:
    db.session.execute(delete(Token).where(Token.person_id == person.id))


def _roles(person: Person) -> Rows:
    query = select(RoleGrant).filter_by(person_id=person.id).order_by(RoleGrant.id)
    return [plain(one, "role", "granted_at", "revoked_at") for one in db.session.scalars(query)]


def _mails(person: Person) -> Rows:
    query = select(OutgoingMail).where(func.lower(OutgoingMail.recipient).in_(addresses(person)))
    names = ("queued_at", "sent_at", "subject", "text")
    return [plain(one, *names) for one in db.session.scalars(query.order_by(OutgoingMail.id))]


def _erase_mails(person: Person) -> None:
    """The rows stay, emptied: an invoice says that it was mailed, and when."""
    query = select(OutgoingMail).where(func.lower(OutgoingMail.recipient).in_(addresses(person)))
    for one in db.session.scalars(query).all():
        one.recipient, one.subject, one.text, one.html = "erased", "", "", ""
        one.sent_at = one.sent_at or one.queued_at  # what has not left will not leave
        db.session.execute(delete(MailAttachment).where(MailAttachment.mail_id == one.id))


def _bounces(person: Person) -> Rows:
    query = select(BouncedAddress).where(BouncedAddress.address.in_(addresses(person)))
    return [plain(one, "address", "since_at", "times", "why") for one in db.session.scalars(query)]


def _erase_bounces(person: Person) -> None:
    forget_bounces(addresses(person))


def _record(person: Person) -> Rows:
    numbers = [f"person:{one}" for one in ids_of(Person, person.id)]
    query = select(AuditEvent).where(AuditEvent.actor.in_(numbers))
    rows = db.session.scalars(query.order_by(AuditEvent.id))
    return [plain(one, "at", "verb", "subject") for one in rows]


def _last_administrator(person: Person) -> str:
    admins = select(RoleGrant.person_id).where(
        RoleGrant.role == Role.ADMIN, RoleGrant.revoked_at.is_(None)
    )
    held = set(db.session.scalars(admins))
    return "You are the last administrator: make another one first." if held == {person.id} else ""


objections.append(_last_administrator)
HOLDINGS += [
    Holding(
        "profile", "Your name and how to reach you", "So that you can sign in and be written to",
        "You, or whoever invited you", "People of your firm, and staff",
        "As long as you have an account", _profile,
        erase=lambda person: None,  # the account itself is emptied last, by `actions.erase`
    ),
    Holding(
        "sign-ins", "Where and when you signed in", "To find out who else used your account",
        "Your browser", "You; administrators after an incident", "Until you ask for erasure",
        _sign_ins, erase=_erase_sign_ins,
    ),
    Holding(
        "bundles", "Bundles of your data", "To answer you, and to show that we did",
        "You", "Nobody: the file is deleted after a day", "Until you ask for erasure",
        _bundles, erase=_erase_bundles,
    ),
    Holding(
        "links", "Links that were mailed to you", "To prove an address and to set a password",
        "The portal", "Nobody: only their dates are kept", "Until you ask for erasure",
        _links, erase=_erase_links,
    ),
    Holding(
        "mails", "Mails that the portal sent you", "To show what you were told, and when",
        "The portal", "Staff who look into a question of yours", "Until you ask for erasure",
        _mails, erase=_erase_mails,
    ),
    Holding(
        "bounces", "Whether mail to you came back", "To reach you, or somebody else of your firm",
        "Mail servers, or staff", "Staff", "Until a mail arrives again, or its time is over",
        _bounces, erase=_erase_bounces,
    ),
    Holding(
        "staff-roles", "Roles in the association’s office", "Who could do what, when",
        "An administrator", "Staff", "Ten years, without your name: who answered for an act",
        _roles,
    ),
    Holding(
        "record", "What you did here", "A record that nobody can change afterwards",
        "The portal", "Administrators and auditors",
        "Ten years: it names you by a number alone, which leads nowhere after erasure", _record,
    ),
]  # fmt: skip
