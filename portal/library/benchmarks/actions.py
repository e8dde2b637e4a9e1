"""Surveys: written, opened, answered, closed, published, reminded of. The caller commits."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.states import Refused
from portal.library.benchmarks import queries
from portal.library.benchmarks.models import Answer, Survey, SurveyStatus
from portal.library.benchmarks.queries import Told
from portal.library.benchmarks.suppression import Cell
from portal.members.models import Organization
from portal.members.queries import roster

REMIND_DAYS = (14, 3)  # before the last day to answer


def write(facts: Mapping[str, Any], survey: Survey | None = None) -> Survey:
    """A new draft, or a draft changed. Raises `Refused` from the day it is open."""
    made = survey or Survey(results={}, status=SurveyStatus.DRAFT)
    if made.status is not SurveyStatus.DRAFT:
        raise Refused("It is open: what firms answered to cannot be changed any more.")
    for name, value in facts.items():
        setattr(made, name, value)
    db.session.add(made)
    audit.record("survey.changed" if survey else "survey.written", made)
    return made


def open_survey(survey: Survey) -> None:
    """Firms may answer from now on. Raises `Refused` with what is missing."""
    if survey.counsel_signed_on is None or not survey.counsel_name:
        raise Refused("Counsel has not signed it off: say who did, and when.")
    if survey.closes_on <= today():
        raise Refused("Its last day to answer has passed: give a later one.")
    other = queries.overlapping(survey)
    if other:
        raise Refused(
            f"“{other.title}” asks the same of some of the same days: two tables of one thing "
            "can be taken from each other, and what is left is somebody's own figure."
        )
    audit.move(survey, SurveyStatus.OPEN)


def close(survey: Survey) -> None:
    audit.move(survey, SurveyStatus.CLOSED)


def publish(survey: Survey) -> None:
    """What may be shown is fixed now, once and for good: a later table could be taken from it."""
    survey.status.to(SurveyStatus.PUBLISHED)
    first = queries.earliest(survey)
    if today() < first:
        raise Refused(
            f"Its figures are too young: it may be published from {first.day} {first:%b %Y}."
        )
    lines, owners = queries.computed(survey)
    if not any(one.is_shown for one in lines):
        raise Refused(
            "Nothing of it may be shown: no cell has enough owners, or one is too large."
        )
    survey.published_on = today()
    survey.results = {"lines": [asdict(one) for one in lines], "owners": owners}
    audit.move(survey, SurveyStatus.PUBLISHED)


def tell(
    survey: Survey, firm: Organization, person: Person, told: Mapping[Cell, Told | None]
) -> None:
    """Keep a firm's values of these cells; a cell without one is as if never answered."""
    if not queries.is_answerable(survey):
        raise Refused("It is closed: what was told by then counts.")
    db.session.get_one(Organization, firm.id, with_for_update={"key_share": True})
    query = select(Answer).filter_by(survey_id=survey.id, organization_id=firm.id)
    query = query.execution_options(populate_existing=True)  # a colleague's of this very moment
    kept = {(one.site_type, one.region): one for one in db.session.scalars(query)}
    if told and not kept:
        audit.record("survey.answered", survey, organization=firm.id)
    for cell, value in told.items():
        one = kept.get(cell)
        if value is None:
            if one is not None:
                db.session.delete(one)
        elif one is None:
            db.session.add(_answer(survey, firm, person, cell, value))
        elif Told.of(one) != value:
            one.sealed, one.person_id, one.saved_at = value.sealed(), person.id, clock.now()


def _answer(survey: Survey, firm: Organization, person: Person, cell: Cell, value: Told) -> Answer:
    site_type, region = cell
    return Answer(
        survey_id=survey.id, organization_id=firm.id, person_id=person.id, site_type=site_type,
        region=region, sealed=value.sealed(), saved_at=clock.now(),
    )  # fmt: skip


def reminder_due(survey: Survey, day: date) -> bool:
    """True when a reminder's day has come and none went since; missed days are made up once."""
    steps = [survey.closes_on - timedelta(days=days) for days in REMIND_DAYS]
    due = max((step for step in steps if step <= day), default=None)
    is_due = due is not None and (survey.reminded_on is None or survey.reminded_on < due)
    return is_due and queries.is_answerable(survey)


def remind(survey: Survey) -> int:
    """Mail whoever may answer for the firms that told nothing; how many were mailed."""
    count = 0
    for firm in queries.silent(survey):
        for held in roster(firm.id):
            if set(held.roles) & set(survey.answer_roles) and held.person.is_active:
                mail.queue(
                    "library/benchmark_reminder", held.person.email, person=held.person,
                    firm=firm, survey=survey,
                )  # fmt: skip
                count += 1
    survey.reminded_on = today()
    audit.record("survey.reminded", survey, mails=count)
    return count


def answer_once(keep: int, lose: int) -> None:
    """Two records of one firm told the same cell: what the one that stays told counts."""
    kept = select(Answer).filter_by(organization_id=keep)
    cells = {(one.survey_id, one.site_type, one.region) for one in db.session.scalars(kept)}
    for one in db.session.scalars(select(Answer).filter_by(organization_id=lose)):
        if (one.survey_id, one.site_type, one.region) in cells:
            db.session.execute(delete(Answer).where(Answer.id == one.id))
