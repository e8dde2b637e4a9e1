"""Payments that another system booked: here once each, on their day, with what they pay."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from portal.association.queries import today
from portal.core.db import Model, db
from portal.core.money import Money
from portal.dues.actions.payments import Arrival, receive
from portal.dues.models import Invoice, Payment, PaymentMethod
from portal.dues.queries import balance, closed_until
from portal.exchange import cells
from portal.exchange.fields import Field, Problem, Read, Record
from portal.exchange.kinds.finding import FIRM_FIELDS, Firms
from portal.exchange.plans import Plan, Seen, Staged
from portal.members.models import Organization

CREDIT = "credit"  # in the place of an invoice: the money pays none yet
MARK = "imported:"  # before the number that a payment has there
FIELDS = (
    Field("id", cells.row_id, ("payment id",), is_fixed=True),
    Field("external_id", cells.identifier, ("transaction", "transaction id", "payment no",
                                            "payment number"), is_fixed=True),
    *FIRM_FIELDS,
    Field("invoice", cells.identifier, ("invoice number", "invoice no", "pays"), is_fixed=True),
    Field("method", cells.one_of(PaymentMethod), ("paid by",), is_fixed=True),
    Field("received_on", cells.day, ("received", "date", "paid on"), is_fixed=True),
    Field("currency", cells.currency, (), is_fixed=True),
    Field("amount", cells.text, ("total", "paid"), is_fixed=True),
    Field("note", cells.text, ("remark", "description"), is_fixed=True),
)  # fmt: skip
NEEDED = {
    "method": "method", "received_on": "day", "currency": "currency", "amount": "amount",
}  # fmt: skip
OF_NEW = {"external_id": "number there, so that it is booked once",
          "invoice": "invoice, or the word credit"}  # fmt: skip


class PaymentRows:
    """Some rows of payments beside those that were booked here or came in before."""

    def __init__(self, reads: Sequence[Read], _seen: Seen) -> None:
        records = [one.record for one in reads]
        self.firms = Firms()
        self.firms.load(records)
        told = {one["external_id"] for one in records if "external_id" in one}
        names = told | {f"{MARK}{one}" for one in told}
        ids = {one["id"] for one in records if "id" in one}
        query = select(Payment).where(or_(Payment.external_id.in_(names), Payment.id.in_(ids)))
        held = db.session.scalars(query).all()
        self.by_id = {one.id: one for one in held}
        self.by_name = {(one.external_id or "").removeprefix(MARK): one for one in held}
        numbers = {one["invoice"] for one in records if "invoice" in one}
        invoices = db.session.scalars(select(Invoice).where(Invoice.number.in_(numbers)))
        self.invoices = {one.number: one for one in invoices}
        self.closed_until = closed_until()

    def stage(self, read: Read) -> Staged:
        record = read.record
        staged = Staged(record.get("external_id", f"line {read.line}"))
        staged.names = [("payment", record.get("external_id") or record.get("id"))]
        found = self._held(record)
        needed = NEEDED if found else NEEDED | OF_NEW
        staged.errors = [
            Problem(name, f"A payment needs its {what}.")
            for name, what in needed.items() if read.lacks(name)
        ]  # fmt: skip
        if staged.errors or read.problems:
            return staged
        try:
            money = Money(cells.amount(record["amount"], record["currency"]), record["currency"])
        except ValueError as error:
            staged.errors.append(Problem("amount", f"{error}."))
            return staged
        staged.ignored = frozenset(one.name for one in FIELDS)
        if found:
            staged.conflicts += _differences(found, record, money)
        elif "id" in record:
            staged.conflicts.append(Problem("id", "There is no payment of this number here: leave "
                                            "the id out, and it is booked."))  # fmt: skip
        else:
            staged.is_new, staged.ignored = True, frozenset()
            self._stage_new(staged, record, money)
        return staged

    def _held(self, record: Record) -> Payment | None:
        return self.by_id.get(record.get("id", 0)) or self.by_name.get(
            record.get("external_id", "")
        )

    def _stage_new(self, staged: Staged, record: Record, money: Money) -> None:
        invoice = self.invoices.get(record["invoice"])
        says_firm = any(one.name in record for one in FIRM_FIELDS)
        answer = self.firms.find(record)
        if says_firm and answer.conflict:
            staged.conflicts.append(Problem(answer.field, answer.conflict))
        elif invoice:
            staged.conflicts += _not_of_this(invoice, answer.firm, money)
        elif record["invoice"].lower() != CREDIT:
            said = (
                f"There is no invoice {record['invoice']} here: import it first, or write credit."
            )
            staged.errors.append(Problem("invoice", said))
        elif answer.firm is None:
            staged.errors.append(Problem("firm", "Whose credit is it? Name the firm."))
        staged.errors += self._impossible(record, money)
        staged.found = invoice, answer.firm, money

    def _impossible(self, record: Record, money: Money) -> list[Problem]:
        found, on = [], record["received_on"]
        if money.minor <= 0:
            found.append(Problem("amount", "A payment is more than nothing."))
        if on > today():
            found.append(Problem("received_on", "Money cannot have arrived on a day to come."))
        if self.closed_until and on <= self.closed_until:
            found.append(Problem("received_on", "The books of this day are closed."))
        return found

    def write(self, plan: Plan) -> list[Model]:
        record, (invoice, firm, money) = plan.read.record, plan.staged.found
        db.session.flush()  # a row before this one may pay the same invoice
        payer = firm.id if firm else invoice.organization_id if invoice else None
        share = min(money.minor, balance(invoice).minor) if invoice else 0
        arrived = Arrival(
            money, record["received_on"], payer, record["method"],
            external_id=f"{MARK}{record['external_id']}", note=record.get("note", ""),
            is_silent=True,
        )  # fmt: skip
        return [receive(arrived, [(invoice, share)] if share else [])]


def _differences(found: Payment, record: Record, money: Money) -> list[Problem]:
    """A payment is never changed: the row must say the same."""
    pairs = (
        ("amount", found.money, money), ("received_on", found.received_on, record["received_on"]),
        ("method", found.method, record["method"]),
    )  # fmt: skip
    return [
        Problem(name, f"What was booked is never changed: here it says {old}.")
        for name, old, said in pairs if old != said
    ]  # fmt: skip


def _not_of_this(invoice: Invoice, firm: Organization | None, money: Money) -> list[Problem]:
    found = []
    if firm and firm.id != invoice.organization_id:
        found.append(Problem("invoice", f"Invoice {invoice.number} is not of {firm.name}."))
    if money.currency != invoice.currency:
        found.append(Problem("currency", f"Invoice {invoice.number} is in {invoice.currency}."))
    return found
