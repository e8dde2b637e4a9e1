"""What is worth a second look in a practice, although nothing forbids it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portal.core.filters import is_web
from portal.library.front_matter import ORDER, SYSTEM

MONEY = re.compile(
    r"(?:[€£$¥₱₹]|\b(?:EUR|USD|GBP|PHP|INR|ZAR|JPY|CHF|PLN|COP|MXN))\s?(\d[\d,.]*\d|\d)"
    r"|\b(\d[\d,.]*\d|\d)\s?(?:EUR|USD|GBP|PHP|INR|ZAR|JPY|CHF|PLN|COP|MXN)\b"
)
SHOWN = 5


def warnings(front: Mapping[str, Any], body: str) -> Iterator[str]:
    """In words, each beginning with its key."""
    for key in sorted(set(front) - set(ORDER) - SYSTEM):
        yield f"{key}: not a key that the library knows; it is kept as it is"
    given = {_digits(str(one.get("value", ""))) for one in _maps(front.get("figures"))}
    found = dict.fromkeys(_digits(one[1] or one[2]) for one in MONEY.finditer(body))
    unsourced = [one for one in found if one not in given]
    if unsourced and not front.get("demo"):
        shown = ", ".join(unsourced[:SHOWN]) + (" …" if len(unsourced) > SHOWN else "")
        yield f"figures: amounts of the text without a source: {shown}"
    for number, one in enumerate(_maps(front.get("sources")), 1):
        if one.get("url") and not is_web(one["url"]):
            yield f"sources: the address of source {number} is not a web address and is not linked"


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value or [] if isinstance(one, Mapping)]


def _digits(text: str) -> str:
    return text.replace(",", "").rstrip(".").removesuffix(".00")
