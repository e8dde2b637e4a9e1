"""What applicants and staff do with an application. The caller commits."""

import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.accounts.actions import create_person, invite
from portal.accounts.models import Person
from portal.association.queries import association, today
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.links import link
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import Invoice, InvoiceKind
from portal.dues.periods import NotQuotable
from portal.joining import quoting
from portal.joining.models import Application, ApplicationStatus
from portal.joining.queries import working_days_after
from portal.members.actions import start_membership
from portal.members.models import (
    Affiliation,
    CorporateGroup,
    Decision,
    FirmRole,
    GroupMembership,
    MembershipClass,
    Organization,
)

S = ApplicationStatus
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is read for another
FIRST_ROLES = (FirmRole.ROSTER_MANAGER, FirmRole.DUES_CONTACT, FirmRole.DELEGATE, FirmRole.SIGNATORY)
PAGES = ("firm", "contacts", "declaration")


def start(
    *, kind: MembershipClass, headcount: int, country: str, email: str, applicant: str
) -> Application:
    """A draft, and the mail whose link resumes it on any device."""
    now = clock.now()
    made = Application(
        reference="AP-" + "".join(secrets.choice(LETTERS) for _ in range(8)),
        token=secrets.token_urlsafe(24), kind=kind, headcount=headcount, country=country,
        email=email.lower(), applicant=applicant, answers={}, started_at=now, touched_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    mail.queue("joining/started", to=made.email, application=made)
    audit.record("application.started", made, reference=made.reference)
    return made


def answer_page(application: Application, page: str, answers: Mapping[str, Any]) -> None:
    """Keep one page's answers. Raises `Refused` once the application was sent."""
    if application.status is not S.DRAFT:
        raise Refused("This application was sent and cannot be changed any more: write to us.")
    application.answers = {**application.answers, page: dict(answers)}
    if page == "declaration":
        application.headcount = int(answers["headcount"])
    application.touched_at = clock.now()


def missing_page(application: Application) -> str | None:
    """The first page that is not answered yet."""
    return next((page for page in PAGES if page not in application.answers), None)


def submit(application: Application) -> None:
    """Send it: from now the clock of our promise runs, and the applicant has an account."""
    if missing_page(application):
        raise Refused("Answer every page first.")
    audit.move(application, S.SUBMITTED)
    application.submitted_at = clock.now()
    application.deadline_on = working_days_after(today(), association().decision_days)
    person = create_person(application.email, application.applicant)
    application.person = person
    mail.queue("joining/submitted", to=application.email, application=application)
    if not person.password_hash:
        why = f"You applied for membership of {association().name}."
        invite(person, payload={}, why=why)


def withdraw(application: Application, why: str = "") -> None:
    audit.move(application, S.WITHDRAWN, why)
    if application.invoice and dues_queries.balance(application.invoice):
        dues.credit(application.invoice, "The application was withdrawn")


def ask(application: Application, question: str) -> None:
    """Ask the applicant; the clock stops until they answer."""
    audit.move(application, S.NEEDS_INFORMATION, question)
    application.question, application.reply = question, ""
    application.asked_at = clock.now()
    mail.queue("joining/question", to=application.email, application=application)


def reply(application: Application, words: str) -> None:
    """The applicant's answer; the deadline moves by the days that we waited for it."""
    audit.move(application, S.UNDER_REVIEW, "answered")
    application.reply = words
    if application.asked_at and application.deadline_on:
        waited = clock.now() - application.asked_at
        application.deadline_on += waited
    application.asked_at = None


def take(application: Application) -> None:
    audit.move(application, S.UNDER_REVIEW)


def decline(application: Application, criterion: str, reason: str, by: Person) -> None:
    """Decline with a reason that rests on a published criterion."""
    audit.move(application, S.DECLINED, f"{criterion}: {reason}")
    _note_decision(application, reason, by)
    mail.queue("joining/declined", to=application.email, application=application)


def approve(application: Application, by: Person) -> Invoice:
    """Make the firm, its first person and its invoice; the term starts when that is paid.

    Raises `Refused` when the firm is here already, or when the tariff has no price for it.
    """
    audit.move(application, S.APPROVED)
    _note_decision(application, "", by)
    firm = _make_firm(application)
    application.organization = firm
    invoice = _invoice(application, firm)
    application.invoice = invoice
    register = Decision(
        body="membership officer", decided_on=today(),
        title=f"{firm.name} admitted", text=f"Application {application.reference}, {by.display_name}.",
    )  # fmt: skip
    db.session.add(register)
    audit.move(application, S.AWAITING_PAYMENT, f"invoice {invoice.number}")
    payer = application.answers["contacts"].get("finance_email") or application.email
    mail.queue("joining/approved", to=application.email, application=application, payer=payer)
    dues.mail_invoice(invoice, to=payer)
    if not dues_queries.balance(invoice):
        activate(invoice)  # a price of zero is paid when it is asked
    return invoice


def _note_decision(application: Application, reason: str, by: Person) -> None:
    if application.person_id == by.id:
        raise Refused("Nobody decides on their own application.")
    application.decided_on, application.decided_by, application.reason = today(), by, reason


def _make_firm(application: Application) -> Organization:
    told, contacts = application.answers["firm"], application.answers["contacts"]
    number = told["registration_no"]
    same = select(Organization.id).where(
        Organization.country == application.country, Organization.registration_no == number
    )
    if db.session.scalar(same):
        raise Refused(f"A firm with the registration number {number} is here already.")
    firm = Organization(
        name=told["name"], country=application.country, registration_no=number,
        tax_id=told.get("tax_id", ""), address=told["address"], website=told.get("website", ""),
        billing_email=contacts.get("finance_email") or application.email,
        purchase_order=contacts.get("purchase_order", ""), headcount=application.headcount,
        created_at=clock.now(), is_demo=association().is_demo,
    )  # fmt: skip
    group = CorporateGroup(name=_free_group_name(told["name"]))
    alone = GroupMembership(organization=firm, group=group, from_on=today())
    seat = Affiliation(
        person=application.person, organization=firm, roles=[role.value for role in FIRST_ROLES],
        title=contacts.get("title", ""), from_on=today(),
    )  # fmt: skip
    db.session.add_all([firm, group, alone, seat])
    db.session.flush()
    return firm


def _free_group_name(name: str) -> str:
    taken = set(
        db.session.scalars(
            select(CorporateGroup.name).where(CorporateGroup.name.startswith(name, autoescape=True))
        )
    )
    tries = (name if n == 1 else f"{name} ({n})" for n in range(1, len(taken) + 2))
    return next(one for one in tries if one not in taken)


def priced(application: Application, on: date | None = None) -> quoting.Priced:
    """The quote of an application today. Raises `Refused` when there is none."""
    day = on or today()
    tariff = dues_queries.current_tariff(day)
    if tariff is None:
        raise Refused("No tariff is in effect: the treasurer must adopt one first.")
    try:
        return quoting.price(
            tariff, application.kind, application.headcount, application.country, day
        )
    except NotQuotable as why:
        raise Refused(str(why)) from why


def _invoice(application: Application, firm: Organization) -> Invoice:
    found, home = priced(application), association()
    lines = [
        dues.LineDraft(
            rule=line.rule, text=line.text, net_minor=line.net, income=line.income,
            formula=line.formula, inputs=line.inputs, covers_from=line.covers_from,
            covers_to=line.covers_to,
        )
        for line in found.quote.lines
    ]  # fmt: skip
    percent = str(found.tariff.book.get("tax_percent", "0"))
    words = found.tariff.book.get("tax_text") or f"Tax {percent} %"
    return dues.issue_invoice(
        kind=InvoiceKind.DUES, organization=firm, currency=found.quote.currency, lines=lines,
        bill_to={
            "name": firm.name, "address": firm.address, "country": firm.country,
            "tax_id": firm.tax_id, "email": firm.billing_email,
        },
        tax_percent=percent, tax_text=words, purchase_order=firm.purchase_order,
        due_on=today() + timedelta(days=home.due_days),
    )  # fmt: skip


def activate(invoice: Invoice) -> None:
    """The invoice of an application is settled: membership and first term begin, once."""
    application = db.session.scalar(
        select(Application).where(
            Application.invoice_id == invoice.id, Application.status == S.AWAITING_PAYMENT
        )
    )
    if application is None or application.organization is None:
        return
    covered = [line for line in invoice.lines if line.income == "dues"]
    audit.move(application, S.ACTIVATED, f"invoice {invoice.number} paid")
    snapshot = {
        "invoice": invoice.number, "headcount": application.headcount,
        "lines": [[line.rule, line.net_minor, line.formula] for line in covered],
    }  # fmt: skip
    start_membership(
        application.organization, application.kind,
        min(line.covers_from for line in covered if line.covers_from),
        max(line.covers_to for line in covered if line.covers_to), snapshot,
    )  # fmt: skip
    mail.queue("joining/welcome", to=application.email, application=application)


def expire(application: Application, why: str) -> None:
    """Time ran out; an invoice that nobody paid is credited."""
    audit.move(application, S.EXPIRED, why)
    if application.invoice and dues_queries.balance(application.invoice):
        dues.credit(application.invoice, why)
    mail.queue("joining/expired", to=application.email, application=application, why_now=why)


def pay_address(application: Application) -> str | None:
    """Where the invoice can be paid without signing in; None before there is one."""
    if application.status is not S.AWAITING_PAYMENT or application.invoice is None:
        return None
    return link("dues.pay_link", token=dues.pay_link(application.invoice).token)
