"""What an answer must not wait for: its time would tell which addresses are known here."""

from portal.accounts import actions
from portal.accounts.models import Person
from portal.core.db import db
from portal.core.jobs import job


@job
def send_reset(email: str) -> None:
    actions.send_reset(email)


@job
def ask_email_change(person_id: int, email: str) -> None:
    actions.ask_email_change(db.session.get_one(Person, person_id), email)
