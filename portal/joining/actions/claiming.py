"""The firm of an application and its first invoice: on sending, or on admission."""

from datetime import timedelta

from sqlalchemy import select

from portal.association.queries import association, today
from portal.core import audit, clock, mail
from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.declaring import people_in
from portal.dues.models import Invoice, InvoiceKind
from portal.dues.periods import NotQuotable
from portal.dues.queries.payers import payer_addresses
from portal.joining import queries, quoting
from portal.joining.actions.paying import settled
from portal.joining.choices import chosen
from portal.joining.models import Application, ApplicationStatus
from portal.members.groups import own_group
from portal.members.models import GroupBasis, GroupMembership, Organization

S = ApplicationStatus


def ask_to_pay_first(application: Application) -> None:
    """The firm and its invoice are here; nobody acts for the firm before it is admitted."""
    firm = application.organization or queries.tried_before(application)
    firm = application.organization = _keep_firm(application, firm)
    invoice = application.invoice = issue(application, firm)
    audit.move(application, S.AWAITING_PAYMENT, f"invoice {invoice.number}")
    mail_first(application, "joining/payment_asked", invoice)
    if not dues_queries.balance(invoice):
        settled(invoice)  # a price of zero is paid when it is asked


def mail_first(application: Application, template: str, invoice: Invoice) -> None:
    """Its first invoice to who pays it and to the firm, and word of it to the applicant, who is
    told no address of another firm.
    """
    own = invoice.bill_to["email"]
    theirs = list(dict.fromkeys([*payer_addresses(invoice), own]))
    payer = invoice.paid_by.get("name") or theirs[0]
    mail.queue(template, to=application.email, application=application, payer=payer)
    for to in theirs:
        dues.mail_invoice(invoice, to=to)


def admitted_firm(application: Application) -> Organization:
    """The firm under its registration number, which it has from now on; a person has none.

    One that an earlier application left behind is taken up again. Raises `Refused` when somebody
    else has the number, or when the firm is a member.
    """
    number = application.answers["firm"].get("registration_no")
    firm = application.organization or queries.tried_before(application)
    known = number and db.session.scalar(
        select(Organization).where(
            Organization.country == application.country, Organization.registration_no == number
        )
    )
    if (known and known is not firm) or (firm and firm.memberships):
        raise Refused(f"A firm with the registration number {number} is here already.")
    firm = _keep_firm(application, firm)
    firm.registration_no = number
    db.session.flush()
    return firm


def _keep_firm(application: Application, firm: Organization | None) -> Organization:
    """The firm, as it told us; a new one is in a group of its own."""
    told, contacts = application.answers["firm"], application.answers["contacts"]
    firm = firm or Organization(created_at=clock.now())
    facts = {
        "name": told["name"], "country": application.country,
        "tax_id": told.get("tax_id") or "",
        "address": told["address"], "website": told.get("website", ""),
        "billing_email": contacts.get("finance_email") or application.email,
        "purchase_order": contacts.get("purchase_order", ""),
        "headcount": people_in(application.metrics), "is_demo": association().is_demo,
        "priced_by": _priced_by(application), "paid_by": application.payer,
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


def _priced_by(application: Application) -> dict[str, list[str]]:
    """The chapters that it chose are charged with later terms too; a gift is given once."""
    tariff = quoting.tariff_on(today())
    kind, told = application.kind.value, application.choices
    found = chosen(told, tariff.book, kind, tariff.currency).chapters if tariff else ()
    return {"chapters": sorted(found)} if found else {}


def priced(application: Application) -> quoting.Priced:
    """The quote of an application today, by the tariff of a term that begins today.

    Raises `Refused` when there is none.
    """
    day = today()
    tariff = quoting.tariff_on(day)
    if tariff is None:
        raise Refused("No tariff is in effect: the treasurer must adopt one first.")
    try:
        return quoting.price(tariff, quoting.facts_of(application), day)
    except NotQuotable as why:
        raise Refused(str(why)) from why


def issue(application: Application, firm: Organization) -> Invoice:
    """The invoice of the first term. Raises `Refused` when the tariff has no price."""
    found, home = priced(application), association()
    percent = str(found.tariff.book.get("tax_percent", "0"))
    return dues.issue_invoice(
        kind=InvoiceKind.DUES, organization=firm, currency=found.quote.currency,
        lines=dues.drafts_of(found.quote),
        tax_percent=percent, tax_text=found.tariff.book.get("tax_text") or f"Tax {percent} %",
        due_on=today() + timedelta(days=home.due_days), notes=found.notes, **dues.billed(firm),
    )  # fmt: skip
