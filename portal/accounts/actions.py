"""Changes to people, their sessions, passwords and roles. The caller commits."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from portal.accounts import codes, passwords, tokens
from portal.accounts.models import Person, RecoveryCode, RoleGrant, SignIn, TokenKind
from portal.accounts.queries import person_by_email
from portal.accounts.secrets import hashed, new_secret
from portal.association.queries import association
from portal.core import audit, clock, mail
from portal.core.access import Role, asker
from portal.core.bounces import forget_bounces
from portal.core.db import db, one_at_a_time
from portal.core.links import link
from portal.core.merging import current_id
from portal.core.search import index
from portal.core.states import Refused

ADMINISTRATORS = "administrators"
STAYS, SHORT = timedelta(days=30), timedelta(hours=12)


def create_person(email: str, display_name: str) -> Person:
    """A person without a password yet; somebody who is known is given back as they are.

    The address of an account that was merged names the one that stays.
    """
    one_at_a_time(_address(email))
    known = db.session.scalar(person_by_email(email))
    if known:
        return db.session.get_one(Person, current_id(Person, known.id))
    person = Person(email=email.strip().lower(), display_name=display_name, created_at=clock.now())
    db.session.add(person)
    db.session.flush()
    audit.record("person.made", person)
    return person


def refuse_closed(person: Person) -> None:
    """In words for staff; members are not told whose account is closed."""
    if person.disabled_at:
        raise Refused(
            f"The account of {person.email} is closed. An administrator can open it again first: "
            "Staff desk, Staff roles, Accounts."
        )


def _address(email: str) -> str:
    """Two who take the same address at one moment come one after the other."""
    return f"email:{email.strip().lower()}"


def start_session(person: Person, *, stays: bool, address: str, browser: str) -> str:
    """A new session on the server; the answer is the token that its cookie carries."""
    token, now = new_secret(), clock.now()
    db.session.add(
        SignIn(
            person=person,
            token_hash=hashed(token),
            started_at=now,
            seen_at=now,
            stays=stays,
            expires_at=now + (STAYS if stays else SHORT),
            address=address,
            browser=browser[:200],
        )
    )
    person.session_token = token
    audit.record("person.signed_in", person, by=audit.name_of(person))
    return token


def end_session(person: Person, session_id: int) -> None:
    mine = update(SignIn).where(SignIn.id == session_id, SignIn.person_id == person.id)
    db.session.execute(mine.where(SignIn.ended_at.is_(None)).values(ended_at=clock.now()))


def end_sessions(person: Person, *, but: int = 0) -> None:
    """End every session of a person, `but` one if it is named."""
    live = update(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
    db.session.execute(live.where(SignIn.id != but).values(ended_at=clock.now()))


def end_sessions_elsewhere(person: Person) -> None:
    """Their rights changed: they sign in anew, but for the one whose request this is."""
    who = asker()
    end_sessions(person, but=who.session_id if who and who.id == person.id else 0)


def set_password(person: Person, password: str) -> None:
    """A new password: every session and every link that was mailed before is dead."""
    person.password_hash = passwords.hash_of(password)
    end_sessions(person)
    tokens.kill(person)
    audit.record("person.password_changed", person)
    mail.queue("accounts/password_changed", to=person.email, person=person)


def send_reset(email: str) -> None:
    """A mail with a link for somebody known; nothing at all for somebody unknown."""
    person = db.session.scalar(person_by_email(email))
    if person and person.disabled_at is None:
        secret = tokens.make(TokenKind.RESET, person.email, person)
        mail.queue("accounts/reset", to=person.email, person=person, secret=secret)


def send_verification(person: Person) -> None:
    secret = tokens.make(TokenKind.VERIFY, person.email, person)
    mail.queue("accounts/verify", to=person.email, person=person, secret=secret)


def verify(secret: str) -> Person | None:
    token = tokens.find(TokenKind.VERIFY, secret)
    if token is None or token.person is None or token.person.email != token.email:
        return None
    if tokens.take(token):
        token.person.email_verified_at = clock.now()
        audit.record("person.email_verified", token.person)
    return token.person


def ask_email_change(person: Person, email: str) -> None:
    """Ask at the new address; nothing changes until its link is taken. A known one gets none."""
    email = email.strip().lower()
    if db.session.scalar(person_by_email(email)):
        return
    secret = tokens.make(TokenKind.CHANGE_EMAIL, email, person)
    mail.queue("accounts/change_email", to=email, person=person, secret=secret)


def change_email(secret: str) -> Person | None:
    """The new address is confirmed; the old one is told, and its links are dead."""
    token = tokens.find(TokenKind.CHANGE_EMAIL, secret)
    if token is None or token.person is None:
        return None
    one_at_a_time(_address(token.email))
    if db.session.scalar(person_by_email(token.email)) or not tokens.take(token):
        return None
    person, old = token.person, token.person.email
    person.email, person.email_verified_at = token.email, clock.now()
    tokens.kill(person)
    forget_bounces([old])
    audit.record("person.email_changed", person)
    mail.queue("accounts/email_changed", to=old, person=person)
    return person


def invite(person: Person, payload: dict[str, Any], why: str) -> str:
    """Mail an invitation; the answer is its address, for a command that must say it aloud.

    `payload` may name a `kind` that `tokens.on_accept` knows, for the feature that invites.
    """
    secret = tokens.make(TokenKind.INVITE, person.email, person, payload)
    mail.queue("accounts/invited", to=person.email, person=person, secret=secret, reason=why)
    audit.record("person.invited", person, why=why)
    return link("accounts.accept", token=secret)


def accept(secret: str, name: str, password: str | None) -> Person | None:
    """Take up an invitation: the address is proved by it. None when it is not live any more."""
    token = tokens.find(TokenKind.INVITE, secret)
    if token is None or token.person is None or not tokens.take(token):
        return None
    person = token.person
    person.email_verified_at = person.email_verified_at or clock.now()
    if password is not None and person.password_hash is None:
        person.display_name = name
        index.changed("person", person.id)
        person.password_hash = passwords.hash_of(password)
        tokens.kill(person, TokenKind.RESET, TokenKind.CHANGE_EMAIL)
    action = tokens.on_accept.get(token.payload.get("kind", ""))
    if action:
        action(person, token.payload)
    audit.record("person.invitation_accepted", person)
    return person


def begin_second_factor(person: Person) -> str:
    """The secret that the app is given; it counts from the first right code on."""
    if person.totp_enabled_at is None and not person.totp_secret:
        person.totp_secret, person.totp_last_step = codes.new_secret(), 0
    return person.totp_secret or ""


def turn_on_second_factor(person: Person, code: str) -> list[str]:
    """The eight recovery codes, shown once. Raises `Refused` when the code is wrong."""
    check_code(person, code)
    person.totp_enabled_at = clock.now()
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    made = codes.recovery_codes()
    db.session.add_all(RecoveryCode(person_id=person.id, hash=hashed(one)) for one in made)
    audit.record("person.second_factor_on", person)
    mail.queue("accounts/second_factor", to=person.email, person=person, is_on=True)
    return made


def clear_second_factor(person: Person) -> None:
    person.totp_secret = person.totp_enabled_at = None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))


def turn_off_second_factor(person: Person) -> None:
    clear_second_factor(person)
    audit.record("person.second_factor_off", person)
    mail.queue("accounts/second_factor", to=person.email, person=person, is_on=False)


def check_code(person: Person, code: str) -> None:
    """Raises `Refused` unless it is a code of the app that has not served before."""
    plain = code.replace(" ", "")
    now = clock.now().timestamp()
    step = codes.step_of(person.totp_secret or "", plain, now, person.totp_last_step)
    if step is None or not _took(person, step):
        raise Refused("This code is not right, or it was used already: enter the one shown now")


def _took(person: Person, step: int) -> bool:
    """False when the code served at this very moment."""
    mine = update(Person).where(Person.id == person.id, Person.totp_last_step < step)
    return db.session.execute(mine.values(totp_last_step=step)).rowcount == 1  # type: ignore[attr-defined]


def check_code_or_recovery(person: Person, code: str) -> None:
    """A code of the app, or one of the recovery codes, which is then used up."""
    plain = code.strip().lower()
    if "-" not in plain:
        check_code(person, plain)
        return
    mine = update(RecoveryCode).where(
        RecoveryCode.person_id == person.id,
        RecoveryCode.hash == hashed(plain),
        RecoveryCode.used_at.is_(None),
    )
    if db.session.execute(mine.values(used_at=clock.now())).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("This recovery code is not right, or it was used already")
    audit.record("person.recovery_code_used", person)


def grant(person: Person, role: Role) -> None:
    """Give a staff role; somebody who has it keeps it as it is.

    Raises `Refused` for an account that is closed.
    """
    refuse_closed(person)
    one_at_a_time(f"roles:{person.id}")
    held = select(RoleGrant.id).where(
        RoleGrant.person_id == person.id, RoleGrant.role == role, RoleGrant.revoked_at.is_(None)
    )
    if db.session.scalar(held):
        return
    who = asker()
    by = who.id if who else None
    db.session.add(RoleGrant(person=person, role=role, granted_at=clock.now(), granted_by_id=by))
    end_sessions_elsewhere(person)
    audit.record("role.granted", person, role=role.value)


def revoke(found: RoleGrant, reason: str) -> None:
    """Take a role away; it is gone on the person's next request."""
    one_at_a_time(ADMINISTRATORS)  # two who take it from each other would leave nobody
    db.session.refresh(found)
    if found.revoked_at:
        raise Refused("This role is taken back already.")
    admins = select(RoleGrant.id).where(
        RoleGrant.role == Role.ADMIN, RoleGrant.revoked_at.is_(None)
    )
    if found.role is Role.ADMIN and len(db.session.scalars(admins.limit(2)).all()) < 2:
        raise Refused("This is the last administrator: make another one first.")
    found.revoked_at = clock.now()
    end_sessions_elsewhere(found.person)
    audit.record("role.revoked", found.person, role=found.role.value, reason=reason)


def guessable(person: Person) -> Iterable[str]:
    """What a password must not be, because anybody could think of it."""
    return (person.email, person.email.partition("@")[0], person.display_name, association().name)
