"""Tables as files: rows of CSV and XLSX, in and out, with hostile cells made harmless."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any

from openpyxl import Workbook, load_workbook

from portal.core.file_checks import PACKED, unpacked
from portal.core.states import Refused

MOST_BYTES = 20 * 2**20  # of text, once everything is unpacked
MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_PARTS = 500  # files inside one workbook
LONGEST = 32_000  # letters of one cell
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
FORMULA = re.compile(r"'*[=+\-@]")
LINE_ENDS = re.compile(r"\r\n|\r|\n")
ZEROS = re.compile(r"0{2,}")  # the format of a number that is written with leading zeros
EXACT = 15  # digits that a spreadsheet keeps of a number
CONTROLS = dict.fromkeys([*range(32), 127], " ")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Row = list[str]


def plain(text: object) -> str:
    """One line without control letters."""
    return " ".join(str(text).translate(CONTROLS).split())


def safe(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula; its lines stay lines."""
    text = "\n".join(plain(line) for line in LINE_ENDS.split(str(cell))).strip()
    return f"'{text}" if FORMULA.match(text) else text


def revealed(text: str) -> str:
    """What `safe` made harmless, as it was before."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def to_csv(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Any table; `Decimal` and whole numbers stay numbers, below zero too."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows(
        [cell if isinstance(cell, Decimal | int) else safe(cell) for cell in row] for row in rows
    )
    return out.getvalue()


def to_xlsx(head: Iterable[str], rows: Iterable[Iterable[object]], title: str = "List") -> bytes:
    """The same table as a workbook of one sheet: numbers are numbers and days are days."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    sheet.append([safe(cell) for cell in head])
    for row in rows:
        sheet.append([_typed(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _typed(cell: object) -> object:
    is_plain = isinstance(cell, Decimal | date | int) and not isinstance(cell, bool | datetime)
    return cell if is_plain else safe(cell)[:LONGEST]


def decoded(body: bytes) -> str:
    """The text of a file: by its mark, else UTF-8, else what older banks and offices write.

    Raises `Refused` for what is too big or no text.
    """
    if len(body) > MOST_BYTES:
        raise Refused("The file is larger than 20 MB: send it in parts.")
    encoding = next((name for mark, name in BOMS.items() if body.startswith(mark)), "utf-8")
    if encoding == "utf-8" and body[1:2] == b"\0":
        encoding = "utf-16-le"  # a mark was forgotten; every second byte of the head is nothing
    for name in (encoding, "cp1252"):
        try:
            text = body.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused("This file holds no text: send a CSV or XLSX file.")


def read(body: bytes, separator: str = "") -> list[Row]:
    """The rows of a CSV or XLSX file, known by its first bytes; cells are text without blanks
    around them, days as 2026-11-22.

    Raises `Refused` in words: too big, too many rows or columns, damaged.
    """
    rows = _xlsx_rows(body) if body.startswith(b"PK") else _csv_rows(decoded(body), separator)
    return list(_within_limits(rows))


def _within_limits(rows: Iterable[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS:
            raise Refused(f"The file has more than {MOST_ROWS:,} rows: send it in parts.")
        if len(row) > MOST_COLUMNS:
            raise Refused(f"Row {number} has more than {MOST_COLUMNS} columns.")
        yield row


def _csv_rows(text: str, separator: str) -> Iterator[Row]:
    delimiter = separator or _separator_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield [cell.strip() for cell in row]
    except csv.Error:
        raise Refused(
            f"Line {reader.line_num} is not CSV: a cell there is never closed."
        ) from None


def _separator_of(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t|", key=first.count)


def _xlsx_rows(body: bytes) -> Iterator[Row]:
    _refuse_bombs(body)
    try:
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size is not believed
        for row in islice(sheet.iter_rows(), MOST_ROWS + 1):
            yield [_as_shown(cell) for cell in row[: MOST_COLUMNS + 1]]
    except Refused:
        raise
    except Exception as error:  # damaged in one of the hundred ways that the library does not name
        raise Refused("This workbook is damaged: save it again as XLSX or as CSV.") from error


def _refuse_bombs(body: bytes) -> None:
    """Before anything is unpacked: sizes as the directory says, which the reader then enforces."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
                raise Refused("The workbook is larger than 20 MB unpacked: send it in parts.")
            if any(part.compress_type not in PACKED for part in parts):
                raise Refused("This workbook is damaged or locked: save it again as XLSX.")
            for part in parts:
                is_xml = part.filename.endswith((".xml", ".rels"))
                if is_xml and b"<!DOCTYPE" in unpacked(archive, part).replace(b"\0", b""):
                    raise Refused("The workbook declares a document type: save it again as XLSX.")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError,
            OSError) as error:  # fmt: skip
        raise Refused("This workbook is damaged or locked: save it again as XLSX.") from error


def _as_shown(cell: Any) -> str:
    """The text of a cell; a number that its format fills with zeros keeps them."""
    text = _as_text(cell.value)
    if text.isdecimal() and isinstance(cell.value, int | float):
        return text.zfill(len(cell.number_format)) if ZEROS.fullmatch(cell.number_format) else text
    return text


def _as_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ")
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float) and abs(cell) >= 10**EXACT:
        return f"{cell:.{EXACT}g}"  # digits were lost when it was typed: it must not look whole
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).strip()
