"""Mails about cards that are charged by themselves, each said once. The caller commits."""

from portal.association.queries import today
from portal.core import mail
from portal.core.links import link
from portal.dues.actions.links import pay_link
from portal.dues.models import AttemptStatus, AutomaticCharge, CardMandate, Invoice
from portal.dues.queries import ANNOUNCED, Coming, coming, kept_card, payers_of
from portal.notices.actions import once


def announce(charge: Coming) -> bool:
    """Tell the payers of a charge before it happens; False when there is nothing to say now."""
    if charge.notice is None or not once(
        f"{charge.key}:{charge.notice}", ANNOUNCED, f"invoice:{charge.invoice.id}"
    ):
        return False
    _mail(ANNOUNCED, charge.invoice, charge.mandate, charge=charge, expires=_expires(charge))
    return True


def _expires(charge: Coming) -> bool:
    return charge.mandate.last_day < charge.on


def warn_of_expiry(mandate: CardMandate) -> bool:
    template = "dues/card_expires"
    if not once(f"card-expires:{mandate.id}", template, f"mandate:{mandate.id}"):
        return False
    for payer in payers_of(mandate.organization_id):
        url = link("dues_cards.auto_pay")
        mail.queue(template, payer.person.email, mandate=mandate, url=url, on=today())
    return True


def tell_of(charge: AutomaticCharge, invoice: Invoice) -> None:
    """Tell the payers that a charge failed, or waits for them; a receipt is mailed by itself."""
    status = charge.attempt.status
    if status is AttemptStatus.REQUIRES_ACTION:
        template = "dues/charge_needs_you"
    elif status in {AttemptStatus.FAILED, AttemptStatus.CANCELLED}:
        template = "dues/charge_failed"
    else:
        return
    if once(f"{template}:{charge.id}", template, f"invoice:{invoice.id}"):
        kept = kept_card(charge.mandate.organization_id)
        following = coming(invoice, kept) if kept else None
        _mail(template, invoice, charge.mandate, charge=charge, following=following)


def _mail(template: str, invoice: Invoice, mandate: CardMandate, **facts: object) -> None:
    """To each who deals with the firm's money; to its address for invoices when nobody does."""
    payers = [one.person.email for one in payers_of(mandate.organization_id)]
    for to in payers or [invoice.bill_to.get("email", "")]:
        if to:
            mail.queue(
                template, to, (), invoice=invoice, mandate=mandate,
                pay_url=link("dues.pay_link", token=pay_link(invoice).token),
                card_url=link("dues_cards.auto_pay"), **facts,
            )  # fmt: skip
