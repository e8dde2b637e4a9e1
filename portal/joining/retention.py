"""What an applicant wrote goes after a year, where nothing came of it."""

from datetime import datetime

from sqlalchemy import func, select

from portal.accounts.erasing import address_of
from portal.accounts.retention import RULES, Rule
from portal.core.db import db
from portal.joining.models import Application
from portal.joining.queries import CAME_TO_NOTHING


def forget_applications(before: datetime) -> None:
    """The row stays, for the figures: its class, size, country, and how it was decided."""
    last = func.coalesce(Application.appealed_at, Application.submitted_at, Application.touched_at)
    old = select(Application).where(
        Application.status.in_(CAME_TO_NOTHING), last < before, Application.applicant != "Erased"
    )
    for one in db.session.scalars(old).all():
        one.answers, one.applicant, one.email = {}, "Erased", address_of(one.id)
        one.question = one.reply = one.appeal = one.reason = ""
        one.person_id = None


RULES.append(
    Rule("Applications that came to nothing", 365, "after they were sent", forget_applications)
)
