"""The kinds of rule as data: what each is called and asks, for the forms and for the reader.

One table serves the pages that write a rule and the check of a book that somebody brings.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from portal.dues.needs import (
    MOST_COUNTED,
    MOST_UNITS,
    TEXT,
    Unreadable,
    are_texts,
    is_day,
    is_number,
    is_text,
    is_whole,
    shown,
    unknown,
    unmet,
)
from portal.dues.pairs import pair_fault
from portal.dues.periods import NotQuotable
from portal.dues.rules import Book, Rule, exact
from portal.dues.shapes import ROUNDINGS, SHAPES, check_bands, limits
from portal.dues.tariff_heads import check_head
from portal.dues.tariff_words import tariff_words
from portal.members.models import MembershipClass

NAME = r"[a-z][a-z0-9_]*\Z"


@dataclass(frozen=True)
class Ask:
    """One thing that a rule says. `form` is money, number, count, percent, text, name, day, rows,
    rounding or yes."""

    name: str
    label: str
    form: str
    needed: bool = True
    hint: str = ""
    least: int = 0
    most: int | None = None  # None: as its form says

    @property
    def limits(self) -> tuple[int, int]:
        usual = {"count": MOST_COUNTED, "percent": 100}.get(self.form, MOST_UNITS)
        return self.least, usual if self.most is None else self.most


@dataclass(frozen=True)
class Kind:
    title: str
    says: str
    own: tuple[Ask, ...]
    has_price: bool = True

    @property
    def asks(self) -> tuple[Ask, ...]:
        """What it says itself, and what all that charge something may say."""
        return (*self.own, *MORE) if self.has_price else self.own


METRIC = Ask("metric", "Counted by", "name", hint="Like contact_centre_fte, headcount, revenue.")
ROUND = Ask("rounding", "Rounded before it is looked up", "rounding", needed=False)
AMOUNT = Ask("amount", "Amount", "money")
IN_PART = Ask("is_prorated", "Late joiners pay a part of it", "yes", needed=False)
UNIT = Ask("price", "Price of one", "money")
AT_MOST = Ask("at_most", "No more than", "number", needed=False, hint="More is refused.")
BANDS = Ask("bands", "Bands", "rows")
LIMITS = (
    Ask("min", "At least", "money", needed=False, hint="What comes out lower is raised to it."),
    Ask("max", "At most", "money", needed=False, hint="What comes out higher is lowered to it."),
)
TIERS = Ask("tiers", "Tiers", "rows", hint="The price is that of one unit.")

KINDS = {
    "flat": Kind("One price", "Everybody of a class pays the same.", (AMOUNT,)),
    "bands": Kind("Bands", "A price for each band of a number.", (METRIC, ROUND, BANDS, *LIMITS)),
    "per_unit": Kind("Price of each", "So much for each unit, with a least and a most.", (
        METRIC, ROUND, UNIT, *LIMITS, AT_MOST)),
    "base_plus": Kind("Base and more", "A base that includes some, and a price for each above.", (
        METRIC, ROUND, Ask("base", "Base", "money"),
        Ask("included", "Included in the base", "number", needed=False), UNIT, *LIMITS)),
    "graduated": Kind("Tiers, each at its price", "Each tier’s units at that tier’s price.",
                      (METRIC, ROUND, TIERS, *LIMITS)),
    "volume": Kind("Tiers, all at one price", "All units at the price of the tier reached.",
                   (METRIC, ROUND, TIERS, *LIMITS)),
    "joining_fee": Kind("Joining fee", "Once, from who joins.", (AMOUNT, IN_PART)),
    "reinstatement_fee": Kind("Coming back", "Once, from who lapsed and comes back.", (AMOUNT,)),
    "chapter_fee": Kind("Chapter fee", "From the members of a chapter.", (
        Ask("chapter", "Chapter", "text"), AMOUNT, IN_PART)),
    "levy": Kind("Special levy", "For one purpose, by a decision of its own.", (
        AMOUNT, Ask("decision", "Decision", "text", hint="Printed on the invoice."), IN_PART)),
    "donation": Kind("Gift", "What a payer wishes to give; it may be left out.", ()),
    "seats": Kind("Extra seats", "Places beyond those the dues include.", (
        Ask("included", "Included", "count"), Ask("price", "Price of one", "money", needed=False),
        Ask("tiers", "Or by tiers of extra seats", "rows", needed=False),
        *LIMITS, Ask("at_most", "No more than", "count", needed=False))),
    "kept_price": Kind("Price kept", "What some members go on paying until a day, as they did.", (
        AMOUNT, Ask("if", "For whom", "name", hint="A name in small letters, like founders."),
        Ask("until", "For terms that begin by", "day"))),
    "discount": Kind("Discount", "The largest counts, and those given on top of it.", (
        Ask("percent", "Per cent", "percent", needed=False),
        Ask("amount", "Or an amount", "money", needed=False),
        Ask("if", "For whom", "name", needed=False, hint="A name in small letters, like sme."),
        Ask("until", "Last day", "day", needed=False),
        Ask("decision", "Decision", "text", needed=False, hint="Said where the price is told."),
        Ask("is_on_top", "Given on top of another discount", "yes", needed=False))),
    "early_payment": Kind("Early payment", "So much less of the dues for who pays early.", (
        Ask("percent", "Per cent", "percent", needed=False),
        Ask("amount", "Or an amount", "money", needed=False),
        Ask("days", "Paid in days of the invoice", "count"),
        Ask("until", "Last day", "day", needed=False),
        Ask("if", "For whom", "name", needed=False, hint="A name in small letters, like sme."),
        Ask("is_on_top", "Given on top of another discount", "yes", needed=False))),
    "trial": Kind("Trial", "A first membership of some months.", (
        Ask("months", "Months", "count", least=1, most=24), AMOUNT)),
    "allowance": Kind("Allowance", "What each term includes beside seats, counted when used.", (
        Ask("of", "Of what", "name",
            hint="In small letters, like event_passes, meeting_room_hours or job_posts."),
        Ask("granted", "How many for a term", "count")), has_price=False),
}  # fmt: skip
MORE = (
    Ask("text", "Words on the invoice", "text", needed=False),
    Ask("tax_percent", "Tax of its own, in per cent", "percent", needed=False,
        hint="Only where it differs from the tariff’s."),
)  # fmt: skip
# What a tariff that is brought in may say of some kinds too, and no form asks.
DECISION = Ask("decision", "Decision", "text", needed=False)
UNASKED = {
    "flat": LIMITS, **dict.fromkeys(("bands", "base_plus", "graduated", "volume"), (AT_MOST,)),
    "joining_fee": (DECISION,), "chapter_fee": (DECISION,),
    **dict.fromkeys(("reinstatement_fee", "donation"), (DECISION, IN_PART)),
}  # fmt: skip


def read_book(data: Any) -> Book:
    """The tariff of an export, or the tariff alone, without what is null in it.

    Raises `Unreadable` with a sentence that names the field.
    """
    book = data.get("tariff", data) if isinstance(data, dict) else None
    if not isinstance(book, dict) or not isinstance(book.get("rules"), list):
        raise Unreadable("This is no tariff: an object with its rules is needed.")
    book = _told(book)
    try:
        check_head(book)
        book["rules"] = [
            _checked(rule, f"Rule {number}") for number, rule in enumerate(book["rules"], 1)
        ]
        tariff_words(book)  # what no page can tell is no tariff
    except (NotQuotable, ValueError, TypeError, LookupError) as why:
        raise Unreadable(f"The tariff cannot be read: {why}") from why
    return book


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    """What is told; null is the same as nothing, inside of its objects too."""
    return {
        name: _told(value) if isinstance(value, dict) else value
        for name, value in facts.items() if value is not None
    }  # fmt: skip


def _checked(rule: Any, where: str) -> Rule:
    kind = KINDS.get(str(rule.get("kind"))) if isinstance(rule, dict) else None
    if kind is None:
        raise Unreadable(f"{where} is of no known kind.")
    rule, where = _told(rule), f"{where}, {rule['kind']}"
    try:
        fault = _fault(rule, kind, where)
    except NotQuotable as why:
        raise Unreadable(f"{where}: {why}") from why
    if fault:
        raise Unreadable(fault)
    return rule


def _fault(rule: Rule, kind: Kind, where: str) -> str:
    """What is wrong with a rule, in a sentence; "" when nothing is."""
    asks = (*kind.asks, *UNASKED.get(rule["kind"], ()))
    if fault := unknown(rule, {"kind", "classes", *BASIC, *(ask.name for ask in asks)}, where):
        return fault
    if fault := unmet(rule, BASIC):
        return f"{where}: {fault}."
    if not _are_classes(rule.get("classes")):
        return f"{where}: its classes, {shown(rule.get('classes'))}, are not known."
    if missing := [ask for ask in kind.asks if ask.needed and ask.name not in rule]:
        return f"{where} does not say: {missing[0].label.lower()}."
    if rule["kind"] in {*SHAPES, "seats"}:
        _check_limits(rule, where)
    for ask in asks:
        if ask.name in rule:
            check_value(ask, rule[ask.name], where)
    fault = pair_fault(rule["kind"], rule)
    return fault and f"{where} {fault}."


def _are_classes(value: Any) -> bool:
    return value == "*" or (
        are_texts(value) and value != [] and set(value) <= set(MembershipClass)
    )


BASIC = {"id": TEXT, "text": TEXT}


def _check_limits(rule: Rule, where: str) -> None:
    least, most = limits(rule)
    if least is not None and most is not None and most < least:
        raise Unreadable(f"{where} has a maximum that is below its minimum.")


def check_value(ask: Ask, value: Any, where: str) -> None:
    """Raises `Unreadable` when a rule says something that it cannot say."""
    least, most = ask.limits
    if ask.form in {"money", "count"}:
        is_good = is_whole(value, least, most)
    elif ask.form in {"number", "percent"}:
        is_good = is_number(value, least, most)
    elif ask.form == "rows":
        is_good = _are_rows(value)
    else:
        is_good = IS_GOOD[ask.form](value) and not (ask.needed and value == "")
    if not is_good:
        within = f" from {least} to {most}" if most < MOST_UNITS else MORE_WORDS.get(ask.form, "")
        raise Unreadable(f"{where}, {ask.name}: {shown(value)} is no {ask.label.lower()}{within}.")


MORE_WORDS = {"money": " in minor units", "rows": " of from, to and price"}
IS_GOOD: dict[str, Callable[[Any], bool]] = {
    "rounding": lambda value: is_text(value) and value in ROUNDINGS,
    "day": is_day,
    "name": lambda value: is_text(value) and bool(re.match(NAME, value)),
    "yes": lambda value: isinstance(value, bool),
    "text": is_text,
}


def _are_rows(rows: Any) -> bool:
    """Rows of from, to and price; what is wrong between them is said by `check_bands`."""
    if not isinstance(rows, list) or not all(map(_is_row, rows)):
        return False
    check_bands(rows)
    return True


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, list) and len(row) == 3 and is_number(row[0])
        and (row[1] is None or is_number(row[1])) and (row[2] is None or is_whole(row[2]))
    )  # fmt: skip


def row_faults(limits: Iterable[tuple[Any, Any]]) -> dict[int, str]:
    """What is wrong with a table of (from, to), by row: gaps, overlaps, ends before beginnings."""
    rows, found = list(limits), {}
    for n, (low, high) in enumerate(rows):
        if high is not None and exact(high, "band") < exact(low, "band"):
            found[n] = f"It ends at {high}, before it begins at {low}"
    for n, (before, after) in enumerate(pairwise(rows), 1):
        if before[1] is None:
            found[n] = "The row above has no end: nothing can follow it"
        else:
            step = exact(after[0], "band") - exact(before[1], "band")
            if step < 0:
                found[n] = f"It overlaps the row above, which ends at {before[1]}"
            elif step > 1:
                found[n] = f"It leaves a gap after {before[1]}, where the row above ends"
    return found
