"""Invoices to a person, not to a firm; what they owe must be settled before they are erased."""

from collections.abc import Sequence

from sqlalchemy import func, select

from portal.accounts.holdings import HOLDINGS, Holding, Rows, addresses, objections
from portal.accounts.models import Person
from portal.core.db import db
from portal.dues.models import Invoice
from portal.dues.queries import bills


def _mine(person: Person) -> Sequence[Invoice]:
    to_them = func.lower(Invoice.bill_to["email"].as_string()).in_(addresses(person))
    query = select(Invoice).where(Invoice.organization_id.is_(None), to_them)
    return db.session.scalars(query.order_by(Invoice.id)).all()


def _rows(person: Person) -> Rows:
    return [
        {
            "number": one.invoice.number, "issued_on": one.invoice.issued_on,
            "billed_to": one.invoice.bill_to["name"], "address": one.invoice.bill_to["address"],
            "total": str(one.invoice.total), "state": one.words,
        }
        for one in bills(_mine(person))
    ]  # fmt: skip


def _owes(person: Person) -> str:
    open_ones = [one.invoice.number for one in bills(_mine(person)) if one.balance]
    return f"You owe something on {', '.join(open_ones)}: settle it first." if open_ones else ""


objections.append(_owes)
HOLDINGS.append(
    Holding(
        "invoices", "Invoices to you in person, and what was paid on them",
        "To bill, to collect and to keep the books", "Your bookings", "Finance staff",
        "As long as the law on accounting says; an issued invoice is never changed", _rows,
    )
)  # fmt: skip
