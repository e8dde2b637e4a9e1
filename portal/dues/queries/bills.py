"""An invoice as a person sees it: its sums, its face, the day it is late from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.association.queries import today
from portal.core.db import db
from portal.core.money import Money
from portal.dues.faces import Face, Sums, face_of, in_words
from portal.dues.models import Instalment, Invoice
from portal.dues.queries.invoices import sums

KINDS = {
    Face.PAID: "ok", Face.PART_PAID: "needs", Face.DISPUTED: "needs", Face.SETTLED_MIXED: "ok",
    Face.OVERDUE: "loss",
}  # fmt: skip


@dataclass(frozen=True)
class Bill:
    """`balance` is what is owed, `face` the state, `words` the state for people.

    `due_on` is the day it is due, or the next instalment of its plan; `plan` has all of them.
    """

    invoice: Invoice
    sums: Sums
    face: Face
    on: date
    due_on: date
    plan: tuple[Instalment, ...] = ()

    @property
    def balance(self) -> Money:
        return Money(self.sums.balance, self.invoice.currency)

    @property
    def paid(self) -> Money:
        return Money(self.sums.paid, self.invoice.currency)

    @property
    def credited(self) -> Money:
        return Money(self.sums.credited, self.invoice.currency)

    @property
    def written_off(self) -> Money:
        return Money(self.sums.written_off, self.invoice.currency)

    @property
    def kind(self) -> str:
        """How the state is marked: well, needs somebody, lost, or nothing."""
        return KINDS.get(self.face, "")

    @property
    def words(self) -> str:
        return in_words(self.face, self.sums, self.invoice.currency, -self.days_left)

    @property
    def short(self) -> str:
        """The state for lists: `Overdue by 12 days`."""
        return self.words.partition(",")[0]

    @property
    def days_left(self) -> int:
        return (self.due_on - self.on).days

    @property
    def part_due(self) -> Money:
        """What of the balance is due on `due_on`, or is by today: all of it without a plan."""
        last = max(self.due_on, self.on)
        left = min((one.left_minor for one in self.plan if one.due_on <= last), default=0)
        return Money(self.sums.balance - left, self.invoice.currency)

    @property
    def parts(self) -> list[tuple[date, Money, str, str]]:
        """The plan: each day, its amount, and the state with its mark."""
        return [
            (one.due_on, Money(one.amount_minor, self.invoice.currency), *self._state_of(one))
            for one in self.plan
        ]

    def _state_of(self, part: Instalment) -> tuple[str, str]:
        if part.left_minor >= self.sums.balance:
            return "Paid", "ok"
        return ("Overdue", "loss") if part.due_on < self.on else ("To pay", "")


def bills(invoices: Iterable[Invoice]) -> list[Bill]:
    """Every invoice with its sums and plan: two statements for all of them."""
    rows, on = list(invoices), today()
    found = sums(invoice.id for invoice in rows)
    plans = _plans([key for key, one in found.items() if one.instalments])
    return [_bill(one, found[one.id], tuple(plans.get(one.id, ())), on) for one in rows]


def _bill(invoice: Invoice, found: Sums, plan: tuple[Instalment, ...], on: date) -> Bill:
    unpaid = [part.due_on for part in plan if part.left_minor < found.balance]
    due = min(unpaid, default=invoice.due_on)
    return Bill(invoice, found, face_of(found, due, on), on, due, plan)


def _plans(invoice_ids: list[int]) -> dict[int, list[Instalment]]:
    query = select(Instalment).where(
        Instalment.invoice_id.in_(invoice_ids), Instalment.ended_at.is_(None)
    )
    plans: dict[int, list[Instalment]] = {}
    for part in db.session.scalars(query.order_by(Instalment.due_on)) if invoice_ids else ():
        plans.setdefault(part.invoice_id, []).append(part)
    return plans


def bill(invoice: Invoice) -> Bill:
    return bills([invoice])[0]


def bill_as_issued(invoice: Invoice) -> Bill:
    """Of an invoice that was issued in this transaction, with nothing done to it yet."""
    return _bill(invoice, Sums(invoice.total_minor, 0, 0), (), today())


def face(invoice: Invoice) -> str:
    """The state of an invoice today, in words."""
    return bill(invoice).words
