"""What a person follows, which mails they stopped, and what was told once."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model


class Follow(Model):
    """A person follows a thing: `("measure", 12)`, `("place", 3)`."""

    __tablename__ = "follows"
    __table_args__ = (UniqueConstraint("person_id", "kind", "subject_id"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person] = relationship()
    kind: Mapped[str]
    subject_id: Mapped[int] = mapped_column(index=True)
    since_at: Mapped[datetime]


class StoppedMail(Model):
    """A kind of mail a person does not want; what must be sent cannot be stopped."""

    __tablename__ = "stopped_mail"
    __table_args__ = (UniqueConstraint("person_id", "kind"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[str]
    stopped_at: Mapped[datetime]


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
