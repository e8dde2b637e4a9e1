"""The kinds of files that come in: the fields of each, and who reads and writes its rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from portal.core.access import Permission
from portal.core.db import Model
from portal.exchange.fields import Field, Read
from portal.exchange.kinds import declarations, firms, invoices, payers, payments, people, terms
from portal.exchange.plans import Plan, Seen, Staged


class Rows(Protocol):
    """Some rows beside what is there, looked up in a number of statements that does not grow."""

    def stage(self, read: Read) -> Staged: ...
    def write(self, plan: Plan) -> list[Model]: ...


@dataclass(frozen=True)
class Kind:
    title: str
    hint: str
    permission: Permission
    fields: Sequence[Field]
    rows: Callable[[Sequence[Read], Seen], Rows]
    is_final: bool = False  # signed things are never taken away


KINDS = {
    "firms": Kind(
        "Firms", "One row a firm. Needed: name and country.",
        Permission.FIRMS_MANAGE, firms.FIELDS, firms.FirmRows,
    ),
    "people": Kind(
        "People and their roles", "One row a person, or one for each firm of a person. Needed: "
        "e-mail address and name; for a role the firm. Nobody is invited or told.",
        Permission.FIRMS_MANAGE, people.FIELDS, people.PeopleRows,
    ),
    "terms": Kind(
        "Terms of membership", "One row a term, past ones too. Needed: the firm, its class, the "
        "first and the last day.", Permission.FIRMS_MANAGE, terms.FIELDS, terms.TermRows,
    ),
    "declarations": Kind(
        "Declared numbers", "One row a number. Needed: the firm, the metric, its value, both days "
        "of the period, who signed and when. What is signed cannot be undone.",
        Permission.FIRMS_MANAGE, declarations.FIELDS, declarations.DeclarationRows, is_final=True,
    ),
    "payers": Kind(
        "Who pays for firms", "One row a firm that pays itself so far. Needed: the firm, and "
        "name, address, country and e-mail address of who pays its dues in its place.",
        Permission.DUES_MANAGE, payers.FIELDS, payers.PayerRows,
    ),
    "invoices": Kind(
        "Open invoices", "One row an invoice, under its old number. Needed: number, the firm or "
        "the payer, both days, currency and total. Each is held: no reminder goes out.",
        Permission.DUES_MANAGE, invoices.FIELDS, invoices.InvoiceRows,
    ),
    "payments": Kind(
        "Payments", "One row a payment. Needed: its number there, the day, method, currency and "
        "amount, and the invoice here that it pays, or the word credit and the firm whose money "
        "it is. No receipt goes out; what is booked is reversed on its own page.",
        Permission.DUES_MANAGE, payments.FIELDS, payments.PaymentRows, is_final=True,
    ),
}  # fmt: skip
