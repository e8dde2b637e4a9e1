"""Questions about people."""

from collections.abc import Iterable

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person, SignIn
from portal.accounts.secrets import hashed
from portal.core import clock
from portal.core.access import Person as AnyPerson
from portal.core.access import Role
from portal.core.db import db


def person_by_email(email: str) -> Select[tuple[Person]]:
    return select(Person).where(Person.email == email.strip().lower())


def live_session(token_hash: str) -> SignIn | None:
    """The session a cookie stands for, unless it ended, ran out or its person was disabled."""
    query = (
        select(SignIn)
        .join(SignIn.person)
        .where(SignIn.token_hash == token_hash, SignIn.ended_at.is_(None))
        .where(SignIn.expires_at > clock.now(), Person.disabled_at.is_(None))
        .options(joinedload(SignIn.person).joinedload(Person.grants))
    )
    return db.session.scalars(query).unique().one_or_none()


def person_of_session(token: str) -> Person | None:
    """Who a cookie stands for, now; one statement, roles included."""
    session = live_session(hashed(token))
    if session is None:
        return None
    session.person.session_token, session.person.session_id = token, session.id
    return session.person


def granted_roles(person: AnyPerson) -> Iterable[Role]:
    assert isinstance(person, Person)  # noqa: S101
    return [grant.role for grant in person.grants]
