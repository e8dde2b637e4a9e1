"""A practice and its revisions."""

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.committees.models import Committee
from portal.core.audit import append_only
from portal.core.db import Key, Model
from portal.core.states import Status
from portal.members.models import CorporateGroup, Organization

if TYPE_CHECKING:
    from portal.library.models.attachments import Attachment


class PracticeStatus(Status):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    LEGAL_REVIEW = "legal_review"
    RIGHT_OF_REPLY = "right_of_reply"
    APPROVED = "approved"  # with a day in `publish_on`: scheduled
    PUBLISHED = "published"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {
            cls.DRAFT: {cls.IN_REVIEW},
            cls.IN_REVIEW: {cls.DRAFT, cls.LEGAL_REVIEW, cls.RIGHT_OF_REPLY, cls.APPROVED},
            cls.LEGAL_REVIEW: {cls.DRAFT, cls.IN_REVIEW, cls.RIGHT_OF_REPLY, cls.APPROVED},
            cls.RIGHT_OF_REPLY: {cls.DRAFT, cls.IN_REVIEW, cls.APPROVED},
            cls.APPROVED: {cls.DRAFT, cls.IN_REVIEW, cls.PUBLISHED},
            cls.PUBLISHED: {cls.ARCHIVED, cls.WITHDRAWN},
            cls.ARCHIVED: {cls.DRAFT, cls.WITHDRAWN},
        }


class Visibility(enum.StrEnum):
    PUBLIC = "public"
    MEMBERS = "members"
    COMMITTEE = "committee"
    GROUP = "group"  # the firms of one corporate group
    STAFF = "staff"


READERS = {
    Visibility.PUBLIC: "Everybody", Visibility.MEMBERS: "Members", Visibility.STAFF: "Staff only",
}  # fmt: skip


class Practice(Model):
    """One practice. `front` is its whole front matter; the columns are what lists ask for."""

    __tablename__ = "practices"
    __table_args__ = (
        CheckConstraint(
            "kind <> 'case_study' OR status = 'draft' OR outcome IS NOT NULL", "frank"
        ),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)  # A01, never reused
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    summary: Mapped[str]
    body: Mapped[str]  # Markdown
    front: Mapped[dict[str, Any]]
    kind: Mapped[str] = mapped_column(index=True)
    service: Mapped[str]
    stage: Mapped[str]
    theme: Mapped[str] = mapped_column(index=True)
    outcome: Mapped[str | None]
    status: Mapped[PracticeStatus] = mapped_column(default=PracticeStatus.DRAFT, index=True)
    visibility: Mapped[Visibility]
    committee_id: Mapped[int | None] = mapped_column(ForeignKey("committees.id"), index=True)
    committee: Mapped[Committee | None] = relationship()
    group_id: Mapped[int | None] = mapped_column(ForeignKey("corporate_groups.id"), index=True)
    group: Mapped[CorporateGroup | None] = relationship()
    has_teaser: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)
    words: Mapped[int]
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    sponsor: Mapped[Organization | None] = relationship()  # the firm here that paid for it
    publish_on: Mapped[date | None] = mapped_column(index=True)  # of an approved one: its day
    published_on: Mapped[date | None] = mapped_column(index=True)
    updated_on: Mapped[date | None]
    review_due_on: Mapped[date | None] = mapped_column(index=True)
    synced_hash: Mapped[str] = mapped_column(default="")  # of the file, when last in step with it
    attachments: Mapped[list["Attachment"]] = relationship(
        back_populates="practice", order_by="Attachment.id"
    )
    revisions: Mapped[list["Revision"]] = relationship(
        back_populates="practice", order_by="Revision.version.desc()"
    )

    @property
    def audience(self) -> str:
        """Who reads all of it, as the search and `audiences()` name them."""
        if self.committee:
            return f"committee:{self.committee.slug}"
        return f"group:{self.group_id}" if self.group_id else self.visibility.value

    @property
    def readers(self) -> str:
        """The same in words."""
        if self.committee:
            return self.committee.name
        return f"Firms of {self.group.name}" if self.group else READERS[self.visibility]

    @property
    def minutes(self) -> int:
        """Reading time at 200 words a minute."""
        return max(1, -(-self.words // 200))


@append_only
class Revision(Model):
    """The whole of a practice as it was at one version."""

    __tablename__ = "practice_revisions"
    __table_args__ = (UniqueConstraint("practice_id", "version"),)

    id: Mapped[Key]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"), index=True)
    practice: Mapped[Practice] = relationship(back_populates="revisions")
    version: Mapped[int]
    front: Mapped[dict[str, Any]]
    body: Mapped[str]
    change_note: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # none: from a file
    author: Mapped[Person | None] = relationship()
    made_at: Mapped[datetime]
    is_minor: Mapped[bool] = mapped_column(default=False, server_default=false())  # no news
