"""Declared numbers of firms: signed once, never edited; another number for a period follows it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation

from sqlalchemy import select

from portal.association.queries import association, today
from portal.core.db import Model, db
from portal.dues.actions import Told, declare
from portal.dues.declaring import odd_period
from portal.dues.models import Declaration, Source
from portal.exchange import cells
from portal.exchange.fields import Field, Problem, Read
from portal.exchange.kinds.finding import FIRM_FIELDS, Firms, firm_problems, people_by
from portal.exchange.plans import Plan, Seen, Staged


def metric(cell: str) -> str:
    return "_".join(cells.text(cell).lower().split())


def number(cell: str) -> Decimal:
    """`1,250.5` or `60`: four decimals at most, never below nothing."""
    try:
        found = Decimal(cells.text(cell).replace(",", ""))
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or found < 0 or found != round(found, 4) or found >= 10**14:
        raise ValueError(f"“{cells.text(cell)}” is no number: write it like 60 or 25.5.")
    return found


FIELDS = (
    Field("id", cells.row_id, ("declaration id",), is_fixed=True),
    *FIRM_FIELDS,
    Field("metric", metric, ("what", "measure"), is_fixed=True),
    Field("value", number, ("number", "declared"), is_fixed=True),
    Field("currency", cells.currency, ("unit currency",), is_fixed=True),
    Field("period_start", cells.day, ("from", "period from"), is_fixed=True),
    Field("period_end", cells.day, ("until", "period until"), is_fixed=True),
    Field("scope", cells.text, ("counted", "what was counted"), is_fixed=True),
    Field("source", cells.one_of(Source), (), is_fixed=True),
    Field("signed_by", cells.email, ("signatory", "signed by email"), is_fixed=True),
    Field("signed_on", cells.day, ("signed", "date"), is_fixed=True),
)  # fmt: skip
KEY = ("metric", "period_start", "period_end", "value")
NEEDED = {
    "metric": "metric", "value": "value", "period_start": "first day", "period_end": "last day",
    "signed_by": "signatory’s address", "signed_on": "day of signing",
}  # fmt: skip


class DeclarationRows:
    """Some rows of declarations beside those of the firms that they name."""

    def __init__(self, reads: Sequence[Read], _seen: Seen) -> None:
        records = [one.record for one in reads]
        self.firms = Firms()
        self.firms.load(records)
        self.people, _ = people_by([{"email": one.get("signed_by", "")} for one in records])
        self.held: dict[int, list[Declaration]] = defaultdict(list)
        query = select(Declaration).where(Declaration.organization_id.in_(list(self.firms.by_id)))
        for one in db.session.scalars(query):
            self.held[one.organization_id].append(one)

    def stage(self, read: Read) -> Staged:
        record, answer = read.record, self.firms.find(read.record)
        firm, signer = answer.firm, self.people.get(record.get("signed_by", ""))
        errors = [
            Problem(name, f"A declaration needs its {what}.")
            for name, what in NEEDED.items()
            if read.lacks(name)
        ]
        label = firm.name if firm else record.get("firm", f"line {read.line}")
        staged = Staged(label, conflicts=firm_problems(answer), errors=errors)
        if firm is None or errors or read.problems:
            return staged
        staged.label = f"{firm.name}, {record['metric']} to {record['period_end']}"
        if why_not := odd_period(record["period_start"], record["period_end"], today()):
            errors.append(Problem("period_end", f"{why_not}."))
        if signer is None:
            errors.append(
                Problem("signed_by", "Nobody has this address: import the people first.")
            )
        held = self.held[firm.id]
        said = [record[name] for name in KEY]
        same = [one for one in held if [getattr(one, name) for name in KEY] == said]
        known = [one for one in held if one.id == record.get("id")]
        if known and known[0] not in same:
            staged.conflicts.append(Problem("id", "A signed number is never edited: leave the id "
                                            "out, and this one follows it."))  # fmt: skip
        there = bool(same or known)
        staged.is_new, staged.found = not there, (firm, signer)
        staged.names = [("declaration", known[0].id) if known else ("declared", firm.id, *said)]
        kept = {"id", *(one.name for one in FIRM_FIELDS)}
        staged.ignored = frozenset({one.name for one in FIELDS} if there else kept)
        return staged

    def write(self, plan: Plan) -> list[Model]:
        (firm, signer), values = plan.staged.found, plan.values
        period = (values["period_start"], values["period_end"])
        source = values.get("source", Source.SELF)
        told = Told(values["metric"], values["value"], period, values.get("scope", ""), source)
        db.session.flush()  # a row before this one may be what it follows
        signed_at = datetime.combine(values["signed_on"], time(12), UTC)
        currency = values.get("currency", association().currency)
        made = declare(firm, told, signer.id, currency=currency, at=signed_at)
        made.reason = "Imported"
        return [made]
