"""Closing an account that harms others, and opening it again: nothing that was done goes."""

from collections.abc import Callable

from sqlalchemy import select

from portal.accounts import tokens
from portal.accounts.actions import end_sessions, revoke
from portal.accounts.models import Person, RoleGrant
from portal.accounts.queries import person_by_email
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.search import index
from portal.core.states import Refused

# What a room ends at once, beside sessions, roles and mailed links.
endings: list[Callable[[Person], None]] = []
# What it would mean for others, in sentences that whoever closes reads first.
warnings: list[Callable[[Person], list[str]]] = []
# Mail that still goes out, by the beginning of its template's name: money, seats that were
# booked, an application, and that the account was closed. All else is withheld.
REQUIRED = (
    "accounts/closed", "accounts/opened", "dues/", "renewals/", "joining/", "events/",
)  # fmt: skip


def what_it_means(person: Person) -> list[str]:
    return [words for warning in warnings for words in warning(person)]


def close(person: Person, reason: str) -> None:
    """End everything somebody could still use; their roles in the office are taken back.

    The caller commits. Raises `Refused` for oneself, for the last administrator, and for an
    account that is closed, erased or merged into another.
    """
    _hold(person)
    if audit.actor() == audit.name_of(person):
        raise Refused("Nobody closes their own account here: ask another administrator.")
    if person.disabled_at:
        raise Refused("This account is closed already.")
    held = select(RoleGrant).filter_by(person_id=person.id, revoked_at=None)
    for grant in db.session.scalars(held).all():
        revoke(grant, reason)
    person.disabled_at, person.closed_because = clock.now(), reason
    _end_everything(person)
    audit.record("person.closed", person, reason=reason)
    mail.queue("accounts/closed", to=person.email, person=person, reason=reason)


def open_again(person: Person, reason: str) -> None:
    """They sign in with the password they had; what ended stays ended.

    The caller commits. Raises `Refused` unless somebody closed it.
    """
    _hold(person)
    if not person.was_closed:
        raise Refused("This account is not closed, or it was erased or merged into another.")
    person.disabled_at = person.closed_because = None
    _end_everything(person)  # also what began at the very moment of closing
    audit.record("person.opened", person, reason=reason)
    mail.queue("accounts/opened", to=person.email, person=person)


def _hold(person: Person) -> None:
    """As it is now, and until the transaction ends: two who close it find one another."""
    db.session.refresh(person, with_for_update={"of": Person})


def _end_everything(person: Person) -> None:
    end_sessions(person)
    tokens.kill(person)
    for end in endings:
        end(person)
    index.changed("person", person.id)


def withholds(one: mail.OutgoingMail) -> bool:
    """Is it mail to a closed account that need not be sent? Asked when it would leave."""
    if one.template.startswith(REQUIRED):
        return False
    person = db.session.scalar(person_by_email(one.recipient))
    return person is not None and person.was_closed
