"""The kinds of rule as data: what each is called and asks, for the forms and for the reader.

One table serves the pages that write a rule and the check of a book that somebody brings.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from portal.core.clock import is_reckoned
from portal.core.money import CURRENCIES
from portal.dues.periods import MONTHS_IN, NotQuotable, period_of
from portal.dues.rules import Book, Rule, exact
from portal.dues.shapes import ROUNDINGS, SHAPES, check_bands, limits
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
        Ask("months", "Months", "count"), AMOUNT)),
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
PRORATIONS = ("none", "days", "schedule", *MONTHS_IN)
PUBLIC = {
    "increase": "Why prices were changed",
    "staff_share": "What part goes to staff",
    "formula": "Why this formula",
    "cap": "Why the cap is fair",
    "exit": "How to leave",
    "peers": "What others ask",
}


class Unreadable(Exception):
    """A book that is no price book: the text says where and why, in a sentence."""


def read_book(data: Any) -> Book:
    """The tariff of an export, or the tariff alone; raises `Unreadable`."""
    book = data.get("tariff", data) if isinstance(data, dict) else None
    if not isinstance(book, dict) or not isinstance(book.get("rules"), list):
        raise Unreadable("This is no tariff: an object with its rules is needed.")
    try:
        _check_head(book)
        for number, rule in enumerate(book["rules"], 1):
            _check_rule(rule, f"Rule {number}")
        tariff_words(book)  # what no page can tell is no tariff
    except (NotQuotable, ValueError, TypeError, LookupError) as why:
        raise Unreadable(f"The tariff cannot be read: {why}") from why
    return book


def _check_head(book: Book) -> None:
    if not isinstance(book.get("code"), str) or not book["code"].strip():
        raise Unreadable("The tariff has no code, like 2027.")
    if book.get("currency") not in CURRENCIES:
        raise Unreadable(f"{book.get('currency')!r} is not a currency, like EUR.")
    first = date.fromisoformat(str(book.get("effective_from")))
    if not is_reckoned(first):
        raise Unreadable(f"The tariff begins on {first}, which is no day that we reckon with.")
    period_of(book.get("period") or {}, first)
    if book.get("proration", "none") not in PRORATIONS:
        raise Unreadable(f"The tariff prorates by {book['proration']!r}, which is not known.")
    exact(book.get("tax_percent", "0"), "tax percent")
    if book.get("cap"):
        exact(book["cap"], "cap")
    if not isinstance(book.get("public") or {}, dict):
        raise Unreadable("What the tariff tells the public is no list of texts.")


def _check_rule(rule: Any, where: str) -> None:
    kind = KINDS.get(str(rule.get("kind"))) if isinstance(rule, dict) else None
    if kind is None:
        raise Unreadable(f"{where} is of no known kind.")
    classes = rule.get("classes")
    if classes != "*" and not (classes and isinstance(classes, list)
                               and set(classes) <= set(MembershipClass)):  # fmt: skip
        raise Unreadable(f"{where} names a class that is not known.")
    if rule["kind"] in {*SHAPES, "seats"}:
        _check_limits(rule, where)
    for ask in kind.asks:
        if ask.name in rule and rule[ask.name] is not None:
            check_value(ask, rule[ask.name], where)
        elif ask.needed:
            raise Unreadable(f"{where} does not say: {ask.label.lower()}.")
    if rule["kind"] == "seats" and "price" not in rule and "tiers" not in rule:
        raise Unreadable(f"{where} has no price of a seat.")


def _check_limits(rule: Rule, where: str) -> None:
    least, most = limits(rule)
    if least is not None and most is not None and most < least:
        raise Unreadable(f"{where} has a maximum that is below its minimum.")


def check_value(ask: Ask, value: Any, where: str) -> None:
    """Raises `Unreadable` when a rule says something that it cannot say."""
    if ask.form in {"money", "count"}:
        is_good = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    elif ask.form in {"number", "percent"}:
        is_good = exact(value, ask.label) >= 0
    elif ask.form == "rows":
        is_good = _are_rows(value)
    elif ask.form == "rounding":
        is_good = value in ROUNDINGS
    elif ask.form == "day":
        is_good = is_reckoned(date.fromisoformat(str(value)))
    elif ask.form == "name":
        is_good = bool(re.match(NAME, str(value)))
    else:
        is_good = isinstance(value, bool if ask.form == "yes" else str)
    if not is_good:
        raise Unreadable(f"{where}: {value!r} is no {ask.label.lower()}.")


def _are_rows(rows: Any) -> bool:
    check_bands(rows)
    return all(
        price is None or (isinstance(price, int) and not isinstance(price, bool) and price >= 0)
        for _low, _high, price in rows
    )


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
