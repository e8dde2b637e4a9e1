"""What an answer must not wait for: its time, or that it would tell which addresses are known."""

import secrets
from datetime import timedelta

from sqlalchemy import select

from portal.accounts import actions, erased
from portal.accounts.bundles import bundle_of
from portal.accounts.models import DataBundle, Person
from portal.core import audit, clock
from portal.core.db import db
from portal.core.files import store
from portal.core.jobs import every, job

FETCHED_WITHIN = timedelta(days=1)


@job
def send_reset(email: str) -> None:
    actions.send_reset(email)


@job
def ask_email_change(person_id: int, email: str) -> None:
    actions.ask_email_change(db.session.get_one(Person, person_id), email)


@job
def make_bundle(bundle_id: int) -> None:
    """Put a person's data together; one that was made, or whose person went, is left alone."""
    made = db.session.get(DataBundle, bundle_id)
    person = made and db.session.get_one(Person, made.person_id)
    if made is None or made.ready_at or not person or person.disabled_at:
        return
    key = f"{secrets.token_hex(16)}.zip"
    store().put(key, bundle_of(person))
    now = clock.now()
    made.key, made.ready_at, made.expires_at = key, now, now + FETCHED_WITHIN
    audit.record("person.data_made", person, bundle=made.id)


@job
def note_erasure(person_id: int) -> None:
    erased.note(db.session.get_one(Person, person_id))


@every(timedelta(hours=6))
def forget_bundles() -> None:
    """The file of a bundle whose link has expired is deleted."""
    over = select(DataBundle).where(DataBundle.key != "", DataBundle.expires_at < clock.now())
    for one in db.session.scalars(over).all():
        store().delete(one.key)
        one.key = ""
