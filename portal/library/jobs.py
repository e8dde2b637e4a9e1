"""The library's work for later: the text of files, days of publishing, checklists of leavers."""

import logging
from datetime import timedelta

from portal.association.queries import association, today
from portal.core import clock, files, jobs
from portal.core.db import db
from portal.core.extracting import text_of
from portal.core.search import index
from portal.core.states import Refused
from portal.library import actions, following, freshness, leavers, links, queries, themes
from portal.library.attachments import ending
from portal.library.models import Attachment, Extraction, Practice, PracticeStatus
from portal.library.probing import probe

log = logging.getLogger(__name__)


@jobs.job
def forget_file(file_key: str) -> None:
    """The bytes of a file whose row has gone."""
    files.store().delete(file_key)


@jobs.job
def extract(attachment_id: int) -> None:
    """Read the text of a file, in a process of its own and with nothing of ours held."""
    one = db.session.get(Attachment, attachment_id)
    if one is None:
        return
    kind, key = ending(one), one.key
    db.session.commit()
    status, pages = text_of(kind, files.store().get(key))
    one = db.session.get(Attachment, attachment_id)
    if one is not None:
        one.extraction, one.pages = Extraction(status), pages
        index.changed("attachment", attachment_id)


@jobs.every(timedelta(minutes=15))
def publish_due() -> None:
    """Approved practices whose day has come, in the association's zone; one commit for each."""
    for number in queries.due_to_publish(today()):
        practice = db.session.get(Practice, number, with_for_update=True, populate_existing=True)
        if practice is None or practice.status is not PracticeStatus.APPROVED:
            continue
        try:
            actions.move(practice, PracticeStatus.PUBLISHED, "Its day has come")
            jobs.commit_item()
        except Refused:
            db.session.rollback()
            log.warning("practice %s could not be published on its day", number)


@jobs.every(timedelta(hours=6))
def remind_owners() -> None:
    """Owners hear of reviews 30 days before, on the day and 30 days after, once of each."""
    for practice in db.session.scalars(freshness.due_soon(today())).all():
        if freshness.remind(practice, today()):
            jobs.commit_item()


@jobs.every(timedelta(days=1))
def look_at_links() -> None:
    """One after the other, so that no host is asked twice at a time; and only where it is on."""
    if not association().checks_links:
        return
    links.list_anew()
    jobs.commit_item()
    found, key = links.due(clock.now()), jobs.turn_key(f"{__name__}.look_at_links")
    jobs.commit_item()
    for done, (number, url) in enumerate(found, 1):
        links.note(number, probe(url))
        jobs.note_progress(key, done, len(found))
    for practice, broken in links.untold():
        links.tell(practice, broken)
        jobs.commit_item()


@jobs.every(timedelta(days=1))
def let_checklists_go() -> None:
    """One firm at a time."""
    for firm_id, gone in leavers.firms_gone(today()).items():
        leavers.offer_or_delete(firm_id, gone)
        jobs.commit_item()


@jobs.every(timedelta(minutes=5))
def tell_followers() -> None:
    """One person and practice at a time."""
    for person_id, practice_id in following.due():
        following.tell(person_id, practice_id)
        jobs.commit_item()


@jobs.every(timedelta(minutes=5))
def tell_of_new_practices() -> None:
    """One person and theme at a time."""
    for follow_id in themes.due():
        themes.tell(follow_id)
        jobs.commit_item()
