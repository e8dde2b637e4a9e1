"""Open invoices of another system: issued here under their old number and day, once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from portal.association.queries import association
from portal.core.db import Model, db
from portal.core.money import Money
from portal.dues.actions.taking_over import SERIES, OldClaim, take_over
from portal.dues.models import CreditNote, Invoice, InvoiceKind, Void
from portal.exchange import cells
from portal.exchange.fields import Field, Problem, Read, Record
from portal.exchange.kinds.finding import FIRM_FIELDS, Firms
from portal.exchange.plans import Plan, Seen, Staged
from portal.members.models import Organization

FIELDS = (
    Field("number", cells.identifier, ("invoice number", "invoice no", "invoice"), is_fixed=True),
    *FIRM_FIELDS,
    Field("payer", cells.text, ("bill to", "customer", "bill to name"), is_fixed=True),
    Field("address", cells.text, ("payer address",), is_fixed=True),
    Field("country", cells.country, ("payer country",), is_fixed=True),
    Field("tax_id", cells.identifier, ("vat number",), is_fixed=True),
    Field("email", cells.email, ("e mail", "payer email"), is_fixed=True),
    Field("kind", cells.one_of(InvoiceKind), (), is_fixed=True),
    Field("issued_on", cells.day, ("issued", "date", "invoice date", "issue date"), is_fixed=True),
    Field("due_on", cells.day, ("due", "due date"), is_fixed=True),
    Field("currency", cells.currency, (), is_fixed=True),
    Field("net", cells.text, ("net amount",), is_fixed=True),
    Field("tax", cells.text, ("vat", "tax amount"), is_fixed=True),
    Field("total", cells.text, ("amount", "gross", "total amount"), is_fixed=True),
    Field("open", cells.text, ("balance", "outstanding", "still owed"), is_fixed=True),
    Field("tax_text", cells.text, ("tax note",), is_fixed=True),
    Field("text", cells.text, ("description", "subject"), is_fixed=True),
    Field("reference", cells.identifier, ("payment reference",), is_fixed=True),
    Field("purchase_order", cells.identifier, ("po", "po number"), is_fixed=True),
)  # fmt: skip
AMOUNTS = ("net", "tax", "total", "open")
NEEDED = ("number", "issued_on", "due_on", "currency", "total")


class InvoiceRows:
    """Some rows of invoices beside those that were issued here or taken over before."""

    def __init__(self, reads: Sequence[Read], _seen: Seen) -> None:
        records = [one.record for one in reads]
        self.firms = Firms()
        self.firms.load(records)
        numbers = {one["number"] for one in records if "number" in one}
        issued = db.session.scalars(select(Invoice).where(Invoice.number.in_(numbers))).all()
        self.issued = {one.number: one for one in issued}
        references = {one["reference"] for one in records if "reference" in one}
        query = select(Invoice.reference).where(Invoice.reference.in_(references))
        self.references = set(db.session.scalars(query))
        here = [one.id for one in issued]
        taken_back = select(CreditNote.invoice_id).where(CreditNote.invoice_id.in_(here))
        voided = select(Void.invoice_id).where(Void.invoice_id.in_(here))
        self.taken_back = {*db.session.scalars(taken_back), *db.session.scalars(voided)}

    def stage(self, read: Read) -> Staged:
        record = read.record
        errors = [
            Problem(name, f"An invoice needs its {name.replace('_on', ' day')}.")
            for name in NEEDED
            if read.lacks(name)
        ]
        staged = Staged(record.get("number", f"line {read.line}"), errors=errors)
        staged.names = [("invoice", record.get("number"))]
        if errors or read.problems:
            return staged
        money, wrong = _amounts(record)
        staged.errors += wrong
        if wrong:
            return staged
        found = self.issued.get(record["number"])
        if found:
            staged.conflicts += self._differences(found, record, money)
            staged.ignored = frozenset(one.name for one in FIELDS)
            return staged
        staged.is_new = True
        answer = self.firms.find(record)
        payer_only = "payer" in record and not any(one.name in record for one in FIRM_FIELDS)
        if answer.conflict and not payer_only:
            staged.conflicts.append(Problem(answer.field, answer.conflict))
        staged.found = (answer.firm, money)
        staged.errors += self._impossible(record, money)
        return staged

    def _differences(self, found: Invoice, record: Record, money: dict[str, int]) -> list[Problem]:
        """An issued invoice is never changed: the row must say the same."""
        if found.id in self.taken_back and found.series == SERIES and money.get("open"):
            return [Problem("number", "It was imported before and taken back: give it a new "
                            "number if it is owed after all.")]  # fmt: skip
        facts = {"issued_on": found.issued_on, "due_on": found.due_on, "currency": found.currency}
        sums = {"total": found.total_minor, "tax": found.tax_minor, "net": found.net_minor}
        return [
            Problem(name, "An issued invoice is never changed: here it says "
                    f"{Money(sums[name], found.currency).figures if name in sums else old}.")
            for name, old, said in (
                *((name, old, record.get(name)) for name, old in facts.items()),
                *((name, old, money.get(name)) for name, old in sums.items()),
            ) if said is not None and said != old
        ]  # fmt: skip

    def _impossible(self, record: Record, money: dict[str, int]) -> list[Problem]:
        found, total = [], money["total"]
        ours = association()
        if record["number"].startswith((f"{ours.invoice_series}-", f"{ours.credit_series}-")):
            found.append(Problem("number", "This is a number of the portal's own series."))
        if record["due_on"] < record["issued_on"]:
            found.append(Problem("due_on", "It is due before it was issued."))
        if total <= 0:
            found.append(Problem("total", "Only what is owed is imported: the total is more than "
                                 "nothing."))  # fmt: skip
        if money.get("net", total - money.get("tax", 0)) + money.get("tax", 0) != total:
            found.append(Problem("total", "Net and tax do not add up to the total."))
        if money.get("open", total) != total:
            found.append(Problem("open", "Some of it was paid or taken back: import what is still "
                                 "owed as its total, or leave this cell empty and book the "
                                 "payment here."))  # fmt: skip
        if record.get("reference") in self.references:
            found.append(Problem("reference", "Another invoice has this reference."))
        return found

    def write(self, plan: Plan) -> list[Model]:
        record, plan.is_recorded = plan.read.record, True
        firm, money = plan.staged.found
        tax = money.get("tax", 0)
        claim = OldClaim(
            number=record["number"], kind=record.get("kind", InvoiceKind.DUES), organization=firm,
            bill_to=_bill_to(record, firm), currency=record["currency"],
            issued_on=record["issued_on"], due_on=record["due_on"], net_minor=money["total"] - tax,
            tax_minor=tax, tax_text=record.get("tax_text", "Tax as on the original invoice"),
            text=record.get("text", f"Invoice {record['number']}"),
            reference=record.get("reference", ""),
            purchase_order=record.get("purchase_order", ""),
        )  # fmt: skip
        return [take_over(claim)]


def _amounts(record: Record) -> tuple[dict[str, int], list[Problem]]:
    money, wrong = {}, []
    for name in AMOUNTS:
        if name in record:
            try:
                money[name] = cells.amount(record[name], record["currency"])
            except ValueError as error:
                wrong.append(Problem(name, f"{error}."))
    return money, wrong


def _bill_to(record: Record, firm: Organization | None) -> dict[str, Any]:
    """As the row says it, else as the register does."""
    return {
        "name": record.get("payer") or (firm.name if firm else ""),
        "address": record.get("address") or (firm.address if firm else ""),
        "country": record.get("country") or (firm.country if firm else ""),
        "tax_id": record.get("tax_id") or (firm.tax_id if firm else ""),
        "email": record.get("email") or (firm.billing_email if firm else ""),
    }  # fmt: skip
