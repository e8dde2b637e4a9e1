"""What a person follows, which mails they stopped, what they were told."""

from sqlalchemy import delete, select

from portal.accounts.holdings import HOLDINGS, Holding, Rows, plain
from portal.accounts.models import Person
from portal.core.db import db
from portal.notices.models import FeedKey, Follow, MailPace, NewsMark, Notice, StoppedMail


def _follows(person: Person) -> Rows:
    query = select(Follow).filter_by(person_id=person.id).order_by(Follow.id)
    return [
        plain(one, "kind", "subject_id", "words", "often", "since_at")
        for one in db.session.scalars(query)
    ]


def _stopped(person: Person) -> Rows:
    query = select(StoppedMail).filter_by(person_id=person.id).order_by(StoppedMail.id)
    return [plain(one, "kind", "stopped_at") for one in db.session.scalars(query)]


def _paces(person: Person) -> Rows:
    query = select(MailPace).filter_by(person_id=person.id).order_by(MailPace.id)
    return [plain(one, "kind", "pace", "told_until") for one in db.session.scalars(query)]


def _marks(person: Person) -> Rows:
    query = select(NewsMark).filter_by(person_id=person.id).order_by(NewsMark.id)
    return [plain(one, "kind", "at") for one in db.session.scalars(query)]


def _feed_keys(person: Person) -> Rows:
    query = select(FeedKey).filter_by(person_id=person.id)
    return [plain(one, "made_at") for one in db.session.scalars(query)]


def _notices(person: Person) -> Rows:
    query = select(Notice).filter_by(person_id=person.id).order_by(Notice.id)
    return [plain(one, "kind", "subject", "at") for one in db.session.scalars(query)]


Own = type[Follow] | type[StoppedMail] | type[FeedKey] | type[MailPace] | type[NewsMark]


def _forget(model: Own, person: Person) -> None:
    db.session.execute(delete(model).where(model.person_id == person.id))


HOLDINGS += [
    Holding(
        "follows", "What you follow", "To tell you what happens to it", "You", "Nobody",
        "Until you stop following", _follows, erase=lambda person: _forget(Follow, person),
    ),
    Holding(
        "stopped-mails", "Mails you do not want", "Not to send them", "You", "Nobody",
        "Until you choose otherwise", _stopped,
        erase=lambda person: _forget(StoppedMail, person),
    ),
    Holding(
        "paces", "How often mails come that may come as a digest", "To send them at your pace",
        "You", "Nobody", "Until you ask for erasure", _paces,
        erase=lambda person: _forget(MailPace, person),
    ),
    Holding(
        "news-marks", "Up to when you have read what is new", "To show what is new since",
        "You", "Nobody", "Until you ask for erasure", _marks,
        erase=lambda person: _forget(NewsMark, person),
    ),
    Holding(
        "feeds", "The key of your private feeds", "To give your feed reader what you may read",
        "The portal", "Nobody", "Until you take it back or ask for erasure", _feed_keys,
        erase=lambda person: _forget(FeedKey, person),
    ),
    Holding(
        "notices", "What you were told once, and when", "Not to tell it twice", "The portal",
        "Staff", "Ten years, by your number alone: who was warned of what", _notices,
    ),
]  # fmt: skip
