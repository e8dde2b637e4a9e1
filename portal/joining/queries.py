"""Questions about applications."""

from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.association.queries import day_of, today
from portal.core.db import db
from portal.joining.models import Application, ApplicationStatus
from portal.members.likeness import Facts, facts_of

S = ApplicationStatus
WAITING = (S.SUBMITTED, S.UNDER_REVIEW, S.NEEDS_INFORMATION, S.APPEALED)
APPEAL_DAYS = 30
OPEN = (*WAITING, S.APPROVED, S.AWAITING_PAYMENT)

# What a reason for declining must rest on; published on the quote page.
CRITERIA = {
    "in_the_trade": "The firm runs, supplies, advises or buys contact-centre or back-office work.",
    "legal_firm": "It is a registered legal firm, and the person who signs may sign for it.",
    "true_size": "The size it declares is its own and can be checked.",
    "rules": "It accepts the statutes, the antitrust rules and that positions are decided openly.",
    "no_proxy": "It does not join on behalf of a government, a party or an undisclosed owner.",
}


def by_token(token: str) -> Application | None:
    query = select(Application).where(Application.token == token)
    return db.session.scalar(query.options(joinedload(Application.invoice)))


def queue(state: str = "", text: str = "") -> Select[Application]:
    """For staff, oldest first; what was never sent is the applicants' own."""
    query = select(Application).where(Application.submitted_at.is_not(None))
    if state == "waiting":
        query = query.where(Application.status.in_(WAITING))
    elif state in set(S):
        query = query.where(Application.status == S(state))
    if text:
        found = Application.reference.icontains(text, autoescape=True)
        found |= Application.email.icontains(text, autoescape=True)
        found |= Application.applicant.icontains(text, autoescape=True)
        query = query.where(found)
    return query.order_by(Application.submitted_at, Application.id)


def waiting() -> tuple[int, date | None, datetime | None]:
    """How many applications wait for a decision, the nearest deadline, since when the oldest."""
    facts = select(
        func.count(Application.id),
        func.min(Application.deadline_on),
        func.min(Application.submitted_at),
    )
    count, first, oldest = db.session.execute(facts.where(Application.status.in_(WAITING))).one()
    return count, first, oldest


def of_person(person_id: int) -> Application | None:
    """The latest application that a person made, for their dashboard."""
    query = select(Application).where(Application.person_id == person_id)
    query = query.options(joinedload(Application.invoice))
    return db.session.scalars(query.order_by(Application.id.desc()).limit(1)).first()


def appeal_until(application: Application) -> date | None:
    """The last day for an appeal, while there may be one."""
    if application.status is not S.DECLINED or application.decided_on is None:
        return None
    last = application.decided_on + timedelta(days=APPEAL_DAYS)
    return last if today() <= last else None


def other_open(application: Application) -> Application | None:
    """Another one of the same applicant and class that is not decided yet."""
    query = select(Application).where(
        Application.email == application.email, Application.kind == application.kind,
        Application.id != application.id, Application.status.in_({*OPEN} - {S.APPROVED}),
    )  # fmt: skip
    return db.session.scalars(query).first()


def days_to_decide() -> int | None:
    """The median of days between sending and decision; None before the first.

    One that was appealed against is not counted: its last decision is not our first answer.
    """
    rows = db.session.execute(
        select(Application.submitted_at, Application.decided_on).where(
            Application.decided_on.is_not(None),
            Application.submitted_at.is_not(None),
            Application.appealed_at.is_(None),
        )
    )
    days = sorted((decided - day_of(sent)).days for sent, decided in rows if sent and decided)
    return days[len(days) // 2] if days else None


def working_days_after(start: date, days: int) -> date:
    """The day `days` working days after `start`; Saturdays and Sundays do not count."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days come after `first`, up to and with `last`."""
    span = range(1, (last - first).days + 1)
    return sum((first + timedelta(days=n)).weekday() < 5 for n in span)


def told(application: Application) -> Facts:
    """What the applicant said of the firm, to compare it with those that are here."""
    firm = application.answers.get("firm", {})
    contacts = application.answers.get("contacts", {})
    return facts_of(
        application.country, firm.get("registration_no"), firm.get("name", ""),
        firm.get("website") or "", application.email, contacts.get("finance_email") or "",
    )  # fmt: skip
