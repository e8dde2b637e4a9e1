"""What the passing of days does to surveys: they close, and silent firms are reminded."""

from datetime import timedelta

from sqlalchemy import select

from portal.association.queries import today
from portal.core import jobs
from portal.core.db import db
from portal.library.benchmarks import actions
from portal.library.benchmarks.models import Survey, SurveyStatus


@jobs.every(timedelta(hours=6))
def look_after_surveys() -> None:
    for survey in db.session.scalars(select(Survey).filter_by(status=SurveyStatus.OPEN)).all():
        if survey.closes_on < today():
            actions.close(survey)
        elif actions.reminder_due(survey, today()):
            actions.remind(survey)
        jobs.commit_item()
