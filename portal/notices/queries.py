"""Questions about what people follow and which mails they stopped."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select

from portal.accounts.models import Person
from portal.core.db import db
from portal.notices.kinds import MAY_STOP
from portal.notices.models import Follow, MailPace, NewsMark, Notice, Often, StoppedMail


def follow_of(person_id: int, kind: str, subject_id: int = 0) -> Follow | None:
    query = select(Follow).filter_by(person_id=person_id, kind=kind, subject_id=subject_id)
    return db.session.scalar(query)


def is_following(person_id: int, kind: str, subject_id: int) -> bool:
    return follow_of(person_id, kind, subject_id) is not None


def follows_of(person_id: int) -> Sequence[Follow]:
    query = select(Follow).where(Follow.person_id == person_id)
    return db.session.scalars(query.order_by(Follow.kind, Follow.id)).all()


def is_followed(kind: str, subject_id: int) -> bool:
    """By anybody."""
    query = select(Follow.id).filter_by(kind=kind, subject_id=subject_id)
    return db.session.scalar(query.limit(1)) is not None


def followed_ids(person_id: int, kind: str) -> Select[int]:
    return select(Follow.subject_id).where(Follow.person_id == person_id, Follow.kind == kind)


def is_following_words(person_id: int, kind: str, words: str) -> bool:
    query = select(Follow.id).filter_by(person_id=person_id, kind=kind, words=words)
    return db.session.scalar(query) is not None


def followed_words(person_id: int, kind: str) -> Sequence[str]:
    """What a person follows by words, the latest last."""
    query = select(Follow.words).filter_by(person_id=person_id, kind=kind)
    return db.session.scalars(query.order_by(Follow.id)).all()


def all_words(kind: str) -> Sequence[str]:
    """Whatever anybody follows by words, each once."""
    query = select(Follow.words).where(Follow.kind == kind).distinct()
    return db.session.scalars(query.order_by(Follow.words)).all()


def pace_row(person_id: int, kind: str) -> MailPace | None:
    return db.session.scalar(select(MailPace).filter_by(person_id=person_id, kind=kind))


def pace_of(person_id: int, kind: str) -> Often:
    row = pace_row(person_id, kind)
    return row.pace if row else Often.INSTANT


def read_until(person_id: int, kind: str) -> datetime | None:
    """Up to when a person said that they have read what is new."""
    return db.session.scalar(select(NewsMark.at).filter_by(person_id=person_id, kind=kind))


def told_at_once(mail_kind: str, is_theirs: ColumnElement[bool]) -> Sequence[Person]:
    """Whose follows are these, who wants the mail, and not as a digest."""
    other = (
        select(StoppedMail.person_id).where(StoppedMail.kind == mail_kind),
        select(MailPace.person_id).where(
            MailPace.kind == mail_kind, MailPace.pace != Often.INSTANT
        ),
    )  # fmt: skip
    query = select(Person).where(
        Person.id.in_(select(Follow.person_id).where(is_theirs)), Person.disabled_at.is_(None),
        *(Person.id.not_in(one) for one in other),
    )  # fmt: skip
    return db.session.scalars(query.order_by(Person.id)).all()


def digests_due(mail_kind: str, before: Mapping[Often, datetime]) -> Sequence[int]:
    """The paces, by id, of those who were told last before that instant of their pace."""
    late = [(MailPace.pace == pace) & (MailPace.told_until <= at) for pace, at in before.items()]
    stopped = select(StoppedMail.person_id).where(StoppedMail.kind == mail_kind)
    query = select(MailPace.id).join(MailPace.person).where(
        MailPace.kind == mail_kind, or_(*late), Person.disabled_at.is_(None),
        MailPace.person_id.not_in(stopped),
    )  # fmt: skip
    return db.session.scalars(query.order_by(MailPace.id)).all()


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


def known_keys(keys: Collection[str]) -> dict[str, bool]:
    """Of each key whether what it says was told."""
    told = set(db.session.scalars(select(Notice.key).where(Notice.key.in_(keys))))
    return {key: key in told for key in keys}


def was_told(key: str) -> bool:
    return db.session.scalar(select(Notice.id).where(Notice.key == key)) is not None


def told(subject: str, kind: str = "") -> Sequence[Notice]:
    """What was told about a thing, the first first; of one kind when it is named."""
    query = select(Notice).where(Notice.subject == subject)
    if kind:
        query = query.where(Notice.kind == kind)
    return db.session.scalars(query.order_by(Notice.at, Notice.id)).all()
