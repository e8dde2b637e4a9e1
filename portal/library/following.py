"""Who follows a practice is told once of each new version. The caller commits."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, cast, func, literal, select

from portal.accounts.models import Person
from portal.core.db import db
from portal.library.models import Practice, PracticeStatus, Revision
from portal.library.queries import may_see_title
from portal.notices import actions as notices
from portal.notices.models import Follow, Notice
from portal.notices.queries import wants

PRACTICE = "practice"  # the kind of the follow
MAIL = "practice_news"  # the kind of mail that may be stopped
TOLD = "library/new_version"


def news_of(practice: Practice) -> Revision | None:
    """The last version that says anything new."""
    return next((one for one in practice.revisions if not one.is_minor), None)


def key_of(practice: Practice, person_id: int) -> str:
    news = news_of(practice)
    version = news.version if news else practice.version
    return f"practice:{practice.id}:{version}:{person_id}"


def follow(practice: Practice, person: Person | Any) -> None:
    """From the next version on: the present one is on the screen."""
    db.session.get_one(Person, person.id, with_for_update={"key_share": True})
    notices.follow(person.id, PRACTICE, practice.id)
    notices.once(key_of(practice, person.id), TOLD, f"practice:{practice.id}", person.id)


def due() -> Sequence[tuple[int, int]]:
    """Person and practice for each version with news that is published and was not told."""
    news = select(func.max(Revision.version)).where(
        Revision.practice_id == Practice.id, Revision.is_minor.is_(False)
    )
    about = literal("practice:") + cast(Practice.id, String) + ":"
    key = about + cast(news.scalar_subquery(), String) + ":" + cast(Follow.person_id, String)
    told = select(Notice.id).where(Notice.key == key).exists()
    query = (
        select(Follow.person_id, Practice.id)
        .join(Practice, Practice.id == Follow.subject_id)
        .where(Follow.kind == PRACTICE, Practice.status == PracticeStatus.PUBLISHED, ~told)
    )
    return [(a, b) for a, b in db.session.execute(query.order_by(Practice.id, Follow.person_id))]


def tell(person_id: int, practice_id: int) -> None:
    """Whoever may not see it any more hears nothing; who stopped these mails has it noted."""
    person, practice = db.session.get(Person, person_id), db.session.get(Practice, practice_id)
    if (
        person is None
        or practice is None
        or person.disabled_at
        or practice.status is not PracticeStatus.PUBLISHED
        or not may_see_title(practice, person)
    ):
        return
    key, subject = key_of(practice, person.id), f"practice:{practice.id}"
    if not wants(person.id, MAIL):
        notices.once(key, TOLD, subject, person.id)
        return
    news = news_of(practice)
    note = news.change_note if news else ""
    notices.mail_once(
        key, TOLD, person, subject, practice=practice, note=note,
        stop=notices.stop_token(person.id, MAIL),
    )  # fmt: skip
