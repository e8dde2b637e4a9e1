"""Who pays the dues of a firm in its place: named whole, of a firm that pays itself so far."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.core.db import Model
from portal.core.merging import winners
from portal.dues.actions import name_payer
from portal.exchange import cells
from portal.exchange.fields import Field, Problem, Read
from portal.exchange.kinds.finding import FIRM_FIELDS, Firms, firm_problems
from portal.exchange.plans import Plan, Seen, Staged
from portal.members.models import Organization

TOLD = (
    Field("payer", cells.text, ("payer name", "name of the payer"), is_fixed=True),
    Field("payer_address", cells.text, (), is_fixed=True),
    Field("payer_country", cells.country, (), is_fixed=True),
    Field("payer_tax_id", cells.identifier, ("payer vat number",), is_fixed=True),
    Field("payer_email", cells.email, ("payer e mail",), is_fixed=True),
    Field("payer_reference", cells.identifier, ("payer purchase order", "payer po"),
          is_fixed=True),
)  # fmt: skip
FIELDS = (*FIRM_FIELDS, *TOLD)
NEEDED = {
    "payer": "name", "payer_address": "address", "payer_country": "country",
    "payer_email": "address for invoices",
}  # fmt: skip


class PayerRows:
    """Some rows of payers beside the firms that they name."""

    def __init__(self, reads: Sequence[Read], _seen: Seen) -> None:
        self.firms = Firms()
        self.firms.load([one.record for one in reads])
        self.merged = winners(Organization)

    def stage(self, read: Read) -> Staged:
        answer = self.firms.find(read.record)
        firm = answer.firm
        label = firm.name if firm else read.record.get("firm", f"line {read.line}")
        staged = Staged(label, conflicts=firm_problems(answer), found=firm)
        staged.ignored = frozenset(one.name for one in FIRM_FIELDS)
        staged.errors = [
            Problem(name, f"Who pays needs the {what}.")
            for name, what in NEEDED.items() if read.lacks(name)
        ]  # fmt: skip
        if firm is None:
            return staged
        staged.is_new, staged.names = not firm.paid_by, [("payer", firm.id)]
        known = told_of(firm)
        if firm.id in self.merged:
            said = f"This is another record of firm {self.merged[firm.id]} now: name that one."
            staged.conflicts.append(Problem(answer.field, said))
        elif known and _plain(known) == _plain(known | read.record):
            staged.ignored = frozenset(one.name for one in FIELDS)
        elif known:
            said = "Somebody else pays for it already: that is changed on the firm's own page."
            staged.conflicts.append(Problem("payer", said))
        return staged

    def write(self, plan: Plan) -> list[Model]:
        firm = plan.staged.found
        told = {_inside(one.name): str(plan.values.get(one.name, "")) for one in TOLD}
        name_payer(firm, told)
        plan.touched, plan.is_recorded = [firm], True
        return []


def told_of(firm: Organization) -> dict[str, str]:
    """What is known of who pays for the firm, by the names of the columns; empty: the firm."""
    if not firm.paid_by:
        return {}
    return {one.name: str(firm.paid_by.get(_inside(one.name), "")) for one in TOLD}


def _inside(name: str) -> str:
    """`email` of `payer_email`: how the firm keeps it."""
    return "name" if name == "payer" else name.removeprefix("payer_")


def _plain(facts: Mapping[str, Any]) -> dict[str, str]:
    """Who pays, as it is compared: an address for mail is the same in capitals."""
    told = {one.name: " ".join(str(facts.get(one.name, "")).split()) for one in TOLD}
    return told | {"payer_email": told["payer_email"].lower()}
