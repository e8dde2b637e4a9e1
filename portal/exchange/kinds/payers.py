"""Who pays the dues of a firm in its place: named whole, of a firm that pays itself so far."""

from collections.abc import Sequence

from portal.core.db import Model
from portal.dues.actions import name_payer
from portal.exchange import cells
from portal.exchange.fields import Field, Problem, Read, Record
from portal.exchange.kinds.finding import FIRM_FIELDS, Firms, firm_problems
from portal.exchange.plans import Plan, Seen, Staged

TOLD = (
    Field("name", cells.text, ("payer", "payer name", "paid by", "sponsor"), is_fixed=True),
    Field("address", cells.text, ("payer address",), is_fixed=True),
    Field("country", cells.country, ("payer country",), is_fixed=True),
    Field("tax_id", cells.identifier, ("payer tax id", "vat number"), is_fixed=True),
    Field("email", cells.email, ("payer email", "payer e mail", "e mail"), is_fixed=True),
    Field("reference", cells.identifier, ("purchase order", "po"), is_fixed=True),
)  # fmt: skip
FIELDS = (*FIRM_FIELDS, *TOLD)
NEEDED = {
    "name": "name", "address": "address", "country": "country", "email": "address for invoices"
}  # fmt: skip


class PayerRows:
    """Some rows of payers beside the firms that they name."""

    def __init__(self, reads: Sequence[Read], _seen: Seen) -> None:
        self.firms = Firms()
        self.firms.load([one.record for one in reads])

    def stage(self, read: Read) -> Staged:
        answer = self.firms.find(read.record)
        firm = answer.firm
        errors = [
            Problem(name, f"Who pays needs the {what}.")
            for name, what in NEEDED.items()
            if read.lacks(name)
        ]
        label = firm.name if firm else read.record.get("firm", f"line {read.line}")
        staged = Staged(label, conflicts=firm_problems(answer), errors=errors)
        staged.ignored = frozenset(one.name for one in FIRM_FIELDS)
        if firm is None:
            return staged
        staged.found, staged.is_new = firm, not firm.paid_by
        staged.names = [("payer", firm.id)]
        if firm.paid_by and _plain(firm.paid_by) == _plain(facts_of(read.record)):
            staged.ignored = frozenset(one.name for one in FIELDS)
        elif firm.paid_by:
            said = f"{firm.paid_by['name']} pays already: another is named on the firm's own page."
            staged.conflicts.append(Problem("name", said))
        return staged

    def write(self, plan: Plan) -> list[Model]:
        firm = plan.staged.found
        name_payer(firm, facts_of(plan.values))
        plan.touched, plan.is_recorded = [firm], True
        return []


def facts_of(record: Record) -> dict[str, str]:
    """All of who pays; what a row does not say is empty."""
    return {one.name: str(record.get(one.name, "")) for one in TOLD}


def _plain(facts: Record) -> dict[str, str]:
    """As facts are compared: an address for mail is the same in capitals."""
    return {
        name: " ".join(str(told).split()) if name != "email" else str(told).lower()
        for name, told in facts.items()
    }
