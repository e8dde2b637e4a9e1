"""Cells as people type them and spreadsheets spoil them: each reader answers a value, or says in
a sentence what is wrong with the cell."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from babel import Locale

from portal.core.clock import FIRST_DAY, LAST_DAY, is_reckoned
from portal.core.mail import ADDRESS
from portal.core.money import decimals_of, parse
from portal.core.sheets import plain, revealed

Kind = TypeVar("Kind", bound=StrEnum)
FIRST_SERIAL = date(1899, 12, 30)  # day 0 of a spreadsheet, its leap day of 1900 reckoned in
SHORTENED = re.compile(r"[+-]?\d+([.,]\d+)?[eE]\+\d+")
SPLIT_DAY = re.compile(r"(\d{1,4})[./ -](\d{1,2}|[A-Za-z]{3,9})\.?[./ -](\d{1,4})")
GROUPED_COMMA = re.compile(r"-?\d{1,3}(\.\d{3})*,\d{1,2}|-?\d+,\d{1,2}")
PLAIN_AMOUNT = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
MONTHS = {name.lower(): n for n, name in Locale("en").months["format"]["wide"].items()}
MONTHS |= {name[:3]: n for name, n in MONTHS.items()}
COUNTRIES = {str(name).lower(): code for code, name in Locale("en").territories.items()}
COUNTRY_CODES = {code for code in COUNTRIES.values() if len(code) == 2 and code.isalpha()}
WHOLE_DAY = " 00:00:00"


def text(cell: str) -> str:
    """Lines without blanks around them; a formula that was made harmless is itself again."""
    lines = (plain(line) for line in revealed(cell).split("\n"))
    return "\n".join(line for line in lines if line)


def identifier(cell: str) -> str:
    """A number that names something; one that a spreadsheet has shortened is refused."""
    found = text(cell)
    if SHORTENED.fullmatch(found):
        raise ValueError(
            f"A spreadsheet shortened this number to {found}: format the column as text, "
            "enter the whole number and save again."
        )
    return found


def day(cell: str) -> date:
    """`2026-11-22`, `22.11.2026`, `22 Nov 2026`, or the serial number of a spreadsheet."""
    found = _read_day(text(cell).removesuffix(WHOLE_DAY))
    if not is_reckoned(found):
        raise ValueError(f"“{text(cell)}” is not a day from {FIRST_DAY} to {LAST_DAY}.")
    return found


def _read_day(found: str) -> date:
    try:
        return date.fromisoformat(found)
    except ValueError:
        pass
    if found.isdecimal() and 10_000 <= int(found) < 80_000:
        return FIRST_SERIAL + timedelta(days=int(found))
    parts = SPLIT_DAY.fullmatch(found)
    try:
        if parts:
            return _day_of(found, *parts.groups())
    except (ValueError, KeyError) as error:
        if "two days" in str(error):
            raise
    raise ValueError(f"“{found}” is no day: write it like 2026-11-22.")


def _day_of(found: str, first: str, middle: str, last: str) -> date:
    if not middle.isdecimal():
        return date(int(last), MONTHS[middle.lower()], int(first))
    if len(first) == 4:
        return date(int(first), int(middle), int(last))
    if len(last) != 4:
        raise ValueError(found)
    one, two = int(first), int(middle)
    if "/" in found and one <= 12 and two <= 12 and one != two:
        raise ValueError(f"“{found}” can be two days: write it like {last}-{two:02}-{one:02}.")
    return date(int(last), one, two) if two > 12 else date(int(last), two, one)


def whole(cell: str) -> int:
    """A whole number, thousands grouped or not."""
    found = re.sub(r"(?<=\d)[,.\s’'](?=\d{3}(\D|$))", "", text(cell))
    if SHORTENED.fullmatch(found) or not found.isdecimal() or len(found) > 9:
        raise ValueError(f"“{text(cell)}” is no whole number: write it like 120.")
    return int(found)


def row_id(cell: str) -> int:
    found = identifier(cell)
    if not found.isdecimal() or not 0 < int(found) < 2**31:
        raise ValueError(f"“{found}” is no number of this portal.")
    return int(found)


def amount(cell: str, currency: str) -> int:
    """Minor units of `1209.50`, `1,209.50` or `1.209,50`."""
    found = text(cell).replace(" ", "")
    if decimals_of(currency) and GROUPED_COMMA.fullmatch(found):
        found = found.replace(".", "").replace(",", ".")
    if not PLAIN_AMOUNT.fullmatch(found):
        raise ValueError("Enter an amount in figures, like 1209.50")
    return parse(found, currency).minor


def email(cell: str) -> str:
    found = text(cell).lower()
    if not ADDRESS.match(found):
        raise ValueError(f"“{found}” is no e-mail address: write it like name@firm.example.")
    return found


def country(cell: str) -> str:
    """The ISO code of a code or an English name."""
    found = text(cell)
    code = found.upper() if found.upper() in COUNTRY_CODES else COUNTRIES.get(found.lower())
    if code is None:
        raise ValueError(f"“{found}” is no country: write its code, like PH.")
    return code


def currency(cell: str) -> str:
    found = text(cell).upper()
    if found not in Locale("en").currencies:
        raise ValueError(f"“{found}” is no currency: write its code, like EUR.")
    return found


def one_of(kind: type[Kind], names: dict[Kind, str] | None = None) -> Callable[[str], Kind]:
    """A reader of the words of an enumeration, or of their names for people."""
    known = {one.value: one for one in kind}
    known |= {words.lower(): one for one, words in (names or {}).items()}

    def read(cell: str) -> Kind:
        found = text(cell).lower()
        one = known.get(found) or known.get(re.sub(r"[ -]", "_", found))
        if one is None:
            raise ValueError(f"“{found}” is not known: write one of {', '.join(kind)}.")
        return one

    return read
