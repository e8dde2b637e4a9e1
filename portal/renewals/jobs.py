"""What the passing of days does to memberships. Every state is right without it: it only sends,
books and records."""

import logging
from datetime import timedelta

from portal.association.queries import today
from portal.core import jobs
from portal.core.db import db
from portal.core.states import Refused
from portal.dues.periods import NotQuotable
from portal.renewals.actions import due_on

log = logging.getLogger(__name__)


@jobs.every(timedelta(hours=6))
def look_after_memberships() -> None:
    """Windows, invoices, provisional terms, endings, reminders; one commit for each thing."""
    acts = list(due_on(today()))
    key = jobs.turn_key(f"{__name__}.look_after_memberships")
    for done, act in enumerate(acts, 1):
        try:
            act()
        except (NotQuotable, Refused) as why:  # the board shows it: nobody decided a price
            db.session.rollback()
            log.info("left for a person: %s", why)
        else:
            jobs.commit_item()
        if done % 20 == 0 or done == len(acts):
            jobs.note_progress(key, done, len(acts))
