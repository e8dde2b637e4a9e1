"""Questions about surveys: which there are, who is asked, who answered, what may be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Select, func, select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import sealing
from portal.core.access import Permission
from portal.core.db import db
from portal.core.merging import merged_away
from portal.library.benchmarks.ages import publishable_from
from portal.library.benchmarks.models import Answer, Survey, SurveyStatus
from portal.library.benchmarks.suppression import (
    Cell,
    Given,
    Line,
    Rules,
    contributors,
    published,
)
from portal.library.models import Practice
from portal.members.models import (
    Affiliation,
    GroupMembership,
    Membership,
    Organization,
)
from portal.members.queries import affiliation_of, in_group, is_live

SHOWN = (SurveyStatus.OPEN, SurveyStatus.CLOSED, SurveyStatus.PUBLISHED)
STATES = {
    SurveyStatus.DRAFT: ("", "draft"), SurveyStatus.OPEN: ("needs", "open"),
    SurveyStatus.CLOSED: ("", "closed"), SurveyStatus.PUBLISHED: ("ok", "published"),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A firm's own value of one cell, and what it is weighted by."""

    value: Decimal
    weight: int

    def sealed(self) -> str:
        return sealing.seal(f"{self.value} {self.weight}")

    @classmethod
    def of(cls, answer: Answer) -> "Told":
        value, weight = sealing.unseal(answer.sealed).split()
        return cls(Decimal(value), int(weight))


def surveys(*statuses: SurveyStatus) -> Select[Survey]:
    """The newest period first."""
    query = select(Survey).where(Survey.status.in_(statuses or tuple(SurveyStatus)))
    return query.order_by(Survey.period_until.desc(), Survey.id.desc())


def of_practice(practice: Practice, reader: Person) -> Sequence[Survey]:
    """Those that members see beside the practice that explains them."""
    if practice.kind != "benchmark" or not _may_read(reader):
        return []
    return db.session.scalars(surveys(*SHOWN).filter_by(practice_id=practice.id).limit(20)).all()


def newest(reader: Person) -> Sequence[Survey]:
    """What the front of the library names: open ones and those that were published last."""
    if not _may_read(reader):
        return []
    query = surveys(SurveyStatus.OPEN, SurveyStatus.PUBLISHED)
    return db.session.scalars(query.limit(3)).all()


def _may_read(reader: Person) -> bool:
    return reader.is_authenticated and reader.may(Permission.LIBRARY_READ)


def rules_of(survey: Survey) -> Rules:
    share = Fraction(survey.max_share_percent, 100)
    return Rules(
        survey.min_contributors, share, survey.band, survey.total_band, survey.most
    )  # fmt: skip


def earliest(survey: Survey) -> date:
    """The first day on which it may be published: old enough, and nobody can still answer."""
    return publishable_from(survey.period_until, survey.min_age_months)


def is_answerable(survey: Survey) -> bool:
    return survey.status is SurveyStatus.OPEN and today() <= survey.closes_on


def asked_firms(survey: Survey) -> Select[Organization]:
    """The members of the classes that are asked, by name."""
    live = select(Membership.organization_id).join(Membership.terms)
    live = live.where(Membership.kind.in_(survey.asked_kinds), is_live(today()))
    query = select(Organization).where(Organization.id.in_(live))
    return query.where(Organization.id.not_in(merged_away(Organization))).order_by(
        Organization.name
    )


def answering_place(survey: Survey, person: Person) -> Affiliation | None:
    """Where a person may answer: the firm they act for, when it is asked and their role may."""
    held = affiliation_of(person)
    if held is None or not set(held.roles) & set(survey.answer_roles):
        return None
    asked = asked_firms(survey).where(Organization.id == held.organization_id)
    return held if db.session.scalar(asked.with_only_columns(Organization.id)) else None


def answers_of(survey: Survey, organization_id: int) -> dict[Cell, Told]:
    query = select(Answer).filter_by(survey_id=survey.id, organization_id=organization_id)
    return {(one.site_type, one.region): Told.of(one) for one in db.session.scalars(query)}


def last_told(survey: Survey, organization_id: int) -> tuple[Survey | None, dict[Cell, Told]]:
    """What the firm told when the same was last asked, of the cells that are asked again."""
    told = select(Answer.survey_id).filter_by(organization_id=organization_id)
    before = surveys(*SHOWN).where(
        Survey.id.in_(told), Survey.id != survey.id, Survey.period_until < survey.period_until
    )
    for one in db.session.scalars(before):
        if _asks(one) != _asks(survey):
            continue
        cells = {(site, region) for site in survey.site_types for region in survey.regions}
        found = answers_of(one, organization_id)
        return one, {cell: told for cell, told in found.items() if cell in cells}
    return None, {}


def answered(survey: Survey) -> list[tuple[Organization, datetime]]:
    """Which firms answered and when last, by name: not what."""
    last = func.max(Answer.saved_at)
    query = select(Organization, last).join(Answer, Answer.organization_id == Organization.id)
    query = query.where(Answer.survey_id == survey.id).group_by(Organization.id)
    return [(firm, at) for firm, at in db.session.execute(query.order_by(Organization.name))]


def silent(survey: Survey) -> Sequence[Organization]:
    """The firms that are asked and told nothing yet."""
    told = select(Answer.organization_id).where(Answer.survey_id == survey.id)
    return db.session.scalars(asked_firms(survey).where(Organization.id.not_in(told))).all()


def computed(survey: Survey) -> tuple[list[Line], int]:
    """What may be shown of the answers, and how many owners gave them.

    The only place that reads values of more than one firm; nothing of one leaves it.
    """
    answers = db.session.scalars(select(Answer).filter_by(survey_id=survey.id)).all()
    owners = _owners(survey, {one.organization_id for one in answers})
    given = []
    for one in answers:
        told, cell = Told.of(one), (one.site_type, one.region)
        owner = owners[one.organization_id]
        given.append(Given(cell, owner, Fraction(told.value), Fraction(told.weight)))
    found = published(given, survey.site_types, survey.regions, rules_of(survey))
    return found, len({one.contributor for one in given})


def _owners(survey: Survey, firms: set[int]) -> dict[int, int]:
    """One number for all firms that have, or had when the period ended, an owner in common."""
    groups: dict[int, set[int]] = {firm: set() for firm in firms}
    for day in (survey.period_until, today()):
        query = select(GroupMembership.organization_id, GroupMembership.group_id)
        query = query.where(GroupMembership.organization_id.in_(firms), in_group(day))
        for firm, group in db.session.execute(query):
            groups[firm].add(group)
    return contributors(groups.items())


def lines_of(survey: Survey) -> list[Line]:
    """What was published, as it was published."""
    return [Line(**one) for one in survey.results.get("lines", [])]


def band_words(line: Line, unit: str) -> str:
    if line.is_shown:
        return f"{line.low}–{line.high} {unit}"
    return "withheld" if line.is_answered else "no answers"


def overlapping(survey: Survey) -> Survey | None:
    """Another survey of the same metric that shares a day with it: two tables of one thing can be
    taken from each other.
    """
    query = surveys(*SHOWN).where(
        Survey.id != survey.id, Survey.period_from <= survey.period_until,
        Survey.period_until >= survey.period_from,
    )  # fmt: skip
    mine = _same(survey.metric)
    return next((one for one in db.session.scalars(query) if _same(one.metric) == mine), None)


def _asks(survey: Survey) -> tuple[str, str, str]:
    """What is asked, whenever it is asked."""
    return _same(survey.metric), survey.unit, _same(survey.weight_name)


def _same(text: str) -> str:
    return " ".join(text.casefold().split())
