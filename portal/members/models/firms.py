"""Firms, the groups that own them, the people in them, and their membership."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model
from portal.members.terms import TermDates
from portal.places.models import Place


class Decision(Model):
    """The register of decisions: who decided what, when; later rooms point here."""

    __tablename__ = "decisions"

    id: Mapped[Key]
    body: Mapped[str]  # "board", "general meeting", "membership officer"
    decided_on: Mapped[date]
    title: Mapped[str]
    text: Mapped[str]


class CorporateGroup(Model):
    """Organizations under one ultimate owner: the unit of votes, caps and independence figures."""

    __tablename__ = "corporate_groups"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)


class Organization(Model):
    """A legal firm. The firm is the member."""

    __tablename__ = "organizations"
    __table_args__ = (UniqueConstraint("country", "registration_no"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(index=True)
    country: Mapped[str] = mapped_column(String(2), index=True)  # ISO 3166-1
    place_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"), index=True)
    place: Mapped[Place | None] = relationship()
    registration_no: Mapped[str | None]
    tax_id: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    billing_email: Mapped[str] = mapped_column(default="")
    purchase_order: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")  # of its invoices
    headcount: Mapped[int | None]  # as last told
    priced_by: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    # Who pays its dues where that is somebody else: as `Invoice.paid_by`, with a reference.
    paid_by: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    group_memberships: Mapped[list["GroupMembership"]] = relationship(
        back_populates="organization"
    )
    memberships: Mapped[list["Membership"]] = relationship(back_populates="organization")
    affiliations: Mapped[list["Affiliation"]] = relationship(back_populates="organization")


Index("ix_organizations_by_name", func.lower(Organization.name), Organization.id)  # of lists


class GroupBasis(enum.StrEnum):
    """How the association knows whose a firm is."""

    DECLARED = "declared"  # by the firm, every year
    REGISTRY = "registry"  # from a public register
    STAFF = "staff"  # found by staff; not shown to other members until confirmed


class GroupMembership(Model):
    """A firm in a group, both days inclusive: figures of a past day keep the group of that day."""

    __tablename__ = "group_memberships"
    __table_args__ = (
        Index(
            "uq_group_memberships_open", "organization_id", unique=True,
            sqlite_where=text("until_on IS NULL"), postgresql_where=text("until_on IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization] = relationship(back_populates="group_memberships")
    group_id: Mapped[int] = mapped_column(ForeignKey("corporate_groups.id"), index=True)
    group: Mapped[CorporateGroup] = relationship()
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    basis: Mapped[GroupBasis] = mapped_column(
        default=GroupBasis.DECLARED, server_default=GroupBasis.DECLARED.value
    )
    evidence: Mapped[str] = mapped_column(default="", server_default="")


class GroupDeclaration(Model):
    """What a firm says every year of who owns it in the end."""

    __tablename__ = "group_declarations"

    id: Mapped[Key]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization] = relationship()
    group_id: Mapped[int] = mapped_column(ForeignKey("corporate_groups.id"))  # as known that day
    group: Mapped[CorporateGroup] = relationship()
    declared_at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    person: Mapped[Person] = relationship()
    owner: Mapped[str]
    sisters: Mapped[str]  # who else here has the same owner, in the firm's words
    is_same: Mapped[bool]  # the group that the association has is right
    settled_at: Mapped[datetime | None]  # staff acted on what differs


class FirmRole(enum.StrEnum):
    DELEGATE = "delegate"
    ALTERNATE = "alternate"
    DUES_CONTACT = "dues_contact"
    ROSTER_MANAGER = "roster_manager"
    SIGNATORY = "signatory"
    STAFF = "staff"
    PRESS_CONTACT = "press_contact"


class Affiliation(Model):
    """A person at a firm, with roles, from a day to a day."""

    __tablename__ = "affiliations"
    __table_args__ = (
        Index(
            "uq_affiliations_open", "person_id", "organization_id", unique=True,
            sqlite_where=text("until_on IS NULL"), postgresql_where=text("until_on IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person] = relationship()
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization] = relationship(back_populates="affiliations")
    roles: Mapped[list[str]]  # of FirmRole
    title: Mapped[str] = mapped_column(default="")
    from_on: Mapped[date]
    until_on: Mapped[date | None]

    confirmed_on = date.min  # when roles were confirmed last, where that was read as well


class MembershipClass(enum.StrEnum):
    PROVIDER_FRONT = "provider_front"
    PROVIDER_BACK = "provider_back"
    RECRUITER = "recruiter"
    TECHNOLOGY = "technology"
    CONSULTANT = "consultant"
    TRAINING = "training"
    FACILITIES_TRANSPORT = "facilities_transport"
    CLIENT = "client"
    ACADEMIC = "academic"
    PUBLIC_BODY = "public_body"
    SUPPORTER = "supporter"
    INDIVIDUAL = "individual"
    STARTUP = "startup"


CLASS_NAMES = {
    MembershipClass.PROVIDER_FRONT: "Front-office provider",
    MembershipClass.PROVIDER_BACK: "Back-office provider",
    MembershipClass.RECRUITER: "Recruitment agency",
    MembershipClass.TECHNOLOGY: "Technology firm",
    MembershipClass.CONSULTANT: "Consultant",
    MembershipClass.TRAINING: "Training firm",
    MembershipClass.FACILITIES_TRANSPORT: "Facilities or transport firm",
    MembershipClass.CLIENT: "Client of outsourcing",
    MembershipClass.ACADEMIC: "Academic body",
    MembershipClass.PUBLIC_BODY: "Public body",
    MembershipClass.SUPPORTER: "Supporter",
    MembershipClass.INDIVIDUAL: "Individual",
    MembershipClass.STARTUP: "Start-up",
}


class Membership(Model):
    """A firm in a class: permanent, ended only by a recorded fact."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index(
            "uq_memberships_open", "organization_id", "kind", unique=True,
            sqlite_where=text("ended_on IS NULL"), postgresql_where=text("ended_on IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization] = relationship(back_populates="memberships")
    kind: Mapped[MembershipClass] = mapped_column(index=True)
    since_on: Mapped[date]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None]
    terms: Mapped[list["Term"]] = relationship(
        back_populates="membership", order_by="Term.start_on"
    )


