"""Mailed links: made once, taken once, dead when they expire or when what they guard changes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from portal.accounts.models import Person, Token, TokenKind
from portal.accounts.secrets import hashed, new_secret
from portal.core import clock
from portal.core.db import db

LIVES = {
    TokenKind.RESET: timedelta(hours=1),
    TokenKind.VERIFY: timedelta(days=3),
    TokenKind.CHANGE_EMAIL: timedelta(hours=24),
    TokenKind.INVITE: timedelta(days=14),
}

# What a higher feature does when an invitation of its kind is accepted: (person, payload).
on_accept: dict[str, Callable[[Person, dict[str, Any]], None]] = {}


def make(
    kind: TokenKind,
    email: str,
    person: Person | None = None,
    payload: dict[str, Any] | None = None,
) -> str:
    """A new secret for a mailed link; only its hash is kept."""
    secret, now = new_secret(), clock.now()
    db.session.add(
        Token(
            kind=kind,
            hash=hashed(secret),
            person=person,
            email=email,
            payload=payload or {},
            made_at=now,
            expires_at=now + LIVES[kind],
        )
    )
    return secret


def find(kind: TokenKind, secret: str) -> Token | None:
    """The live token of a secret, or None: unknown, used, expired and closed look alike."""
    query = select(Token).where(Token.kind == kind, Token.hash == hashed(secret))
    query = query.outerjoin(Token.person).where(Person.disabled_at.is_(None))
    return db.session.scalar(query.where(Token.used_at.is_(None), Token.expires_at > clock.now()))


def take(token: Token) -> bool:
    """Use it up; False when somebody else did at this moment."""
    mine = update(Token).where(Token.id == token.id, Token.used_at.is_(None))
    return db.session.execute(mine.values(used_at=clock.now())).rowcount == 1  # type: ignore[attr-defined]


def kill(person: Person, *kinds: TokenKind) -> None:
    """Links mailed before a password or an address changed are dead; all, if no kind is named."""
    live = update(Token).where(Token.person_id == person.id, Token.used_at.is_(None))
    mine = live.where(Token.kind.in_(kinds or tuple(TokenKind)))
    db.session.execute(mine.values(used_at=clock.now()))
