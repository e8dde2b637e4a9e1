"""What staff do: take an application up, ask, decline, or admit the firm."""

from collections.abc import Mapping
from decimal import Decimal

from portal.accounts.actions import create_person
from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.states import IllegalMove, Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.declaring import metrics_asked
from portal.dues.models import Invoice
from portal.dues.queries import sums
from portal.joining import quoting
from portal.joining.actions.applying import hold
from portal.joining.actions.claiming import admitted_firm, issue, mail_first
from portal.joining.actions.ending import give_back
from portal.joining.actions.paying import activate, settled
from portal.joining.models import Application, ApplicationStatus
from portal.joining.queries import CRITERIA
from portal.members.actions import affiliate
from portal.members.models import Decision, FirmRole, Organization
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
    """Decline with a reason that rests on a published criterion; what was paid goes back."""
    hold(application)
    audit.move(application, S.DECLINED, f"{criterion}: {reason}")
    note_decision(application, f"Not met: “{CRITERIA[criterion]}” {reason}", by)
    back = give_back(application, "The application was declined")
    mail.queue("joining/declined", to=application.email, application=application, back=back)


def approve(
    application: Application, by: Person, payer: Mapping[str, str] | None = None
) -> Invoice:  # fmt: skip
    """Make the firm, its first person and its invoice; the term starts when that is paid.

    `payer` is who pays the dues as `name_payer` takes them; None leaves it as the applicant said.
    Where it was paid first, the term starts now. Raises `Refused` when the firm is here already,
    or when the tariff has no price for it.
    """
    hold(application)
    if application.status is not S.UNDER_REVIEW:
        raise IllegalMove(application.status, S.APPROVED)
    return admit(application, by, payer)


def admit(
    application: Application, by: Person, payer: Mapping[str, str] | None = None
) -> Invoice:  # fmt: skip
    """Also after an appeal; the caller holds it and has asked whether it may be."""
    audit.move(application, S.APPROVED)
    note_decision(application, "", by)
    firm = application.organization = admitted_firm(application)
    if payer is not None:
        dues.name_payer(firm, payer)
    person = application.person or create_person(application.email, application.applicant)
    title = application.answers["contacts"].get("title", "")
    affiliate(person, firm, FIRST_ROLES, title)
    _declare(application, firm, person)
    before = _claimed(application.invoice)
    invoice = application.invoice = before or issue(application, firm)
    text = f"Application {application.reference}."  # who decided is on the application
    db.session.add(
        Decision(
            body="membership officer", decided_on=today(), title=f"{firm.name} admitted", text=text
        )
    )
    if before and not dues_queries.balance(invoice):
        activate(application, invoice)  # it was paid first
    else:
        _ask_to_pay(application, invoice)
    return invoice


def _claimed(invoice: Invoice | None) -> Invoice | None:
    """None for one that was taken back, as that of a declined application was."""
    if invoice is None or not invoice.total_minor:
        return invoice
    now = sums([invoice.id])[invoice.id]
    return None if now.voided or now.credited >= invoice.total_minor else invoice


def _ask_to_pay(application: Application, invoice: Invoice) -> None:
    audit.move(application, S.AWAITING_PAYMENT, f"invoice {invoice.number}")
    mail_first(application, "joining/approved", invoice)
    if not dues_queries.balance(invoice):
        settled(invoice)  # a price of zero is paid when it is asked


def _declare(application: Application, firm: Organization, person: Person) -> None:
    """What the applicant signed is the firm's first declaration."""
    tariff = quoting.tariff_on(today())
    if tariff is None:
        return
    decided = type_of(application.kind)
    period = quoting.year_told(tariff, application.kind, today())
    for metric in metrics_asked(tariff.book, [application.kind]):
        if number := application.metrics.get(metric):
            told = dues.Told(metric, Decimal(number), period, COUNTINGS[decided.counting])
            dues.declare(
                firm, told, person.id, currency=tariff.currency, at=application.submitted_at
            )


def note_decision(application: Application, reason: str, by: Person) -> None:
    """Raises `Refused` when it is their own application."""
    if application.person_id == by.id:
        raise Refused("Nobody decides on their own application.")
    application.decided_on, application.decided_by, application.reason = today(), by, reason
