"""Firms that a tariff should be able to price: one of each class that it has dues for. Pure."""

from typing import Any

from portal.dues.declaring import metrics_asked
from portal.dues.fees import trial_offered
from portal.dues.periods import NotQuotable
from portal.dues.pricing import quote
from portal.dues.rules import Book, Case, Rule, concerns, exact
from portal.dues.shapes import SHAPES, price_of
from portal.members.models import CLASS_NAMES, MembershipClass


def why_not_priced(book: Book) -> str:
    """Why the tariff prices nobody of a class that it has dues for, in a sentence; "" if it does.

    A class without a rule is priced by no intention; so is a band whose price is not decided.
    """
    charged = [rule for rule in book["rules"] if rule["kind"] in {*SHAPES, "kept_price"}]
    if not charged:
        return "This tariff has no dues for any class: write a rule that charges them."
    for kind in MembershipClass:
        if any(concerns(rule, kind) for rule in charged if rule["kind"] in SHAPES):
            case = _case(book, kind)
            why = _refusal(book, case)
            if not why and trial_offered(book, kind):
                why = _refusal(book, case | {"trial": True})
            if why:
                return f"This tariff prices no firm of the class {CLASS_NAMES[kind]}: {why}"
    return ""


def _refusal(book: Book, case: Case) -> str:
    try:
        quote(book, case)
    except NotQuotable as why:
        return str(why)
    return ""


def _case(book: Book, kind: MembershipClass) -> Case:
    """A firm of a size at which all the rules of its class have a price, where there is one."""
    case: Case = {"class": kind.value, "joined_on": book["effective_from"]}
    rules = [
        rule for rule in book["rules"] if rule["kind"] in SHAPES and concerns(rule, kind)
    ]  # fmt: skip
    metrics = {}
    for metric in metrics_asked(book, [kind]):
        counted = [rule for rule in rules if rule.get("metric") == metric]
        found = (size for size in _sizes(counted) if _have_price(counted, case, size, book))
        metrics[metric] = next(found, "1")
    return case | {"metrics": metrics}


def _have_price(rules: list[Rule], case: Case, size: str, book: Book) -> bool:
    try:
        for rule in rules:
            price_of(rule, case | {"metrics": {rule["metric"]: size}}, book["currency"])
    except NotQuotable:
        return False
    return True


def _sizes(rules: list[Rule]) -> list[str]:
    """Where something of the price changes: the ends of all rows, the most of it, and one."""
    ends: list[Any] = [1]
    for rule in rules:
        rows = rule.get("bands") or rule.get("tiers") or []
        ends += [end for row in rows for end in (row[1], row[0])]
        ends.append(rule.get("at_most"))
    told = dict.fromkeys(str(end) for end in ends if end is not None)
    return [one for one in told if exact(one, "size")]
