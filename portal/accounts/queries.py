"""Questions about people."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from portal.accounts.models import DataBundle, Person, RoleGrant, SignIn
from portal.accounts.secrets import hashed
from portal.core import clock
from portal.core.access import Person as AnyPerson
from portal.core.access import Role
from portal.core.db import Model, db

Made = TypeVar("Made", bound=Model)
SAME = timedelta(minutes=10)  # so long the same words of one person are one form, sent again


def sent_before(
    made: type[Made], at: InstrumentedAttribute[datetime], person: Person, /, **facts: Any
) -> Made | None:
    """What `person` made of these facts a moment ago, when the form in hand is sent twice.

    `at` is when it was made. Another form of theirs waits until this one is through.
    """
    mine = select(Person.id).where(Person.id == person.id)
    db.session.execute(mine.with_for_update(key_share=True))
    twins = select(made).filter_by(**facts).where(at >= clock.now() - SAME)
    return db.session.scalars(twins).first()


def person_by_email(email: str) -> Select[Person]:
    return select(Person).where(Person.email == email.strip().lower())


def live_session(token_hash: str) -> SignIn | None:
    """The session a cookie stands for, unless it ended, ran out or its person was disabled."""
    rows = db.session.scalars(_live_session(), {"token": token_hash, "now": clock.now()})
    return rows.unique().one_or_none()


@cache
def _live_session() -> Select[SignIn]:
    """Every request asks: putting it together takes longer than asking it."""
    return (
        select(SignIn)
        .join(SignIn.person)
        .where(SignIn.token_hash == bindparam("token"), SignIn.ended_at.is_(None))
        .where(SignIn.expires_at > bindparam("now"), Person.disabled_at.is_(None))
        .options(joinedload(SignIn.person).joinedload(Person.grants))
    )


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


def live_sessions(person: Person) -> Select[SignIn]:
    """A person's own sessions, the latest first."""
    query = select(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
    return query.where(SignIn.expires_at > clock.now()).order_by(SignIn.started_at.desc())


def staff() -> Select[RoleGrant]:
    """Every staff role that is held, by person."""
    query = select(RoleGrant).join(RoleGrant.person).where(RoleGrant.revoked_at.is_(None))
    return query.options(joinedload(RoleGrant.person)).order_by(
        Person.display_name, RoleGrant.role
    )


def accounts(text: str) -> Select[Person]:
    """Whose name or address holds a text, by name; without one those that were closed.

    Accounts that were erased or merged into another are no longer there for anybody.
    """
    if not text:
        closed = select(Person).where(Person.closed_because.is_not(None))
        return closed.order_by(Person.disabled_at.desc(), Person.id)
    is_like = Person.display_name.icontains(text, autoescape=True)
    is_like |= Person.email.icontains(text, autoescape=True)
    is_there = Person.disabled_at.is_(None) | Person.closed_because.is_not(None)
    return select(Person).where(is_like, is_there).order_by(Person.display_name, Person.id)


def bundles_of(person: Person) -> Select[DataBundle]:
    """A person's own bundles, the latest first."""
    mine = select(DataBundle).where(DataBundle.person_id == person.id)
    return mine.order_by(DataBundle.id.desc()).limit(5)
