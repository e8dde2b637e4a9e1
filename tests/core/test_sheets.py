"""Rows in and out of CSV and XLSX: nothing runs as a formula, nothing unpacks without end."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import sheets
from portal.core.states import Refused

HEAD = ("name", "amount", "day")
ROWS = [("Kapok Voice", Decimal("-12.50"), date(2026, 11, 22)), ("", Decimal(3), "")]


def workbook(parts):
    """A zip of these parts, as a hostile sender would put it together."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def parts_of(body):
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_is_written_is_read_again():
    read = [list(HEAD), ["Kapok Voice", "-12.5", "2026-11-22"], ["", "3", ""]]
    assert sheets.read(sheets.to_xlsx(HEAD, ROWS)) == read
    read[1][1] = "-12.50"
    assert sheets.read(sheets.to_csv(HEAD, ROWS).encode()) == read


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r\n=1+1"])
def test_no_cell_is_a_formula(formula):
    for body in (sheets.to_csv(HEAD, [[formula]]).encode(), sheets.to_xlsx(HEAD, [[formula]])):
        assert sheets.read(body)[1][0].startswith("'")


@given(st.lists(st.lists(st.text(max_size=30), min_size=1, max_size=4), max_size=5))
def test_any_text_can_be_written_and_its_lines_stay_lines(rows):
    rows = [["x", *row, "x"] for row in rows]
    for body in (sheets.to_csv(["a"], rows), sheets.to_xlsx(["a"], rows)):
        read = sheets.read(body.encode("utf-8", "ignore") if isinstance(body, str) else body, ",")
        assert [len(row) for row in read[1:]] == [len(row) for row in rows]


@pytest.mark.parametrize(
    ("body", "cell"),
    [
        ("ré;b".encode(), "ré"), ("\ufeffré;b".encode(), "ré"), ("ré;b".encode("utf-16"), "ré"),
        ("ré;b".encode("utf-16-be").join([b"\xfe\xff", b""]), "ré"),
        ("re;b".encode("utf-16-le"), "re"), ("ré;b".encode("cp1252"), "ré"),
    ],
)  # fmt: skip
def test_the_letters_of_every_office_are_read(body, cell):
    assert sheets.read(body) == [[cell, "b"]]


def test_too_much_is_refused_in_words(monkeypatch):
    with pytest.raises(Refused, match="100,000 rows"):
        sheets.read(b"a\n" * 100_001)
    with pytest.raises(Refused, match="200 columns"):
        sheets.read(b"," * 201)
    with pytest.raises(Refused, match="20 MB"):
        sheets.read(b"a" * (20 * 2**20 + 1))
    assert len(sheets.read(b"a\n" * 100_000)) == 100_000


def test_a_workbook_that_unpacks_without_end_is_refused_before_it_does():
    parts = parts_of(sheets.to_xlsx(HEAD, ROWS))
    bomb = workbook(parts | {"xl/media/x.bin": b"\0" * (21 * 2**20)})
    assert len(bomb) < 100_000
    with pytest.raises(Refused, match="20 MB"):
        sheets.read(bomb)
    with pytest.raises(Refused, match="20 MB"):
        sheets.read(workbook(parts | {f"xl/media/{n}.bin": b"" for n in range(600)}))


def test_a_sheet_with_one_cell_at_the_end_of_the_world_is_refused():
    parts = parts_of(sheets.to_xlsx(HEAD, ROWS))
    far = b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
    name = "xl/worksheets/sheet1.xml"
    with pytest.raises(Refused, match="100,000 rows"):
        sheets.read(workbook(parts | {name: parts[name].replace(b"</sheetData>", far)}))


def test_a_workbook_with_entities_is_refused():
    parts = parts_of(sheets.to_xlsx(HEAD, ROWS))
    evil = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + parts["xl/workbook.xml"]
    with pytest.raises(Refused, match="document type"):
        sheets.read(workbook(parts | {"xl/workbook.xml": evil}))


@pytest.mark.parametrize(
    "body",
    [b"PK", b"PK\x03\x04" + b"\0" * 60, b"\0\0\0\0", b"\x00\x01\x02", workbook({"a": b"b"})],
)
def test_what_is_no_table_is_refused(body):
    with pytest.raises(Refused):
        sheets.read(body)


def test_a_damaged_workbook_is_refused_whatever_is_missing():
    parts = parts_of(sheets.to_xlsx(HEAD, ROWS))
    for name in ("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        with pytest.raises(Refused, match="damaged"):
            sheets.read(workbook(parts | {name: b"<oops"}))


def test_a_cell_that_is_never_closed_is_named():
    with pytest.raises(Refused, match="Line 1"):
        sheets.read(b'a,"' + b"b" * 200_000)
