"""What a person follows, how often they are told, which mails they stopped, what was told once."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model


class Often(enum.StrEnum):
    """At which pace somebody wants to be told."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"


class Follow(Model):
    """A person follows a thing: `("measure", 12)`, `("theme:quality", 0)`; or what words name."""

    __tablename__ = "follows"
    __table_args__ = (UniqueConstraint("person_id", "kind", "subject_id", "words"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person] = relationship()
    kind: Mapped[str]
    subject_id: Mapped[int] = mapped_column(index=True)
    words: Mapped[str] = mapped_column(default="", server_default="")  # "topic=tax"
    since_at: Mapped[datetime]
    often: Mapped[Often] = mapped_column(default=Often.INSTANT, server_default=Often.INSTANT.value)


class StoppedMail(Model):
    """A kind of mail a person does not want; what must be sent cannot be stopped."""

    __tablename__ = "stopped_mail"
    __table_args__ = (UniqueConstraint("person_id", "kind"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[str]
    stopped_at: Mapped[datetime]


class MailPace(Model):
    """How often a person gets one kind of mail; at once where they have not chosen."""

    __tablename__ = "mail_paces"
    __table_args__ = (UniqueConstraint("person_id", "kind"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    person: Mapped[Person] = relationship()
    kind: Mapped[str]
    pace: Mapped[Often]
    told_until: Mapped[datetime]  # what happened before is told


class NewsMark(Model):
    """Up to when a person has read what is new of a kind."""

    __tablename__ = "news_marks"
    __table_args__ = (UniqueConstraint("person_id", "kind"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str]
    at: Mapped[datetime]


class FeedKey(Model):
    """Behind a person's private feeds; without it every address of theirs is dead."""

    __tablename__ = "feed_keys"

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    person: Mapped[Person] = relationship()
    secret: Mapped[str]  # signed into the addresses; a new one kills the old addresses
    made_at: Mapped[datetime]


class Notice(Model):
    """Something that is said once: the key says what it is, and a second one is refused."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "kind", "subject"),)

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True)  # "attestation:12:2026-03-01:14"
    kind: Mapped[str]  # "attestation"
    subject: Mapped[str]  # "affiliation:12"
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_mail.id"), index=True)
    at: Mapped[datetime]
