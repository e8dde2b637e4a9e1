"""Which tax a line has: dated rules that were adopted by a decision. Pure, and assumes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

Rule = Mapping[str, Any]
Table = tuple[date, Sequence[Rule]]  # in effect from a day until the next one's


class Outcome(StrEnum):
    STANDARD = "standard"
    REDUCED = "reduced"
    EXEMPT = "exempt"
    OUTSIDE = "outside"
    REVERSE_CHARGE = "reverse_charge"

    @property
    def is_charged(self) -> bool:
        return self in {Outcome.STANDARD, Outcome.REDUCED}


OUTCOMES = {
    Outcome.STANDARD: "Standard rate", Outcome.REDUCED: "Reduced rate", Outcome.EXEMPT: "Exempt",
    Outcome.OUTSIDE: "Outside the scope", Outcome.REVERSE_CHARGE: "Reverse charge",
}  # fmt: skip
PLACES = {
    "home": "In the association’s country", "listed": "In these countries", "anywhere": "Anywhere",
}  # fmt: skip
CUSTOMERS = {
    "any": "Anybody", "business": "A firm", "public_body": "A public body", "person": "A person",
}  # fmt: skip
TAX_IDS = {"any": "With or without", "checked": "Checked", "unchecked": "None, or not checked"}
CATEGORIES = {
    "any": "Every line", "dues": "Dues", "entry": "Joining and coming back", "seats": "Seats",
    "gift": "Gifts", "other": "Levies", "events": "Event fees", "interest": "Interest",
}  # fmt: skip


@dataclass(frozen=True)
class Customer:
    country: str  # ISO 3166-1
    kind: str  # business | public_body | person
    is_tax_id_checked: bool


@dataclass(frozen=True)
class Tax:
    """What a line says of its tax: `percent` is "0" unless the outcome is a rate."""

    outcome: str
    percent: str
    text: str


def customer_kind(member: str) -> str:
    """What sort of customer a class of membership is."""
    return {"individual": "person", "public_body": "public_body"}.get(member, "business")


def tax_of(
    tables: Sequence[Table], home: str, customer: Customer, category: str, on: date
) -> Tax | None:
    """The tax of a line of `category` that an association in `home` issues on a day.

    The table that is in effect decides, by the first of its rules that fits; None where there is
    no table, or no rule: then the tariff's own tax holds, and nothing is guessed.
    """
    in_effect = max((one for one in tables if one[0] <= on), key=lambda one: one[0], default=None)
    for rule in in_effect[1] if in_effect else ():
        if _fits(rule, home, customer, category):
            outcome = Outcome(rule["outcome"])
            percent = str(rule.get("percent") or "0") if outcome.is_charged else "0"
            return Tax(outcome.value, percent, rule["text"])
    return None


def _fits(rule: Rule, home: str, customer: Customer, category: str) -> bool:
    places = {
        "home": customer.country == home, "anywhere": True,
        "listed": customer.country in rule.get("countries", ()),
    }  # fmt: skip
    tax_id = "checked" if customer.is_tax_id_checked else "unchecked"
    return (
        places[rule.get("place", "anywhere")]
        and rule.get("customer", "any") in {"any", customer.kind}
        and rule.get("tax_id", "any") in {"any", tax_id}
        and rule.get("category", "any") in {"any", category}
    )


def taxes_of(
    tables: Sequence[Table], home: str, customer: Customer, on: date
) -> dict[str, dict[str, str]]:
    """The tax of every kind of line, as a case tells it to the price; empty without any."""
    found = {one: tax_of(tables, home, customer, one, on) for one in CATEGORIES if one != "any"}
    return {one: asdict(tax) for one, tax in found.items() if tax}


def on_line(told: Mapping[str, str] | None, own: str, usual: str) -> Tax:
    """`own` is the percent that the tariff's rule has for itself: it replaces a rate only.

    A line that is exempt, outside the scope or reverse charged stays so. Without any of both the
    tariff's `usual` percent holds.
    """
    if told is None or (own and Outcome(told["outcome"]).is_charged):
        return Tax("", own or usual, "")
    return Tax(told["outcome"], told["percent"], told["text"])
