"""Applications that a person made for a firm."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from portal.accounts.erasing import address_of
from portal.accounts.holdings import HOLDINGS, Holding, Rows, addresses, objections, plain
from portal.accounts.models import Person
from portal.core.db import db
from portal.dues import firm_bundle
from portal.joining.models import Application, ApplicationStatus
from portal.joining.queries import OPEN


def _mine(person: Person) -> Sequence[Application]:
    is_mine = or_(Application.person_id == person.id, Application.email.in_(addresses(person)))
    return db.session.scalars(select(Application).where(is_mine).order_by(Application.id)).all()


def _rows(person: Person) -> Rows:
    return [
        {
            "reference": one.reference, "status": one.status.value, "started_at": one.started_at,
            "applicant": one.applicant, "email": one.email, "answers": one.answers,
            "question": one.question, "reply": one.reply, "decided_on": one.decided_on,
            "reason": one.reason, "appeal": one.appeal, "appealed_at": one.appealed_at,
        }
        for one in _mine(person)
    ]  # fmt: skip


def _erase(person: Person) -> None:
    """The firm's application stays; who wrote it, and how to reach them, does not."""
    for one in _mine(person):
        contacts = {**one.answers.get("contacts", {}), "title": "", "phone": ""}
        if "contacts" in one.answers:
            one.answers = {**one.answers, "contacts": contacts}
        one.applicant, one.email = "Erased", address_of(one.id)


def _waits(person: Person) -> str:
    waiting = [one for one in _mine(person) if one.status in OPEN]
    if not waiting:
        return ""
    if waiting[0].status is ApplicationStatus.APPEALED:  # it cannot be withdrawn
        return f"Your appeal on application {waiting[0].reference} is decided first."
    return f"Withdraw your application {waiting[0].reference} first."


def _of_firm(numbers: set[int]) -> Rows:
    query = select(Application).where(Application.organization_id.in_(numbers))
    names = (
        "reference", "status", "submitted_at", "answers", "question", "reply", "decided_on",
        "reason",
    )  # fmt: skip
    for one in db.session.scalars(query.order_by(Application.id)):
        yield {"class": one.kind.value, **plain(one, *names)}


firm_bundle.more["applications"] = _of_firm
objections.append(_waits)
HOLDINGS.append(
    Holding(
        "applications", "Your name and contacts on applications for membership",
        "To decide on the firm, and to write to you about it", "You", "Membership officers",
        "Drafts as the privacy page says; the rest until erasure: the firm’s part stays", _rows,
        erase=_erase,
    )
)  # fmt: skip
