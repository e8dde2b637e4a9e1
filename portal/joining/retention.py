"""What an applicant wrote goes after its time, where nothing came of it."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from portal.accounts.erasing import address_of
from portal.accounts.retention import RULES, Rule, is_of_held
from portal.core.db import db
from portal.joining.models import Application
from portal.joining.queries import CAME_TO_NOTHING


def forget_applications(before: datetime) -> None:
    """The row stays, for the figures: its class, size, country, and how it was decided."""
    last = func.coalesce(Application.appealed_at, Application.submitted_at, Application.touched_at)
    _forget(last < before)


def forget_drafts(before: datetime) -> None:
    """What was begun and never sent, once it expired or was withdrawn."""
    _forget(Application.submitted_at.is_(None) & (Application.touched_at < before))


def _forget(is_old: ColumnElement[bool]) -> None:
    old = select(Application).where(
        Application.status.in_(CAME_TO_NOTHING), is_old, Application.applicant != "Erased",
        ~is_of_held(Application.person_id, Application.email),
    )  # fmt: skip
    for one in db.session.scalars(old).all():
        one.answers, one.applicant, one.email = {}, "Erased", address_of(one.id)
        one.question = one.reply = one.appeal = one.reason = ""
        one.person_id = None


RULES += [
    Rule("drafts", "Applications that were begun and not sent", 90, "after the last visit",
         forget_drafts, least=7),
    Rule("applications", "Applications that came to nothing", 365, "after they were sent",
         forget_applications, least=30),
]  # fmt: skip
