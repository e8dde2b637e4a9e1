"""Help for somebody who lost the phone and the recovery codes."""

from portal.accounts import tokens
from portal.accounts.actions import clear_second_factor, end_sessions
from portal.accounts.models import Person, TokenKind
from portal.core import audit, mail
from portal.core.db import db
from portal.core.states import Refused


def take_off_second_factor(person: Person, reason: str) -> None:
    """They sign in with the password alone, until they set it up anew.

    The caller commits, and has made sure who asks. Raises `Refused` for oneself, and for an
    account that is closed or has none.
    """
    db.session.refresh(person, with_for_update={"of": Person})
    if audit.actor() == audit.name_of(person):
        raise Refused("Nobody takes off their own second factor here: ask another administrator.")
    if person.disabled_at or person.totp_enabled_at is None:
        raise Refused("This account has no second factor now, or it is closed.")
    clear_second_factor(person)
    end_sessions(person)
    tokens.kill(person, TokenKind.RESET, TokenKind.CHANGE_EMAIL)
    audit.record("person.second_factor_taken_off", person, reason=reason)
    mail.queue("accounts/second_factor_taken_off", to=person.email, person=person, reason=reason)
