"""What the passing of days does to memberships. Every state is right without it: it only sends,
books and records."""

import logging
import time
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from portal.association.queries import today
from portal.core import jobs
from portal.core.db import db
from portal.core.states import Refused
from portal.dues.periods import NotQuotable
from portal.renewals.actions import Act, do_together, due_on

TOGETHER = 20  # acts of one commit: a fifth of a second in which others wait
PAUSE = 0.02  # seconds in which whoever waits for the one writer of SQLite comes in
log = logging.getLogger(__name__)


@jobs.every(timedelta(hours=6))
def look_after_memberships() -> None:
    """Windows, invoices, provisional terms, endings, reminders: a few with each commit.

    A worker that is killed leaves the whole few undone, and they are due as before.
    """
    acts = list(due_on(today()))
    key = jobs.turn_key(f"{__name__}.look_after_memberships")
    jobs.note_progress(key, 0, len(acts))
    for first in range(0, len(acts), TOGETHER):
        few = acts[first : first + TOGETHER]
        if not _do_together(few):
            _do_alone(few)
        jobs.note_progress(key, first + len(few), len(acts))
        time.sleep(PAUSE)


def _do_together(acts: Sequence[Act]) -> bool:
    """False when one of them could not be done, or others hold what it needs: then none is."""
    try:
        do_together(acts)
        jobs.commit_item()
    except (NotQuotable, Refused, DBAPIError):
        db.session.rollback()
        return False
    return True


def _do_alone(acts: Sequence[Act]) -> None:
    """One commit for each; those that stay undone are left for a person, who sees them."""
    for act in acts:
        try:
            act()
        except (NotQuotable, Refused) as why:  # nobody decided a price
            db.session.rollback()
            log.info("left for a person: %s", why)
        else:
            jobs.commit_item()
