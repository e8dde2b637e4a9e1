"""Changes to people and their sessions. The caller commits."""

from datetime import timedelta

from portal.accounts.models import Person, SignIn
from portal.accounts.secrets import hashed, new_secret
from portal.core import clock
from portal.core.db import db

STAYS, SHORT = timedelta(days=30), timedelta(hours=12)


def start_session(person: Person, *, stays: bool, address: str, browser: str) -> str:
    """A new session on the server; the answer is the token that its cookie carries."""
    token, now = new_secret(), clock.now()
    db.session.add(
        SignIn(
            person=person, token_hash=hashed(token), started_at=now, seen_at=now, stays=stays,
            expires_at=now + (STAYS if stays else SHORT), address=address, browser=browser[:200],
        )
    )  # fmt: skip
    person.session_token = token
    return token