class Term(Model):
    """An interval of a membership, both days inclusive, with the price it was sold at."""

    __tablename__ = "terms"
    __table_args__ = (
        UniqueConstraint("membership_id", "sequence"),
        CheckConstraint("start_on <= end_on", "starts_before_it_ends"),
        CheckConstraint("end_on <= grace_until_on", "grace_follows_the_end"),
        Index(None, "start_on", "end_on"),
    )

    id: Mapped[Key]
    membership_id: Mapped[int] = mapped_column(ForeignKey("memberships.id"), index=True)
    membership: Mapped[Membership] = relationship(back_populates="terms")
    sequence: Mapped[int]
    start_on: Mapped[date]
    end_on: Mapped[date]
    grace_until_on: Mapped[date]  # the last day of grace
    renews_id: Mapped[int | None] = mapped_column(ForeignKey("terms.id"), unique=True)
    price_snapshot: Mapped[dict[str, Any]]
    cancelled_at: Mapped[datetime | None]
    ended_early_on: Mapped[date | None]
    end_reason: Mapped[str | None]

    @property
    def is_trial(self) -> bool:
        """A first term at a price of its own; what follows is priced as for who joins."""
        return bool(self.price_snapshot.get("trial"))

    def dates(self, next_start: date | None = None) -> TermDates:
        return TermDates(
            start=self.start_on, end=self.end_on,
            grace_days=(self.grace_until_on - self.end_on).days,
            is_cancelled=self.cancelled_at is not None,
            ended_early_on=self.ended_early_on,
            next_start=next_start,
        )  # fmt: skip
