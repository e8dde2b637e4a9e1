"""What staff do: take an application up, ask, decline, or admit the firm."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from portal.accounts.actions import create_person
from portal.accounts.models import Person
from portal.association.queries import association, today
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.states import IllegalMove, Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.declaring import is_money, metrics_asked
from portal.dues.models import Invoice, InvoiceKind
from portal.dues.periods import NotQuotable
from portal.joining import quoting
from portal.joining.actions.applying import hold
from portal.joining.actions.ending import activate
from portal.joining.models import Application, ApplicationStatus
from portal.joining.queries import CRITERIA
from portal.members.actions import affiliate
from portal.members.groups import own_group
from portal.members.models import (
    Decision,
    FirmRole,
    GroupBasis,
    GroupMembership,
    Organization,
)
from portal.members.queries import type_of
from portal.members.words import COUNTINGS

S = ApplicationStatus
FIRST_ROLES = (
    FirmRole.ROSTER_MANAGER,
    FirmRole.DUES_CONTACT,
    FirmRole.DELEGATE,
    FirmRole.SIGNATORY,
)


def take(application: Application) -> None:
    hold(application)
    if application.status is not S.SUBMITTED:
        raise IllegalMove(application.status, S.UNDER_REVIEW)
    audit.move(application, S.UNDER_REVIEW)


def ask(application: Application, question: str) -> None:
    """Ask the applicant; the clock stops until they answer."""
    hold(application)
    audit.move(application, S.NEEDS_INFORMATION, question)
    application.question, application.reply = question, ""
    application.asked_at = clock.now()
    mail.queue("joining/question", to=application.email, application=application)


def decline(application: Application, criterion: str, reason: str, by: Person) -> None:
    """Decline with a reason that rests on a published criterion."""
    hold(application)
    audit.move(application, S.DECLINED, f"{criterion}: {reason}")
    note_decision(application, f"Not met: “{CRITERIA[criterion]}” {reason}", by)
    mail.queue("joining/declined", to=application.email, application=application)


def approve(application: Application, by: Person) -> Invoice:
    """Make the firm, its first person and its invoice; the term starts when that is paid.

    Raises `Refused` when the firm is here already, or when the tariff has no price for it.
    """
    hold(application)
    if application.status is not S.UNDER_REVIEW:
        raise IllegalMove(application.status, S.APPROVED)
    return admit(application, by)


def admit(application: Application, by: Person) -> Invoice:
    """Also after an appeal; the caller holds it and has asked whether it may be."""
    audit.move(application, S.APPROVED)
    note_decision(application, "", by)
    firm = application.organization = _make_firm(application)
    person = application.person or create_person(application.email, application.applicant)
    title = application.answers["contacts"].get("title", "")
    affiliate(person, firm, FIRST_ROLES, title)
    _declare(application, firm, person)
    invoice = application.invoice = _invoice(application, firm)
    text = f"Application {application.reference}."  # who decided is on the application
    db.session.add(
        Decision(
            body="membership officer", decided_on=today(), title=f"{firm.name} admitted", text=text
        )
    )
    audit.move(application, S.AWAITING_PAYMENT, f"invoice {invoice.number}")
    mail.queue("joining/approved", to=application.email, application=application,
               payer=firm.billing_email)  # fmt: skip
    dues.mail_invoice(invoice, to=firm.billing_email)
    if not dues_queries.balance(invoice):
        activate(invoice)  # a price of zero is paid when it is asked
    return invoice


def _declare(application: Application, firm: Organization, person: Person) -> None:
    """What the applicant signed is the firm's first declaration."""
    tariff = quoting.tariff_for(application, today())
    if tariff is None:
        return
    decided = type_of(application.kind)
    period = quoting.year_told(tariff, application.kind, today())
    for metric in metrics_asked(tariff.book, [application.kind]):
        money = is_money(metric)  # people are no turnover
        number = application.money.get(metric) if money else application.headcount
        if number is not None:
            told = dues.Told(metric, Decimal(number), period, COUNTINGS[decided.counting])
            dues.declare(
                firm, told, person.id, currency=tariff.currency, at=application.submitted_at
            )


def note_decision(application: Application, reason: str, by: Person) -> None:
    """Raises `Refused` when it is their own application."""
    if application.person_id == by.id:
        raise Refused("Nobody decides on their own application.")
    application.decided_on, application.decided_by, application.reason = today(), by, reason


def _make_firm(application: Application) -> Organization:
    """The firm, as it told us; one that an earlier application left behind is taken up again."""
    told, contacts = application.answers["firm"], application.answers["contacts"]
    firm = _left_behind(application) or Organization(created_at=clock.now())
    facts = {
        "name": told["name"], "country": application.country,
        "registration_no": told["registration_no"], "tax_id": told.get("tax_id", ""),
        "address": told["address"], "website": told.get("website", ""),
        "billing_email": contacts.get("finance_email") or application.email,
        "purchase_order": contacts.get("purchase_order", ""),
        "headcount": application.headcount, "is_demo": association().is_demo,
    }  # fmt: skip
    for name, value in facts.items():
        setattr(firm, name, value)
    if firm.id is None:
        owner = application.answers["declaration"]["owner"]
        db.session.add(
            GroupMembership(
                organization=firm, group=own_group(told["name"]), from_on=today(),
                basis=GroupBasis.DECLARED, evidence=f"Application: owned by {owner}",
            )
        )  # fmt: skip
    db.session.add(firm)
    db.session.flush()
    return firm


def _left_behind(application: Application) -> Organization | None:
    """Raises `Refused` when somebody else has this registration number."""
    number = application.answers["firm"]["registration_no"]
    firm = db.session.scalar(
        select(Organization).where(
            Organization.country == application.country, Organization.registration_no == number
        )
    )
    if firm is None:
        return None
    before = select(Application.id).where(
        Application.organization_id == firm.id, Application.person_id == application.person_id,
        Application.status.in_([S.WITHDRAWN, S.EXPIRED]),
    )  # fmt: skip
    if firm.memberships or not db.session.scalars(before).first():
        raise Refused(f"A firm with the registration number {number} is here already.")
    return firm


def priced(application: Application) -> quoting.Priced:
    """The quote of an application today, by the tariff that it was begun with for 30 days.

    Raises `Refused` when there is none.
    """
    day = today()
    tariff = quoting.tariff_for(application, day)
    if tariff is None:
        raise Refused("No tariff is in effect: the treasurer must adopt one first.")
    try:
        return quoting.price(tariff, quoting.facts_of(application), day)
    except NotQuotable as why:
        raise Refused(str(why)) from why


def _invoice(application: Application, firm: Organization) -> Invoice:
    found, home = priced(application), association()
    percent = str(found.tariff.book.get("tax_percent", "0"))
    return dues.issue_invoice(
        kind=InvoiceKind.DUES, organization=firm, currency=found.quote.currency,
        lines=dues.drafts_of(found.quote),
        bill_to={
            "name": firm.name, "address": firm.address, "country": firm.country,
            "tax_id": firm.tax_id, "email": firm.billing_email,
        },
        tax_percent=percent, tax_text=found.tariff.book.get("tax_text") or f"Tax {percent} %",
        purchase_order=firm.purchase_order, due_on=today() + timedelta(days=home.due_days),
    )  # fmt: skip
