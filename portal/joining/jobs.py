"""What time does to applications: drafts, questions and invoices that nobody came back to."""

from datetime import timedelta

from sqlalchemy import and_, or_, select

from portal.accounts.retention import kept
from portal.association.queries import today
from portal.core import clock
from portal.core.db import db
from portal.core.jobs import every, job
from portal.joining import actions
from portal.joining.actions import expire
from portal.joining.models import Application, ApplicationStatus

S = ApplicationStatus
QUESTION_DAYS, UNPAID_DAYS = 30, 60


@job
def invite_applicant(application_id: int) -> None:
    actions.invite_applicant(db.session.get_one(Application, application_id))


@every(timedelta(hours=6))
def expire_applications() -> None:
    """Idle drafts after their days, unanswered questions after 30, unpaid invoices after 60."""
    now, draft_days = clock.now(), kept("drafts")
    old_drafts = select(Application).where(
        Application.status == S.DRAFT, Application.touched_at < now - timedelta(days=draft_days)
    )
    unanswered = select(Application).where(
        Application.status == S.NEEDS_INFORMATION,
        Application.asked_at < now - timedelta(days=QUESTION_DAYS),
    )
    unpaid = select(Application).where(
        Application.status == S.AWAITING_PAYMENT,
        or_(
            Application.decided_on < today() - timedelta(days=UNPAID_DAYS),
            and_(
                Application.decided_on.is_(None),
                Application.submitted_at < now - timedelta(days=UNPAID_DAYS),
            ),
        ),
    )
    reasons = (
        (old_drafts, f"Nobody touched it for {draft_days} days"),
        (unanswered, f"Our question was not answered for {QUESTION_DAYS} days"),
        (unpaid, f"The invoice was not paid within {UNPAID_DAYS} days"),
    )
    for query, why in reasons:
        for application in db.session.scalars(query.limit(200)).all():
            expire(application, why)
            db.session.commit()
