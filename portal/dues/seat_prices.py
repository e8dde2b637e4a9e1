"""What more seats cost inside a term: one line, for the days that are left. Pure arithmetic."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from portal.dues.periods import NotQuotable, in_words
from portal.dues.pricing import Quote, QuoteLine, quote
from portal.dues.rules import Rule
from portal.dues.shapes import limits


def more_seats(
    book: dict[str, Any], kind: str, days: tuple[date, date, date], seats: tuple[int, int],
    taxes: Mapping[str, Any] | None = None, leaves_on: date | None = None,
) -> QuoteLine:  # fmt: skip
    """`days` are the term's first and last, and today; `seats` how many there are and will be.

    `leaves_on` is the last day of a term that ends before its time: they are charged so far.

    The difference of the two full prices times the days left over the period's, rounded once;
    nothing where the two are one price, at the minimum or the maximum of the rule.
    Raises `NotQuotable` where the tariff has no price for seats of this class.
    """
    start, end, today = days
    rules = [rule for rule in book.get("rules", []) if rule.get("kind") == "seats"]
    nothing = {"kind": "flat", "classes": "*", "amount": 0}  # dues are no question here
    case = {
        "class": kind, "joined_on": start.isoformat(), "ends_on": end.isoformat(),
        "seats": seats[0], "renews": True, "taxes": taxes, "leaves_on": leaves_on,
        "changes": [{"on": today.isoformat(), "seats": seats[1]}],
    }  # fmt: skip
    found = quote({**book, "rules": [nothing, *rules]}, case)
    lines = [line for line in found.lines if line.income == "seats" and "after" in line.inputs]
    if lines:
        return lines[-1]
    whole = quote({**book, "rules": [nothing, *rules]}, case | {"seats": seats[1], "changes": []})
    return _for_nothing(whole, today)


def _for_nothing(whole: Quote, today: date) -> QuoteLine:
    """The line of all the seats, of which those that came to them cost nothing."""
    lines = [line for line in whole.lines if line.income == "seats"]
    if not lines:
        raise NotQuotable("The tariff has no price for more seats of this class.")
    line = lines[-1]
    return replace(
        line, text=f"{line.text}, change on {in_words(today)}", net=0, tax=0, covers_from=today,
        formula=f"{line.formula}; the price of all of them stays what it was",
        inputs=line.inputs | {"on": today.isoformat()},
    )  # fmt: skip


def is_priced_together(book: dict[str, Any], kind: str) -> bool:
    """Is there a least or a most for all extra seats of a class, whenever they were ordered?"""
    return any(limit is not None for rule in _rules(book, kind) for limit in limits(rule))


def included_seats(book: dict[str, Any], kind: str) -> dict[str, int] | None:
    """What a term's snapshot keeps: how many its price includes; None where none are counted."""
    mine = _rules(book, kind)
    return {"included": sum(int(rule.get("included", 0)) for rule in mine)} if mine else None


def _rules(book: dict[str, Any], kind: str) -> list[Rule]:
    found = [rule for rule in book.get("rules", []) if rule.get("kind") == "seats"]
    return [rule for rule in found if rule["classes"] == "*" or kind in rule["classes"]]
