"""Erasure: what names a person goes, what the books and the record need stays without the name."""

from sqlalchemy import select, update

from portal.accounts.actions import ADMINISTRATORS
from portal.accounts.holdings import HOLDINGS, closings, former, objections
from portal.accounts.models import Person, RoleGrant
from portal.core import audit, clock
from portal.core.db import db, one_at_a_time
from portal.core.jobs import queue
from portal.core.merging import ids_of
from portal.core.search import index
from portal.core.states import Refused


def address_of(number: int) -> str:
    """What stands in the place of an e-mail address; nothing is ever sent there."""
    return f"erased-{number}@erased.invalid"


def why_not(person: Person) -> list[str]:
    """Why somebody cannot be erased now; nothing when they can."""
    return [words for objection in objections if (words := objection(person))]


def words_for(person: Person) -> str:
    """What will stand in the place of the name."""
    return next((words for one in former if (words := one(person))), "former user")


def erase(person: Person) -> None:
    """Empty the account for good, and that of every record merged into it. The caller commits.

    Raises `Refused` with every reason that stands against it.
    """
    one_at_a_time(ADMINISTRATORS)
    db.session.get_one(Person, person.id, with_for_update=True)
    reasons = why_not(person)
    if reasons:
        raise Refused(" ".join(reasons))
    erase_whatever(person)


def erase_whatever(person: Person) -> None:
    """Without asking what stands against it: for whom it was done before a restore."""
    words, who = words_for(person), audit.name_of(person)
    for close in closings:
        close(person)
    for holding in HOLDINGS:
        if holding.erase:
            holding.erase(person)
    held = update(RoleGrant).where(RoleGrant.person_id == person.id)
    db.session.execute(held.where(RoleGrant.revoked_at.is_(None)).values(revoked_at=clock.now()))
    numbers = ids_of(Person, person.id)
    for one in db.session.scalars(select(Person).where(Person.id.in_(numbers))).all():
        one.email, one.display_name, one.phone, one.zone = address_of(one.id), words, "", None
        one.password_hash = one.email_verified_at = None
        one.totp_secret = one.totp_enabled_at = one.closed_because = None
        one.disabled_at = one.disabled_at or clock.now()
        index.changed("person", one.id)
    db.session.flush()
    audit.record("person.erased", person, by=who)
    for number in numbers:
        queue("portal.accounts.jobs.note_erasure", key=f"erased:{number}", person_id=number)
