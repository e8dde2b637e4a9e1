"""What every bank statement is read into: one record a movement, and the key that names it."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from portal.core.money import parse
from portal.core.sheets import plain
from portal.core.states import Refused

MOST_LINES = 5_000
LONGEST = 1_000  # letters of a text that are kept
AMOUNT = re.compile(r"\d{1,15}(\.\d{0,5})?", re.ASCII)
NO_REFERENCE = {"", "NONREF", "NOTPROVIDED", "NOTAVAILABLE"}


@dataclass(frozen=True)
class Record:
    """One movement on an account; `minor` is above zero when money came in."""

    account: str
    booked_on: date
    minor: int
    currency: str
    counterparty: str = ""
    counterparty_account: str = ""
    text: str = ""  # what the payer wrote, structured reference first
    entry_reference: str = ""  # the bank's own name of this movement


@dataclass(frozen=True)
class Problem:
    """What could not be read, at which line of the file (0: the file as a whole)."""

    line: int
    words: str


@dataclass
class Statement:
    """A file as it was read: what could be, and what could not."""

    kind: str
    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, make: Callable[..., Record], *facts: Any) -> None:
        """Keep the record that `make` reads from `facts`, or why it could not be read."""
        if len(self.records) + len(self.problems) >= MOST_LINES:
            raise Refused(f"The file has more than {MOST_LINES:,} movements: send it in parts.")
        try:
            made = make(*facts)
            if not made.minor:
                raise ValueError("This movement moves no money")
            self.records.append(made)
        except (ValueError, KeyError, IndexError) as error:
            self.problems.append(Problem(line, plain(error)[:200]))


def cut(text: str | None) -> str:
    """One line, and not longer than is kept."""
    return plain(text or "")[:LONGEST]


def account_name(text: str | None) -> str:
    """`NL91 ABNA 0417 1643 00` and `NL91ABNA0417164300/EUR` are one account."""
    squeezed = "".join(plain(text or "").split()).upper()
    return squeezed.partition("/")[0][:40] if squeezed[:2].isalpha() else squeezed[:40]


def minor_units(amount: str, currency: str) -> int:
    """An amount with a decimal point as banks write it; ValueError says what is wrong."""
    if not AMOUNT.fullmatch(amount):
        raise ValueError(f"The amount {plain(amount)[:30]!r} cannot be read")
    return parse(amount, currency).minor


def told_apart(records: Iterable[Record]) -> list[Record]:
    """The records of one statement; where some share a bank's reference, a day and an amount, the
    later ones have their number in it: a bank tells nothing twice in one statement."""
    seen: Counter[tuple[object, ...]] = Counter()
    found = []
    for one in records:
        name = (one.account, one.booked_on, one.minor, one.currency, one.entry_reference)
        seen[name] += 1
        is_later = seen[name] > 1 and one.entry_reference.upper() not in NO_REFERENCE
        found.append(
            replace(one, entry_reference=f"{one.entry_reference}/{seen[name]}")
            if is_later
            else one
        )
    return found


def keys(records: Iterable[Record]) -> list[str]:
    """The name of each record, the same whenever and in whichever file it is read.

    The bank's entry reference names it; without one its facts do, with the occurrence number
    within the day, so that two equal payments of one day are two.
    """
    seen: Counter[tuple[object, ...]] = Counter()
    found = []
    for one in records:
        facts: tuple[object, ...] = (
            one.account, one.booked_on.isoformat(), one.minor, one.currency
        )  # fmt: skip
        if one.entry_reference.upper() in NO_REFERENCE:
            facts += (one.counterparty, one.counterparty_account, one.text)
            seen[facts] += 1
            facts += (seen[facts],)
        else:
            facts += ("reference", one.entry_reference)
        found.append(hashlib.sha256(repr(facts).encode()).hexdigest()[:40])
    return found
