"""CSV statements: which column says what, as staff saved it once for each bank."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from portal.core import sheets
from portal.core.money import CURRENCIES
from portal.core.states import Refused
from portal.dues.statements.records import Record, Statement, account_name, cut, minor_units

WHAT = {
    "booked_on": "Day it was booked",
    "amount": "Amount",
    "credit": "Money in, where it has a column of its own",
    "debit": "Money out, where it has a column of its own",
    "direction": "In or out, where a column says so in words",
    "currency": "Currency",
    "counterparty": "Name of the payer",
    "counterparty_account": "Account of the payer",
    "text": "What the payer wrote",
    "reference": "Reference of the payer",
    "entry_reference": "The bank's own reference",
}
SEPARATORS = {";": "Semicolon ;", ",": "Comma ,", "\t": "Tab", "|": "Bar |"}
DECIMALS = {",": "Comma, like 1.234,56", ".": "Point, like 1,234.56"}
DAYS = {
    "%Y-%m-%d": "2026-11-22", "%d-%m-%Y": "22-11-2026", "%d.%m.%Y": "22.11.2026",
    "%d/%m/%Y": "22/11/2026", "%m/%d/%Y": "11/22/2026", "%Y%m%d": "20261122",
    "%d.%m.%y": "22.11.26", "%Y/%m/%d": "2026/11/22",
}  # fmt: skip
OUT = {"d", "debit", "dbit", "dr", "af", "s", "soll", "out", "-"}


@dataclass(frozen=True)
class Columns:
    """A column map; `headings` has a key of WHAT for each column that is read."""

    separator: str
    decimal: str
    day_format: str
    skipped: int  # rows before the headings
    account: str
    currency: str
    headings: Mapping[str, str]


def read(body: bytes, columns: Columns) -> Statement:
    """Every row with an amount. Raises `Refused` where the headings are not in the file."""
    rows = sheets.read(body, columns.separator)[columns.skipped :]
    if not rows:
        raise Refused("The file has no row with headings.")
    places = _places(rows[0], columns)
    found = Statement("csv")
    for number, row in enumerate(rows[1:], start=columns.skipped + 2):
        if any(row):
            cells = {key: row[place] if place < len(row) else "" for key, place in places.items()}
            found.add(number, _record, cells, columns)
    return found


def _places(heads: list[str], columns: Columns) -> dict[str, int]:
    known = {head.casefold(): place for place, head in reversed(list(enumerate(heads)))}
    wanted = {key: head for key, head in columns.headings.items() if head}
    missing = [head for head in wanted.values() if head.casefold() not in known]
    if missing:
        seen = ", ".join(f"“{head}”" for head in heads[:15] if head)
        raise Refused(
            f"The file has no column “{missing[0]}”. Its columns are {seen or 'not to be seen'}: "
            "is it the right column map, with the right separator?"
        )
    return {key: known[head.casefold()] for key, head in wanted.items()}


def _record(cells: dict[str, str], columns: Columns) -> Record:
    currency = (cells.get("currency") or columns.currency).upper()
    if currency not in CURRENCIES:
        raise ValueError(f"{cut(currency)[:10]!r} is no currency")
    words = f"{cells.get('reference', '')} {cells.get('text', '')}"
    return Record(
        account=account_name(columns.account), booked_on=_day(cells["booked_on"], columns),
        minor=_minor(cells, columns.decimal, currency), currency=currency,
        counterparty=cut(cells.get("counterparty")),
        counterparty_account=account_name(cells.get("counterparty_account")), text=cut(words),
        entry_reference=cut(cells.get("entry_reference")),
    )  # fmt: skip


def _day(text: str, columns: Columns) -> date:
    try:
        return datetime.strptime(text, columns.day_format).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        example = DAYS[columns.day_format]
        raise ValueError(f"The day {cut(text)[:30]!r} is not written like {example}") from None


def _minor(cells: dict[str, str], decimal: str, currency: str) -> int:
    if cells.get("amount"):
        minor = _signed(cells["amount"], decimal, currency)
        is_out = cells.get("direction", "").casefold() in OUT
        return -abs(minor) if is_out else minor
    came, went = (
        _signed(cells[key], decimal, currency) if cells.get(key) else 0
        for key in ("credit", "debit")
    )
    if not came and not went:
        raise ValueError("This row has no amount")
    return came - abs(went)


def _signed(text: str, decimal: str, currency: str) -> int:
    """`1.234,56`, `-12,00`, `12,00-`, `(12.00)`, `EUR 12,00`, `1 234,56`, `1'234.56`."""
    bare = re.sub(r"[\s'’]|[A-Z]{3}|[€$£]", "", text).replace("−", "-")
    is_below = bare.startswith(("-", "(")) or bare.endswith("-")
    bare = bare.strip("+-()")
    other = "." if decimal == "," else ","
    shape = rf"(\d{{1,3}}(\{other}\d{{3}})+|\d+)(\{decimal}\d+)?"
    if not re.fullmatch(shape, bare):
        raise ValueError(f"The amount {cut(text)[:30]!r} cannot be read")
    minor = minor_units(bare.replace(other, "").replace(decimal, "."), currency)
    return -minor if is_below else minor
