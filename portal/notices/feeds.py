"""The key of a person's private feeds: made, changed, taken back by them. The caller commits."""

import secrets

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import delete, select

from portal.accounts.models import Person
from portal.core import clock
from portal.core.db import db
from portal.core.links import settings
from portal.notices.models import FeedKey


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="private-feed")


def key_of(person_id: int) -> FeedKey | None:
    return db.session.scalar(select(FeedKey).filter_by(person_id=person_id))


def token_of(key: FeedKey) -> str:
    return _signer().dumps([key.person_id, key.secret])


def renew(person_id: int) -> FeedKey:
    """A new key; the addresses of the old one are dead."""
    key = key_of(person_id) or FeedKey(person_id=person_id)
    key.secret, key.made_at = secrets.token_urlsafe(16), clock.now()
    db.session.add(key)
    db.session.flush()
    return key


def revoke(person_id: int) -> None:
    db.session.execute(delete(FeedKey).where(FeedKey.person_id == person_id))


def reader_of(token: str) -> Person | None:
    """Whose feed it is; nobody when the key is gone or changed, or the account is closed."""
    try:
        person_id, secret = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    key = key_of(person_id) if isinstance(person_id, int) else None
    if key is None or not secrets.compare_digest(key.secret, str(secret)):
        return None
    return None if key.person.disabled_at else key.person
