"""What members bring to the library, and apart from it, sealed, who stands behind a pseudonym."""

import enum
from datetime import datetime
from typing import Self

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model
from portal.core.states import Status
from portal.library.models.practices import Practice
from portal.members.models import Organization

BY_NOBODY = "A member, under the Chatham House rule"


class ProposalKind(enum.StrEnum):
    PRACTICE = "practice"
    EXPERIENCE = "experience"  # "we tried this", with a practice
    CASE = "case"


class Naming(enum.StrEnum):
    """How openly it is told, in the words of the library's own facet."""

    NAMED = "named"
    CHATHAM_HOUSE = "chatham_house"  # editors know; readers see neither person nor firm
    ANONYMISED = "anonymised"  # a pseudonym: nobody knows without opening the seal


class ProposalStatus(Status):
    SENT = "sent"
    ACCEPTED = "accepted"  # an experience is shown, anything else became a draft
    DECLINED = "declined"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {cls.SENT: {cls.ACCEPTED, cls.DECLINED}, cls.ACCEPTED: {cls.DECLINED}}


class Proposal(Model):
    """Words of a member. Under a pseudonym neither person nor firm is in this row."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("kind <> 'experience' OR practice_id IS NOT NULL", "of_a_practice"),
        CheckConstraint(
            "naming <> 'anonymised' OR (person_id IS NULL AND organization_id IS NULL)", "sealed"
        ),
    )

    id: Mapped[Key]
    kind: Mapped[ProposalKind]
    practice_id: Mapped[int | None] = mapped_column(ForeignKey("practices.id"), index=True)
    practice: Mapped[Practice | None] = relationship()  # it was tried, or it came of this
    title: Mapped[str]
    happened: Mapped[str]
    numbers: Mapped[str]
    not_again: Mapped[str]
    outcome: Mapped[str]  # empty: a practice that nobody has tried yet
    naming: Mapped[Naming]
    pseudonym: Mapped[str]  # empty unless there is one
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person | None] = relationship()
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization | None] = relationship()
    status: Mapped[ProposalStatus] = mapped_column(default=ProposalStatus.SENT, index=True)
    sent_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]

    @property
    def shown_author(self) -> str:
        """By name and firm, by the pseudonym, or by neither under the Chatham House rule."""
        about = self.practice if self.kind is ProposalKind.EXPERIENCE else None
        if about and about.front.get("frankness") == Naming.CHATHAM_HOUSE:
            return BY_NOBODY
        if self.naming is Naming.NAMED and self.person:
            firm = f", {self.organization.name}" if self.organization else ""
            return f"{self.person.display_name}{firm}"
        return self.pseudonym or BY_NOBODY


class SealedAuthor(Model):
    """Who stands behind a pseudonym: readable with the portal's key alone."""

    __tablename__ = "sealed_authors"

    id: Mapped[Key]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), unique=True)
    sealed: Mapped[str]
    mark: Mapped[str] = mapped_column(index=True)  # finds a person's own again, and names nobody
