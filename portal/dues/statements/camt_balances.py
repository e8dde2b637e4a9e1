"""What a CAMT.053 statement says of its balances, and whether its movements lead to them."""

from collections.abc import Callable, Iterable
from typing import Any
from xml.etree.ElementTree import Element

from portal.core.money import Money
from portal.core.states import Refused
from portal.dues.statements.records import Record, minor_units

SIGNS = {"CRDT": 1, "DBIT": -1}


def text_of(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def units(amount: Element) -> int:
    """Minor units as written, without a direction; ValueError says what is wrong."""
    return minor_units((amount.text or "").strip(), amount.get("Ccy", ""))


def prove(statement: Element, records: Iterable[Record]) -> None:
    """In each currency the movements lead from the opening to the closing balance, where the bank
    gives both; raises `Refused`."""
    told, moved = statement.findall("Bal"), list(records)
    for currency in sorted({one.get("Ccy", "") for one in statement.findall("Bal/Amt")}):
        here = [one for one in told if _currency(one) == currency]
        first = _balance(here, min, "OPBD", "PRCD")
        last = _balance(here, max, "CLBD")
        total = sum(one.minor for one in moved if one.currency == currency)
        if first is not None and last is not None and first + total != last:
            raise Refused(
                f"This statement does not add up: it opens with {Money(first, currency)} and "
                f"closes with {Money(last, currency)}, but its movements make "
                f"{Money(total, currency)}. Ask the bank for the whole statement."
            )


def _currency(balance: Element) -> str:
    amount = balance.find("Amt")
    return "" if amount is None else amount.get("Ccy", "")


def _balance(told: list[Element], which: Callable[..., Any], *kinds: str) -> int | None:
    """Of the first kind that is given, the earliest or the latest; None where it is not readable.

    A statement of many days may give both balances for each of them.
    """
    for kind in kinds:
        found = [one for one in told if text_of(one, "Tp/CdOrPrtry/Cd") == kind]
        if found:
            one = which(found, key=_day)
            sign, amount = SIGNS.get(text_of(one, "CdtDbtInd")), one.find("Amt")
            try:
                return sign * units(amount) if sign and amount is not None else None
            except ValueError:
                return None
    return None


def _day(balance: Element) -> str:
    return (text_of(balance, "Dt/Dt") or text_of(balance, "Dt/DtTm"))[:10]
