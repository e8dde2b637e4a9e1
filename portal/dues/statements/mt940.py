"""MT940 statements (SWIFT): tags at the beginning of lines, amounts with a decimal comma."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.core.states import Refused
from portal.dues.statements.records import (
    Problem,
    Record,
    Statement,
    account_name,
    cut,
    minor_units,
)

TAG = re.compile(r":(\d{2}[A-Z]?):(.*)", re.DOTALL)
MOVEMENT = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?(?P<mark>RC|RD|C|D)[A-Z]?(?P<amount>\d{1,15},\d{0,3})"
    r"[A-Z][A-Z0-9]{3}(?P<ours>[^\n]*?)(?://(?P<bank>[^\n]*))?(?:\n.*)?",
    re.DOTALL,
)
BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d{1,15},\d{0,3})")
SLASHED = re.compile(r"/(NAME|IBAN|BIC|REMI|EREF|CSID|MARF|TRTP|CNTP|ISDT|PURP|ULTD|USTD)/")
NUMBERED = re.compile(r"\?(\d{2})")


@dataclass
class Account:
    """What the tags before a movement said."""

    name: str = ""
    currency: str = ""
    sum_minor: int | None = None  # the opening balance and every movement so far


def read(text: str) -> Statement:
    """Every movement. Raises `Refused` for what is no MT940."""
    found, here = Statement("mt940"), Account()
    fields = list(_fields(text))
    if not any(tag == "61" or tag.startswith("60") for _, tag, _ in fields):
        raise Refused("This text is no MT940 statement: it has no movement and no balance.")
    for number, (line, tag, body) in enumerate(fields):
        if tag == "25":
            here = Account(account_name(body))
        elif tag in {"60F", "60M"}:
            here.currency, here.sum_minor = _balance(body)
        elif tag == "61":
            told = fields[number + 1][2] if fields[number + 1 : number + 2] and (
                fields[number + 1][1] == "86"
            ) else ""  # fmt: skip
            known = len(found.records)
            found.add(line, _record, body, told, here)
            _count(here, found.records[known:])
        elif tag in {"62F", "62M"}:
            _prove(found, line, body, here)
    return found


def _fields(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, tag and body of each field; a line without a tag continues the one before."""
    begun: tuple[int, str, str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        tagged = TAG.match(line)
        if tagged:
            if begun:
                yield begun
            begun = (number, tagged[1], tagged[2].rstrip())
        elif begun and line.strip() not in {"-", "-}"} and not line.startswith("{"):
            begun = (begun[0], begun[1], f"{begun[2]}\n{line.rstrip()}")
    if begun:
        yield begun


def _balance(body: str) -> tuple[str, int | None]:
    found = BALANCE.match(body)
    if not found:
        return "", None
    try:
        minor = minor_units(found[4].replace(",", ".").rstrip("."), found[3])
    except ValueError:
        return found[3], None
    return found[3], minor if found[1] == "C" else -minor


def _count(here: Account, added: list[Record]) -> None:
    """A movement that could not be read leaves nothing to prove the closing balance with."""
    if here.sum_minor is not None:
        here.sum_minor = here.sum_minor + added[0].minor if added else None


def _prove(found: Statement, line: int, body: str, here: Account) -> None:
    currency, closing = _balance(body)
    if None not in {closing, here.sum_minor} and (currency, closing) != (
        here.currency, here.sum_minor
    ):  # fmt: skip
        found.problems.append(
            Problem(line, "The movements before this line do not add up to its balance")
        )


def _record(body: str, told: str, here: Account) -> Record:
    movement = MOVEMENT.fullmatch(body)
    if not movement:
        raise ValueError("This movement cannot be read")
    if not here.currency:
        raise ValueError("No balance before this movement names its currency")
    minor = minor_units(movement["amount"].replace(",", ".").rstrip("."), here.currency)
    name, account, words = _told(told)
    return Record(
        account=here.name, booked_on=_day(movement["value"], movement["entry"]),
        minor=minor if movement["mark"] in {"C", "RD"} else -minor, currency=here.currency,
        counterparty=cut(name), counterparty_account=account_name(account), text=cut(words),
        entry_reference=cut(movement["bank"]),
    )  # fmt: skip


def _day(value: str, entry: str | None) -> date:
    """The booking day: month and day of the entry in the year nearest to the value day's."""
    try:
        valued = date(2000 + int(value[:2]), int(value[2:4]), int(value[4:]))
        if not entry:
            return valued
        near = [
            date(valued.year + years, int(entry[:2]), int(entry[2:]))
            for years in ((0,) if entry == "0229" else (-1, 0, 1))
        ]
    except ValueError:
        raise ValueError("This movement has no day") from None
    return min(near, key=lambda day: abs((day - valued).days))


def _told(told: str) -> tuple[str, str, str]:
    """Name, account and words of the information to the owner, in any of its three dialects."""
    if NUMBERED.search(told[:6]):
        parts = _pairs(NUMBERED, told.replace("\n", ""))
        words = "".join(text for key, text in parts if "20" <= key <= "29" or "60" <= key <= "63")
        name = "".join(text for key, text in parts if key in {"32", "33"})
        return name, dict(parts).get("31", ""), words
    if SLASHED.search(told):
        found = dict(_pairs(SLASHED, told.replace("\n", "")))
        counter = found.get("CNTP", "").split("/")
        name = found.get("NAME", "") or (counter[2] if len(counter) > 2 else "")
        words = found.get("REMI", "").removeprefix("USTD//").strip("/")
        return name, found.get("IBAN", "") or counter[0], words or found.get("EREF", "")
    return "", "", told.replace("\n", " ")


def _pairs(mark: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    pieces = mark.split(text)
    return list(zip(pieces[1::2], pieces[2::2], strict=True))
