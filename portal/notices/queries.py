"""Questions about what people follow and which mails they stopped."""

from collections.abc import Sequence

from sqlalchemy import Select, select

from portal.accounts.models import Person
from portal.core.db import db
from portal.notices.kinds import MAY_STOP
from portal.notices.models import Follow, Notice, StoppedMail


def is_following(person_id: int, kind: str, subject_id: int) -> bool:
    query = select(Follow.id).filter_by(person_id=person_id, kind=kind, subject_id=subject_id)
    return db.session.scalar(query) is not None


def followed_ids(person_id: int, kind: str) -> Select[int]:
    return select(Follow.subject_id).where(Follow.person_id == person_id, Follow.kind == kind)


def followers(kind: str, subject_id: int, mail_kind: str) -> Sequence[Person]:
    """Who follows a thing and wants mail of this kind; disabled accounts get none."""
    stopped = select(StoppedMail.person_id).where(StoppedMail.kind == mail_kind)
    query = (
        select(Person)
        .join(Follow, Follow.person_id == Person.id)
        .where(Follow.kind == kind, Follow.subject_id == subject_id)
        .where(Person.disabled_at.is_(None), Person.id.not_in(stopped))
    )
    return db.session.scalars(query.order_by(Person.id)).all()


def stopped_kinds(person_id: int) -> set[str]:
    return set(db.session.scalars(select(StoppedMail.kind).filter_by(person_id=person_id)))


def wants(person_id: int, mail_kind: str) -> bool:
    """What must be sent is always wanted."""
    return mail_kind not in MAY_STOP or mail_kind not in stopped_kinds(person_id)


def was_told(key: str) -> bool:
    return db.session.scalar(select(Notice.id).where(Notice.key == key)) is not None


def told(subject: str, kind: str = "") -> Sequence[Notice]:
    """What was told about a thing, the first first; of one kind when it is named."""
    query = select(Notice).where(Notice.subject == subject)
    if kind:
        query = query.where(Notice.kind == kind)
    return db.session.scalars(query.order_by(Notice.at, Notice.id)).all()
