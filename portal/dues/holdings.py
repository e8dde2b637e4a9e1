"""Invoices to a person, and what they signed; what they owe is settled before erasure."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.holdings import HOLDINGS, Holding, Rows, addresses, objections, plain
from portal.accounts.models import Person
from portal.core.db import db
from portal.core.merging import ids_of
from portal.dues.models import (
    Approval,
    AutomaticCharge,
    BankFile,
    BankMatch,
    CardMandate,
    Declaration,
    Invoice,
    Payment,
    TariffDraft,
)
from portal.dues.queries.bills import bills
from portal.dues.queries.invoices import disputed_payment_ids, has_disputed_money
from portal.members.models import Organization


def _mine(person: Person) -> Sequence[Invoice]:
    """What a person owes, or owed: a firm's invoices are the firm's, whoever pays them."""
    to_them = func.lower(Invoice.bill_to["email"].as_string()).in_(addresses(person))
    query = select(Invoice).where(Invoice.organization_id.is_(None), to_them)
    return db.session.scalars(query.order_by(Invoice.id)).all()


def _asked(person: Person) -> Sequence[Invoice]:
    """What a person was asked to pay for a firm."""
    by_them = func.lower(Invoice.paid_by["email"].as_string()).in_(addresses(person))
    return db.session.scalars(select(Invoice).where(by_them).order_by(Invoice.id)).all()


def _paid_for(person: Person) -> Sequence[Organization]:
    theirs = func.lower(Organization.paid_by["email"].as_string()).in_(addresses(person))
    return db.session.scalars(select(Organization).where(theirs).order_by(Organization.id)).all()


def _promised(person: Person) -> Rows:
    return [{"firm": one.name, **one.paid_by} for one in _paid_for(person)]


def _pay_no_more(person: Person) -> None:
    for firm in _paid_for(person):
        firm.paid_by = {}


def _rows(person: Person) -> Rows:
    return [
        {
            "number": one.invoice.number, "issued_on": one.invoice.issued_on,
            "billed_to": one.invoice.to["name"],
            "address": one.invoice.to["address"],
            "total": str(one.invoice.total), "state": one.words,
        }
        for one in bills([*_mine(person), *_asked(person)])
    ]  # fmt: skip


def _owes(person: Person) -> str:
    open_ones = [one.invoice.number for one in bills(_mine(person)) if one.balance]
    return f"You owe something on {', '.join(open_ones)}: settle it first." if open_ones else ""


def _is_disputed(person: Person) -> str:
    """By a bank: of their own invoices, or of what was charged to a card by their consent."""
    mine = select(Invoice.number).where(
        Invoice.id.in_([one.id for one in _mine(person)]), has_disputed_money()
    )
    agreed = (
        select(Invoice.number)
        .join(AutomaticCharge, AutomaticCharge.invoice_id == Invoice.id)
        .join(CardMandate, CardMandate.id == AutomaticCharge.mandate_id)
        .join(Payment, Payment.external_id == AutomaticCharge.intent_id)
        .where(CardMandate.consented_by_id.in_(ids_of(Person, person.id)))
        .where(Payment.id.in_(disputed_payment_ids()))
    )
    numbers = db.session.scalars(mine.union(agreed)).all()
    if not numbers:
        return ""
    return f"A bank disputes what paid {', '.join(sorted(numbers))}: wait until it has decided."


objections.append(_owes)
objections.append(_is_disputed)
HOLDINGS.append(
    Holding(
        "invoices", "Invoices to you in person, and what was paid on them",
        "To bill, to collect and to keep the books", "Your bookings", "Finance staff",
        "As long as the law on accounting says; an issued invoice is never changed", _rows,
    )
)  # fmt: skip
HOLDINGS.append(
    Holding(
        "paying-for-firms", "Firms whose dues you pay", "To send the invoices to who pays them",
        "The firm, or our staff", "The firm's dues contacts, finance staff",
        "Until somebody else pays, or you are erased", _promised, _pay_no_more,
    )
)  # fmt: skip


def _signed(person: Person) -> Rows:
    query = select(Declaration).where(Declaration.signed_by_id.in_(ids_of(Person, person.id)))
    shown = joinedload(Declaration.organization)
    return [
        {
            "firm": one.organization.name, "metric": one.metric, "value": str(one.value),
            "unit": one.unit, "period_start": one.period_start, "period_end": one.period_end,
            "signed_at": one.signed_at,
        }
        for one in db.session.scalars(query.options(shown).order_by(Declaration.id))
    ]  # fmt: skip


def _drafted(person: Person) -> Rows:
    query = select(TariffDraft).where(TariffDraft.made_by_id == person.id).order_by(TariffDraft.id)
    names = ("code", "currency", "effective_from", "status", "made_at")
    return [plain(one, *names) for one in db.session.scalars(query)]


def _agreed(person: Person) -> Rows:
    query = select(CardMandate).where(CardMandate.consented_by_id == person.id)
    shown = joinedload(CardMandate.organization)
    names = ("consented_at", "text_version", "words", "saved_at", "revoked_at")
    return [
        {"firm": one.organization.name, **plain(one, *names)}
        for one in db.session.scalars(query.options(shown).order_by(CardMandate.id))
    ]


def _imported(person: Person) -> Rows:
    query = select(BankFile).where(BankFile.imported_by_id == person.id).order_by(BankFile.id)
    return [plain(one, "name", "kind", "imported_at") for one in db.session.scalars(query)]


def _matched(person: Person) -> Rows:
    query = select(BankMatch).where(BankMatch.made_by_id == person.id).order_by(BankMatch.id)
    names = ("line_id", "why", "payee", "made_at", "undone_at")
    return [plain(one, *names) for one in db.session.scalars(query)]


def _decided(person: Person) -> Rows:
    mine = or_(Approval.proposed_by_id == person.id, Approval.decided_by_id == person.id)
    query = select(Approval).where(mine).order_by(Approval.id)
    names = ("kind", "status", "reason", "proposed_at", "decided_at", "decided_why")
    return [
        {
            "you": "proposed it" if one.proposed_by_id == person.id else "decided",
            "amount": str(one.money), **plain(one, *names),
        }
        for one in db.session.scalars(query)
    ]  # fmt: skip


HOLDINGS += [
    Holding(
        "money-approvals", "Refunds, credit notes and write-offs that you proposed or decided",
        "To show that two people decided", "You and your colleagues", "Finance staff",
        "Ten years, without your name: part of the books", _decided,
    ),
    Holding(
        "card-consents", "Consents that you gave to charge a firm’s card",
        "To show that a charge was agreed to", "You", "People of the firm, and finance staff",
        "Ten years, without your name: an agreement about money", _agreed,
    ),
    Holding(
        "bank-files", "Bank statements that you brought in", "To know who brought what", "You",
        "Finance staff", "Ten years, without your name: part of the books", _imported,
    ),
    Holding(
        "bank-matches", "Bank lines that you placed", "To know who booked what", "You",
        "Finance staff", "Ten years, without your name: part of the books", _matched,
    ),
    Holding(
        "declarations", "Numbers of a firm that you signed", "To reckon the firm’s dues", "You",
        "People of the firm, and finance staff",
        "Ten years, without your name: a signed number is never changed", _signed,
    ),
    Holding(
        "tariff-drafts", "Tariffs that you drafted", "To know who proposed a price", "You",
        "Staff", "Ten years, without your name: who answered for an act", _drafted,
    ),
]  # fmt: skip
