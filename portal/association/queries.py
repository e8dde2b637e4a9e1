"""Questions about the association itself."""

from datetime import date, datetime

from sqlalchemy import Select, select

from portal.association.models import Association
from portal.core import clock
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.jobs import Job

UNFOUNDED = {
    "name": "Member portal", "tagline": "", "address": "", "country": "NL", "tax_id": "",
    "bank_name": "", "iban": "", "bic": "", "zone": "UTC", "currency": "EUR",
    "invoice_series": "INV", "credit_series": "CRN", "due_days": 30, "decision_days": 15,
    "contact_name": "", "contact_email": "", "is_demo": False, "books_alone": False,
    "checks_links": False,
    "may_void": False, "interest_percent": "0", "approval_above_minor": None, "barred_after": {},
    "retention": {},
}  # fmt: skip


def association() -> Association:
    """The one row, read once a request; before `portal init` a row of dull defaults, unsaved."""
    known: Association | None = db.session.info.get("association")
    return known or remember(db.session.get(Association, 1) or Association(id=1, **UNFOUNDED))


def unfounded() -> None:
    """In this request the association is nameless, whatever the database would say."""
    remember(Association(id=1, **UNFOUNDED))


def remember(made: Association) -> Association:
    """From now on, in the session of this request or command, this is the association."""
    db.session.info["association"] = made
    return made


def today() -> date:
    """The business day in the association's zone."""
    return clock.today(association().zone)


def day_of(instant: datetime) -> date:
    """The business day on which an instant falls in the association's zone."""
    return clock.day_of(instant, association().zone)


def record(verb: str = "", subject: str = "") -> Select[AuditEvent]:
    """The audit record, newest first; `verb` and `subject` are beginnings."""
    query = select(AuditEvent).order_by(AuditEvent.id.desc())
    if verb:
        query = query.where(AuditEvent.verb.startswith(verb, autoescape=True))
    return query.where(AuditEvent.subject == subject) if subject else query


def jobs(state: str = "waiting") -> Select[Job]:
    """Jobs that wait, or that failed before and are tried again, or that are done."""
    query = select(Job)
    if state == "done":
        return query.where(Job.done_at.is_not(None)).order_by(Job.done_at.desc())
    waiting = query.where(Job.done_at.is_(None)).order_by(Job.due_at, Job.id)
    return waiting.where(Job.error.is_not(None)) if state == "failed" else waiting
