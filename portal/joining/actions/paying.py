"""What money does: the review of who paid first begins, or the membership of who is admitted."""

from sqlalchemy import select

from portal.association.queries import association, today
from portal.core import audit, mail, working_days
from portal.core.db import db
from portal.dues import queries as dues_queries
from portal.dues.models import Invoice
from portal.dues.seat_prices import included_seats
from portal.joining import quoting
from portal.joining.models import Application, ApplicationStatus
from portal.members.actions import start_membership

S = ApplicationStatus


def settled(invoice: Invoice) -> None:
    """The invoice of an application is paid: the review begins, or the membership, once."""
    query = select(Application).where(
        Application.invoice_id == invoice.id, Application.status == S.AWAITING_PAYMENT
    )
    application = db.session.scalar(query.with_for_update())
    if application is None:
        return
    if application.is_paid_first:
        _begin_review(application, invoice)
    else:
        activate(application, invoice)


def _begin_review(application: Application, invoice: Invoice) -> None:
    """Now the clock of our promise runs."""
    audit.move(application, S.UNDER_REVIEW, f"invoice {invoice.number} paid")
    application.deadline_on = working_days.after(today(), association().decision_days)
    mail.queue("joining/paid", to=application.email, application=application)


def activate(application: Application, invoice: Invoice) -> None:
    """It is decided and paid: membership and first term begin."""
    if application.organization is None:
        return
    covered = [line for line in invoice.lines if line.income == "dues"]
    audit.move(application, S.ACTIVATED, f"invoice {invoice.number} paid")
    tariff = quoting.tariff_on(invoice.issued_on)
    snapshot = {
        "seats": included_seats(tariff.whole_book, application.kind.value) if tariff else None,
        "invoice": invoice.number, "metrics": application.metrics,
        "tariff": tariff.id if tariff else None,
        "trial": any(line.inputs.get("trial") for line in covered),
        "group": dues_queries.group_charged(invoice.lines),
        "lines": [[line.rule, line.net_minor, line.formula] for line in covered],
    }  # fmt: skip
    start_membership(
        application.organization, application.kind,
        min(line.covers_from for line in covered if line.covers_from),
        max(line.covers_to for line in covered if line.covers_to), snapshot,
    )  # fmt: skip
    mail.queue("joining/welcome", to=application.email, application=application)
