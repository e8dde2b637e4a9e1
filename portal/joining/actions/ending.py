"""What money and time do: membership begins, or the application runs out."""

from sqlalchemy import select

from portal.core import audit, mail
from portal.core.db import db
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import Invoice
from portal.dues.seat_prices import included_seats
from portal.joining import quoting
from portal.joining.actions.applying import hold
from portal.joining.models import Application, ApplicationStatus
from portal.members.actions import start_membership

S = ApplicationStatus


def activate(invoice: Invoice) -> None:
    """The invoice of an application is settled: membership and first term begin, once."""
    query = select(Application).where(
        Application.invoice_id == invoice.id, Application.status == S.AWAITING_PAYMENT
    )
    application = db.session.scalar(query.with_for_update())
    if application is None or application.organization is None:
        return
    covered = [line for line in invoice.lines if line.income == "dues"]
    audit.move(application, S.ACTIVATED, f"invoice {invoice.number} paid")
    tariff = quoting.tariff_for(application, invoice.issued_on)
    snapshot = {
        "seats": included_seats(tariff.whole_book, application.kind.value) if tariff else None,
        "invoice": invoice.number, "headcount": application.headcount,
        "metrics": application.money, "tariff": tariff.id if tariff else None,
        "group": dues_queries.group_charged(invoice.lines),
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
    hold(application)
    audit.move(application, S.EXPIRED, why)
    if application.invoice and dues_queries.balance(application.invoice):
        dues.credit(application.invoice, why)
    mail.queue("joining/expired", to=application.email, application=application, why_now=why)
