"""An application that comes to nothing: withdrawn, or run out; and what was paid on it."""

from portal.core import audit, mail
from portal.core.links import link
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import ApprovalKind
from portal.dues.queries import sums
from portal.joining.actions.applying import hold
from portal.joining.models import Application, ApplicationStatus

S = ApplicationStatus


def withdraw(application: Application, why: str = "") -> None:
    hold(application)
    audit.move(application, S.WITHDRAWN, why)
    give_back(application, "The application was withdrawn")


def expire(application: Application, why: str) -> None:
    """Time ran out; nothing is owed any more, and what was paid goes back."""
    hold(application)
    audit.move(application, S.EXPIRED, why)
    back = give_back(application, why)
    mail.queue("joining/expired", to=application.email, application=application, why_now=why,
               back=back)  # fmt: skip


def give_back(application: Application, why: str) -> list[Money]:
    """Credit its invoice, send back what was paid by card, have the rest sent by the treasurer.

    Returns what goes back. What the payer's bank disputes stays until the bank has decided.
    """
    invoice = application.invoice
    if invoice is None:
        return []
    now = sums([invoice.id])[invoice.id]
    if not now.voided and now.credited < invoice.total_minor:
        dues.credit(invoice, why)
    left = dues_queries.left_for(invoice)
    by_hand = [one for one in left if not _goes_to_the_card(one, why)]
    for one in by_hand:
        url = link("dues_staff.payment", payment_id=one.payment.id)
        dues.mail_treasurer("joining/send_back", application=application, money=one.money, url=url)
    return [one.money for one in left]


def _goes_to_the_card(left: dues_queries.Left, why: str) -> bool:
    """Not what two people have to agree on, nor what the processor cannot take."""
    payment, money = left.payment, left.money
    if not payment.may_go_back_to_card or dues.is_for_two(ApprovalKind.REFUND, payment, money):
        return False
    try:
        dues.request_refund(payment, money, dues.Sending(why))
    except Refused:
        return False
    return True
