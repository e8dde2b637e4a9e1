"""Several cheques that are brought to the bank together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.accounts.models import Person
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues.actions.payments import record_transfer
from portal.dues.models import Invoice, Payment, PaymentMethod
from portal.dues.queries.reversals import is_reversed


@dataclass(frozen=True)
class Cheque:
    """What one cheque pays."""

    invoice: Invoice
    money: Money
    number: str


def record_slip(
    slip: str, paid_in_on: date, cheques: Sequence[Cheque], by: Person | None = None
) -> list[Payment]:
    """Book each cheque of a slip as a payment of its own; the caller commits.

    Raises `Refused` for a slip that was recorded before, and for cheques in several currencies:
    the bank makes one line of a slip.
    """
    if len({one.money.currency for one in cheques}) != 1:
        raise Refused("The cheques of a slip are in one currency: make a slip for each.")
    known = select(Payment.id).where(
        Payment.note.startswith(f"Slip {slip}, ", autoescape=True),
        Payment.received_on == paid_in_on, ~is_reversed(),
    )  # fmt: skip
    if db.session.scalar(known.limit(1)):
        raise Refused(f"Slip {slip} of this day is recorded already.")
    return [
        record_transfer(
            one.invoice, one.money, paid_in_on, f"Slip {slip}, cheque {one.number}",
            PaymentMethod.CHEQUE, by,
        )
        for one in sorted(cheques, key=lambda one: one.invoice.id)
    ]  # fmt: skip
