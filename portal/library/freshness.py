"""Practices grow old: which are due to be read again, who is mailed of it, and when."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Select, func, select

from portal.accounts.models import Person, RoleGrant
from portal.core.access import Role
from portal.core.db import db
from portal.library.models import Practice, PracticeStatus
from portal.notices.actions import mail_once

AHEAD = timedelta(days=30)
MAILED = (-30, 0, 30)  # days after the review is due
TO_ARCHIVE = timedelta(days=180)  # overdue for longer, and it asks to be archived


def due_soon(day: date) -> Select[Practice]:
    """Published practices whose review is due within 30 days or was due, the oldest first."""
    query = select(Practice).where(Practice.status == PracticeStatus.PUBLISHED)
    query = query.where(Practice.review_due_on <= day + AHEAD)
    return query.order_by(Practice.review_due_on, Practice.id)


def state(practice: Practice, day: date) -> tuple[str, str]:
    """How its freshness stands, as `state` draws it."""
    due = practice.review_due_on
    if due is None or due > day:
        return "", "due soon" if due else "has no date"
    if day - due > TO_ARCHIVE:
        return "loss", "archive it, or read it"
    return ("needs", "due today") if due == day else ("needs", f"{(day - due).days} days overdue")


def step_of(due: date, day: date) -> int | None:
    """The last of the days on which the owner is mailed that has come; None before the first."""
    come = [days for days in MAILED if due + timedelta(days=days) <= day]
    return max(come, default=None)


def owners(practice: Practice) -> Sequence[Person]:
    """The editor whose address begins as the owner is named; all editors where none does."""
    query = select(Person).join(RoleGrant, RoleGrant.person_id == Person.id)
    query = query.where(RoleGrant.role == Role.EDITOR, RoleGrant.revoked_at.is_(None))
    query = query.where(Person.disabled_at.is_(None)).order_by(Person.id)
    named = str(practice.front.get("owner") or "").casefold()
    own = query.where(func.lower(Person.email).startswith(f"{named}@", autoescape=True))
    return db.session.scalars(own).all() or db.session.scalars(query).all() if named else []


def remind(practice: Practice, day: date) -> int:
    """Mail the owner what has come and was not mailed yet; how many were mailed."""
    due = practice.review_due_on
    step = step_of(due, day) if due else None
    if due is None or step is None:
        return 0
    facts = {"practice": practice, "due": due, "days": (day - due).days}
    return sum(
        mail_once(
            f"review_due:{practice.id}:{due}:{step}:{one.id}", "library/review_due", one,
            f"practice:{practice.id}", **facts,
        )
        for one in owners(practice)
    )  # fmt: skip
