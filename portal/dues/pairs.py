"""What a rule may tell in one of two ways, and in one of them only."""

from collections.abc import Mapping
from typing import Any

from portal.dues.rules import exact

PAIRS = {
    "discount": ("percent", "amount"), "early_payment": ("percent", "amount"),
    "seats": ("price", "tiers"),
}  # fmt: skip


def is_told(value: Any) -> bool:
    return value not in (None, "", [])


def pair_fault(kind: str, told: Mapping[str, Any]) -> str:
    """What is wrong with the two ways to tell one thing, as the rest of a sentence; "" if nothing.

    A discount is a percentage or an amount, and takes something off; a seat has a price or tiers.
    """
    pair = PAIRS.get(kind)
    if pair is None:
        return ""
    said = [told[name] for name in pair if is_told(told.get(name))]
    if not said:
        return "has no price of a seat" if kind == "seats" else "takes nothing off: say how much"
    if len(said) > 1:
        return f"says both {pair[0]} and {pair[1]}: leave one of them out"
    if kind != "seats" and exact(said[0], "discount") == 0:
        return "takes nothing off: say how much"
    return ""
