"""What the applicant does: begin, answer page by page, send, reply."""

import secrets
from collections.abc import Mapping
from typing import Any

from portal.accounts.actions import create_person, invite
from portal.association.queries import association, day_of, today
from portal.core import audit, clock, jobs, mail, working_days
from portal.core.db import db
from portal.core.links import link
from portal.core.states import IllegalMove, Refused
from portal.dues import actions as dues
from portal.joining import queries
from portal.joining.actions.claiming import ask_to_pay_first
from portal.joining.models import Application, ApplicationStatus
from portal.members.models import MembershipClass

S = ApplicationStatus
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is read for another
PAGES = ("firm", "contacts", "declaration")


def hold(application: Application) -> None:
    """Two hands on one application: the second sees what the first has made of it."""
    if application.invoice:
        dues.hold(application.invoice)  # first, as whoever books a payment does
    db.session.flush()  # reading again would forget what is not written yet
    db.session.refresh(application, with_for_update={"of": Application})


def start(
    *, kind: MembershipClass, country: str, email: str, applicant: str,
    metrics: Mapping[str, str] | None = None,
) -> Application:  # fmt: skip
    """A draft, and the mail whose link resumes it on any device."""
    now = clock.now()
    made = Application(
        reference="AP-" + "".join(secrets.choice(LETTERS) for _ in range(8)),
        token=secrets.token_urlsafe(24), kind=kind, country=country,
        email=email.lower(), applicant=applicant,
        answers={"metrics": dict(metrics)} if metrics else {}, started_at=now, touched_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    mail.queue("joining/started", to=made.email, application=made)
    audit.record("application.started", made, reference=made.reference)
    return made


def answer_page(
    application: Application, page: str, answers: Mapping[str, Any],
    metrics: Mapping[str, str] | None = None, choices: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Keep one page's answers. Raises `Refused` once the application was sent."""
    if application.status is not S.DRAFT:
        raise Refused("This application was sent and cannot be changed any more: write to us.")
    application.answers = {**application.answers, page: dict(answers)}
    if metrics:
        application.answers = {**application.answers, "metrics": dict(metrics)}
    if choices:
        application.answers = {**application.answers, "choices": dict(choices)}
    application.touched_at = clock.now()


def missing_page(application: Application) -> str | None:
    """The first page that is not answered yet."""
    return next((page for page in PAGES if page not in application.answers), None)


def submit(application: Application) -> None:
    """Send it: the applicant has an account, and the clock of our promise runs.

    Where the class pays first the clock runs from the payment. Raises `Refused` when a page is
    missing, or when the tariff has no price to be paid first.
    """
    if missing_page(application):
        raise Refused("Answer every page first.")
    hold(application)
    audit.move(application, S.SUBMITTED)
    application.submitted_at = clock.now()
    application.person = create_person(application.email, application.applicant)
    if queries.pays_first(application.kind):
        ask_to_pay_first(application)
    else:
        application.deadline_on = working_days.after(today(), association().decision_days)
        mail.queue("joining/submitted", to=application.email, application=application)
    job = "portal.joining.jobs.invite_applicant"
    jobs.queue(job, key=f"invite:{application.reference}", application_id=application.id)


def invite_applicant(application: Application) -> None:
    """An applicant without a password is invited; later, so that the answer does not tell."""
    person = application.person
    if person and not person.password_hash:
        why = f"You applied for membership of {association().name}."
        invite(person, payload={}, why=why)


def reply(application: Application, words: str) -> None:
    """The applicant's answer; as many working days are left as when we asked."""
    hold(application)
    if application.status is not S.NEEDS_INFORMATION:
        raise IllegalMove(application.status, S.UNDER_REVIEW)
    audit.move(application, S.UNDER_REVIEW, "answered")
    application.reply = words
    if application.asked_at and application.deadline_on:
        asked_on = day_of(application.asked_at)
        left = working_days.between(asked_on, application.deadline_on)
        application.deadline_on = working_days.after(today(), left)
    application.asked_at = None


def pay_address(application: Application) -> str | None:
    """Where the invoice can be paid without signing in; None while there is none to pay."""
    made = application.invoice
    if application.status is not S.AWAITING_PAYMENT or not (made and queries.owes(application)):
        return None
    return link("dues.pay_link", token=dues.pay_link(made).token)
