"""A survey whose answers are told in confidence, and the answers, sealed."""

from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Key, Model
from portal.core.states import Status
from portal.library.models import Practice
from portal.members.models import Organization


class SurveyStatus(Status):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"

    @classmethod
    def moves(cls) -> dict[Self, set[Self]]:
        return {cls.DRAFT: {cls.OPEN}, cls.OPEN: {cls.CLOSED}, cls.CLOSED: {cls.PUBLISHED}}


class Survey(Model):
    """What is asked, of whom, and by which rules it is shown; fixed from the day it opens."""

    __tablename__ = "benchmark_surveys"
    __table_args__ = (
        CheckConstraint("min_contributors >= 5", "floor"),
        CheckConstraint("max_share_percent BETWEEN 10 AND 25", "cap"),
        CheckConstraint("min_age_months >= 3", "age"),
        CheckConstraint("band >= 1 AND total_band >= band", "bands"),
        CheckConstraint("period_from <= period_until", "period"),
        CheckConstraint("status = 'draft' OR counsel_signed_on IS NOT NULL", "signed_off"),
        CheckConstraint("(status = 'published') = (published_on IS NOT NULL)", "published"),
    )

    id: Mapped[Key]
    practice_id: Mapped[int | None] = mapped_column(ForeignKey("practices.id"), index=True)
    practice: Mapped[Practice | None] = relationship()
    title: Mapped[str]
    intro: Mapped[str]
    metric: Mapped[str]
    unit: Mapped[str]  # "%", "months"
    most: Mapped[int | None]  # the largest possible value
    weight_name: Mapped[str]  # "hires": what a value is weighted by
    period_from: Mapped[date]
    period_until: Mapped[date]  # the last day
    site_types: Mapped[list[str]]
    regions: Mapped[list[str]]
    asked_kinds: Mapped[list[str]]  # of MembershipClass
    answer_roles: Mapped[list[str]]  # of FirmRole
    min_contributors: Mapped[int]  # owners, not firms
    max_share_percent: Mapped[int]
    min_age_months: Mapped[int]
    band: Mapped[int]
    total_band: Mapped[int]
    counsel_name: Mapped[str]
    counsel_signed_on: Mapped[date | None]
    closes_on: Mapped[date]  # the last day to answer
    reminded_on: Mapped[date | None]
    status: Mapped[SurveyStatus] = mapped_column(default=SurveyStatus.DRAFT, index=True)
    published_on: Mapped[date | None]
    results: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the lines, as published


class Answer(Model):
    """What one firm told of one cell. Value and weight are sealed: no query can read them."""

    __tablename__ = "benchmark_answers"
    __table_args__ = (UniqueConstraint("survey_id", "organization_id", "site_type", "region"),)

    id: Mapped[Key]
    survey_id: Mapped[int] = mapped_column(ForeignKey("benchmark_surveys.id"), index=True)
    survey: Mapped[Survey] = relationship()
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    organization: Mapped[Organization] = relationship()
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    site_type: Mapped[str]
    region: Mapped[str]
    sealed: Mapped[str]
    saved_at: Mapped[datetime]
