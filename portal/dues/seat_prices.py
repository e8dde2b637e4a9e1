"""What more seats cost inside a term: one line, for the days that are left. Pure arithmetic."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.dues.periods import NotQuotable
from portal.dues.pricing import QuoteLine, quote


def more_seats(
    book: dict[str, Any], kind: str, days: tuple[date, date, date], seats: tuple[int, int],
    taxes: Mapping[str, Any] | None = None,
) -> QuoteLine:  # fmt: skip
    """`days` are the term's first and last, and today; `seats` how many there are and will be.

    The difference of the two full prices times the days left over the period's, rounded once.
    Raises `NotQuotable` where the tariff has no price for seats of this class.
    """
    start, end, today = days
    rules = [rule for rule in book.get("rules", []) if rule.get("kind") == "seats"]
    nothing = {"kind": "flat", "classes": "*", "amount": 0}  # dues are no question here
    case = {
        "class": kind, "joined_on": start.isoformat(), "ends_on": end.isoformat(),
        "seats": seats[0], "renews": True, "taxes": taxes,
        "changes": [{"on": today.isoformat(), "seats": seats[1]}],
    }  # fmt: skip
    found = quote({**book, "rules": [nothing, *rules]}, case)
    lines = [line for line in found.lines if line.income == "seats" and "after" in line.inputs]
    if not lines:
        raise NotQuotable("The tariff has no price for more seats of this class.")
    return lines[-1]


def included_seats(book: dict[str, Any], kind: str) -> dict[str, int] | None:
    """What a term's snapshot keeps: how many its price includes; None where none are counted."""
    rules = [rule for rule in book.get("rules", []) if rule.get("kind") == "seats"]
    mine = [rule for rule in rules if rule["classes"] == "*" or kind in rule["classes"]]
    return {"included": sum(int(rule.get("included", 0)) for rule in mine)} if mine else None
