"""Following, stopping mails, and telling a thing once. The caller commits."""

from collections.abc import Iterable
from typing import Any, cast

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import CursorResult, bindparam, delete, select, text, update

from portal.accounts.models import Person
from portal.core import clock, mail
from portal.core.db import UtcDateTime, db
from portal.core.links import settings
from portal.notices import queries
from portal.notices.kinds import MAY_STOP
from portal.notices.models import Follow, MailPace, NewsMark, Notice, Often, StoppedMail

# One statement: whoever tells the same at this very moment waits, and then has told it before.
NOTE = text(
    'INSERT INTO notices ("key", kind, subject, person_id, at) '
    "VALUES (:key, :kind, :subject, :person_id, :at) "
    'ON CONFLICT ("key") DO NOTHING'
).bindparams(bindparam("at", type_=UtcDateTime()))


def follow(
    person_id: int, kind: str, subject_id: int = 0, often: Often = Often.INSTANT
) -> None:  # fmt: skip
    """Twice is the same as once, but for the pace: the last one holds."""
    known = queries.follow_of(person_id, kind, subject_id)
    if known:
        known.often = often
        return
    facts = {"person_id": person_id, "kind": kind, "subject_id": subject_id}
    db.session.add(Follow(**facts, often=often, since_at=clock.now()))


def unfollow(person_id: int, kind: str, subject_id: int = 0) -> None:
    mine = delete(Follow).where(Follow.person_id == person_id, Follow.kind == kind)
    db.session.execute(mine.where(Follow.subject_id == subject_id))


def follow_words(person_id: int, kind: str, words: str) -> None:
    """All that the words name, now and later. Twice is the same as once."""
    if not queries.is_following_words(person_id, kind, words):
        facts = {"person_id": person_id, "kind": kind, "subject_id": 0, "words": words}
        db.session.add(Follow(**facts, since_at=clock.now()))


def unfollow_words(person_id: int, kind: str, words: str) -> None:
    mine = delete(Follow).where(Follow.person_id == person_id, Follow.kind == kind)
    db.session.execute(mine.where(Follow.words == words))


def choose_pace(person_id: int, kind: str, pace: Often) -> None:
    """What happened until now was told at the pace of before."""
    mine = queries.pace_row(person_id, kind) or MailPace(person_id=person_id, kind=kind)
    if mine.pace != pace:
        mine.pace, mine.told_until = pace, clock.now()
        db.session.add(mine)


def mark_read(person_id: int, kind: str) -> None:
    """Whatever is new of it is read by now."""
    query = select(NewsMark).filter_by(person_id=person_id, kind=kind)
    mark = db.session.scalar(query) or NewsMark(person_id=person_id, kind=kind)
    mark.at = clock.now()
    db.session.add(mark)


def choose(person_id: int, wanted: Iterable[str]) -> None:
    """Which of the mails that can be stopped a person wants; the others are stopped."""
    stopped = set(MAY_STOP) - set(wanted)
    db.session.execute(delete(StoppedMail).where(StoppedMail.person_id == person_id))
    db.session.add_all(
        StoppedMail(person_id=person_id, kind=kind, stopped_at=clock.now()) for kind in stopped
    )


def stop(person_id: int, kind: str) -> None:
    if kind in MAY_STOP and queries.wants(person_id, kind):
        db.session.add(StoppedMail(person_id=person_id, kind=kind, stopped_at=clock.now()))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="stop-mail")


def stop_token(person_id: int, kind: str) -> str:
    """For the link in a mail: it stops one kind for one person, and nothing else."""
    return _signer().dumps([person_id, kind])


def read_stop_token(token: str) -> tuple[int, str] | None:
    try:
        person_id, kind = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return (person_id, kind) if kind in MAY_STOP else None


def once(key: str, kind: str, subject: str = "", person_id: int | None = None) -> bool:
    """Note that this is told now; False when it was told before, and then nothing is written.

    The key is written in the caller's transaction with the fact that causes it, so two workers,
    or a job that is run again, tell it once.
    """
    facts = {"key": key, "kind": kind, "subject": subject, "person_id": person_id}
    noted = cast("CursorResult[Any]", db.session.execute(NOTE, facts | {"at": clock.now()}))
    return noted.rowcount == 1


def mail_once(key: str, template: str, to: Person, subject: str = "", **context: Any) -> bool:
    """Mail a person what `key` says, once; False when they had it before.

    The kind of the notice is the template's name: `members/attest` of `emails/members/attest.txt`.
    """
    if not once(key, template, subject, to.id):
        return False
    sent = mail.queue(template, to.email, (), person=to, **context)
    db.session.flush()
    db.session.execute(update(Notice).where(Notice.key == key).values(mail_id=sent.id))
    return True
