"""Questions about applications."""

from datetime import date, datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from portal.association.queries import association, day_of, today
from portal.core.db import db
from portal.core.merging import merged_away
from portal.dues.models import Invoice
from portal.dues.queries import balance
from portal.dues.queries.taxing import plain_id, plain_tax_id
from portal.joining.models import Application, ApplicationStatus
from portal.members.likeness import Facts, facts_of
from portal.members.models import AdmissionOrder, MembershipClass, Organization
from portal.members.queries import type_of

S = ApplicationStatus
WAITING = (S.SUBMITTED, S.UNDER_REVIEW, S.NEEDS_INFORMATION, S.APPEALED)
APPEAL_DAYS = 30
OPEN = (*WAITING, S.APPROVED, S.AWAITING_PAYMENT)
CAME_TO_NOTHING = (S.DECLINED, S.DECLINED_FINAL, S.WITHDRAWN, S.EXPIRED)

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


def pays_first(kind: MembershipClass) -> bool:
    """Whether an applicant of this class pays before anybody decides; the money may come back."""
    return type_of(kind).admission_order is AdmissionOrder.PAY_THEN_APPROVE


def said_of(invoice: Invoice) -> str:
    """What happens with the money, to whoever pays before anybody has decided."""
    is_its = (Application.invoice_id == invoice.id) & Application.decided_on.is_(None)
    status = db.session.scalar(select(Application.status).where(is_its))
    if status not in {S.AWAITING_PAYMENT, S.UNDER_REVIEW, S.NEEDS_INFORMATION}:
        return ""
    when = "When it is paid we read" if status is S.AWAITING_PAYMENT else "It is paid, and we read"
    return (
        f"{when} the application and answer within {association().decision_days} working days. "
        "If we decline, or you withdraw before we have decided, all of it comes back to you."
    )


def owes(application: Application) -> bool:
    """Whether its invoice is still to be paid: one that was taken back asks for nothing."""
    return application.invoice is not None and bool(balance(application.invoice))


def tried_before(application: Application) -> Organization | None:
    """The firm that an earlier application of this person, which came to nothing, left here."""
    query = select(Application).where(
        Application.person_id == application.person_id,
        Application.organization_id.is_not(None),
        Application.status.in_(CAME_TO_NOTHING),
    )
    told = application.country, application.answers["firm"].get("registration_no")
    for one in db.session.scalars(query.order_by(Application.id.desc())):
        if (one.country, one.answers.get("firm", {}).get("registration_no")) == told:
            return one.organization
    return None


def payers_meant(application: Application) -> list[Organization]:
    """The firms here by the very name or tax id that the applicant gave of who pays: for staff."""
    told = application.payer
    if not told:
        return []
    name, number = told["name"], plain_id(told["tax_id"])
    is_so_named = func.lower(Organization.name).in_({name.lower(), _lower(name)})
    has_number = and_(Organization.country == told["country"], plain_tax_id() == number)
    is_meant = or_(is_so_named, has_number) if number else is_so_named
    query = select(Organization).where(
        is_meant, Organization.id.not_in(merged_away(Organization))
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(Organization.name, Organization.id)))


def _lower(text: str) -> str:
    """As SQLite's own `lower` has it: it knows the letters of ASCII alone."""
    return "".join(one.lower() if one.isascii() else one for one in text)


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


def told(application: Application) -> Facts:
    """What the applicant said of the firm, to compare it with those that are here."""
    firm = application.answers.get("firm", {})
    contacts = application.answers.get("contacts", {})
    return facts_of(
        application.country, firm.get("registration_no"), firm.get("name", ""),
        firm.get("website") or "", application.email, contacts.get("finance_email") or "",
    )  # fmt: skip
