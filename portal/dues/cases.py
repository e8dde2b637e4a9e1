"""A case as a file tells it: every fact of it checked before anything is reckoned."""

from collections.abc import Mapping
from typing import Any

from portal.dues.needs import (
    DAY,
    MOST_COUNTED,
    PERCENT,
    TEXT,
    UNITS,
    Need,
    Unreadable,
    are_texts,
    by_name,
    is_number,
    is_text,
    unknown,
    unmet,
    whole_number,
)
from portal.dues.periods import NotQuotable
from portal.dues.rules import Case
from portal.dues.tax_rules import CATEGORIES, Outcome
from portal.members.models import MembershipClass


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _is_of_objects(value: Any) -> bool:
    return isinstance(value, dict) and _are_objects(list(value.values()))


def _is_outcome(value: Any) -> bool:
    return is_text(value) and value in set(Outcome)


YES_OR_NO = Need("true or false", lambda value: isinstance(value, bool))
NAMES = Need('a list of names, like ["sme"]', are_texts)
NUMBERS = Need('numbers by their names, like {"headcount": 60}', by_name(is_number))
WORDS = Need("texts by the names of the numbers", by_name(is_text))
COUNT = whole_number(0, MOST_COUNTED)
CLASS = Need(
    "a class of members, like provider_front",
    lambda value: is_text(value) and value in set(MembershipClass),
)
CHANGE = {"on": DAY, "class": CLASS, "metrics": NUMBERS, "basis": WORDS, "seats": COUNT}
TAX = {
    "outcome": Need("an outcome, like reverse_charge", _is_outcome),
    "percent": PERCENT,
    "text": TEXT,
}
NEEDS = {
    "class": CLASS, "metrics": NUMBERS, "basis": WORDS, "others": NUMBERS, "seats": COUNT,
    "joined_on": DAY, "anchor_on": DAY, "ends_on": DAY, "trial_from": DAY,
    "renews": YES_OR_NO, "reinstates": YES_OR_NO, "is_affiliate": YES_OR_NO, "trial": YES_OR_NO,
    "facts": NAMES, "chapters": NAMES, "donation": UNITS, "cap": UNITS, "trial_credited": UNITS,
    "changes": Need("a list of changes, each an object", _are_objects),
    "taxes": Need("taxes by the kind of line, each an object", _is_of_objects),
}  # fmt: skip


def cases_in(data: Any) -> list[Any]:
    """The cases of what `portal quote` reads; raises `Unreadable`."""
    if not isinstance(data, dict) or "tariff" not in data:
        raise Unreadable("An object with a tariff and a list of cases is needed.")
    if fault := unknown(data, ("tariff", "cases"), "The file"):
        raise Unreadable(fault)
    if not isinstance(data.get("cases"), list):
        raise Unreadable("The file has no cases: a list of them is needed beside the tariff.")
    return list(data["cases"])


def read_case(told: Any) -> Case:
    """A case of which every fact can be; raises `NotQuotable` with a sentence."""
    if not isinstance(told, dict):
        raise NotQuotable("This case is no object with a class, metrics and a joining day.")
    _check(told, NEEDS, "The case", extra=("id",))
    for change in told.get("changes") or []:
        _check({"on": ""} | change, CHANGE, "A change of the case")
    taxes = told.get("taxes") or {}
    if fault := unknown(taxes, CATEGORIES, "The case’s taxes"):
        raise NotQuotable(fault)
    for one in taxes.values():
        _check(dict.fromkeys(TAX, "") | one, TAX, "A tax of the case")
    if told.get("ends_on") and told["ends_on"] < str(told.get("joined_on") or ""):
        raise NotQuotable("The case’s ends_on lies before its joined_on.")
    if not told.get("class"):
        raise NotQuotable("The case names no class of members, like provider_front.")
    return told


def _check(
    told: Mapping[str, Any], needs: Mapping[str, Need], whose: str, extra: tuple[str, ...] = ()
) -> None:  # fmt: skip
    fault = unknown(told, (*needs, *extra), whose)
    if fault:
        raise NotQuotable(fault)
    fault = unmet(told, needs)
    if fault:
        raise NotQuotable(f"{whose} cannot be read: {fault}.")
