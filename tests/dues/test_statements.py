"""Statements of banks: three formats, one record, and a refusal in words for everything else."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import sheets
from portal.core.states import Refused
from portal.dues.statements import Record, keys, read
from portal.dues.statements.columns import DAYS
from tests.dues.statements import DAY, IBAN, as_csv, camt, columns, moved, mt940

HERS = "GB33BUKB20201555555555"
MOVED = (
    moved("1209.50", "Kapok Voice Ltd", "Invoice TH-2026-000001", HERS),
    moved("-15.00", "Test Bank", "Fees"),
)
RECORDS = [
    Record(IBAN, DAY, 120950, "EUR", "Kapok Voice Ltd", HERS, "Invoice TH-2026-000001"),
    Record(IBAN, DAY, -1500, "EUR", "Test Bank", "", "Fees"),
]


@pytest.mark.parametrize(
    ("body", "by"),
    [(camt(*MOVED), None), (mt940(*MOVED), None), (as_csv(*MOVED).encode(), columns())],
    ids=["camt", "mt940", "csv"],
)
def test_every_format_is_read_into_the_same_records(body, by):
    found = read(body, by)
    assert found.records == RECORDS
    assert found.problems == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    ("separator", "decimal"), [(";", ","), (",", "."), ("\t", ","), ("|", ".")]
)
def test_csv_is_read_in_every_dress(encoding, separator, decimal):
    text = as_csv(moved("1209.50", "Société É", "a"), separator=separator, decimal=decimal)
    found = read(text.encode(encoding), columns(separator=separator, decimal=decimal))
    assert [(one.minor, one.counterparty) for one in found.records] == [(120950, "Société É")]


@pytest.mark.parametrize("day_format", DAYS)
def test_csv_days_are_read_as_the_map_says(day_format):
    text = f"Datum;Bedrag;Naam;Omschrijving;Tegenrekening\n{DAY.strftime(day_format)};1;a;b;c"
    (record,) = read(text.encode(), columns(day_format=day_format)).records
    assert record.booked_on == DAY


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("1.234,56", 123456), ("1234,5", 123450), ("-12,00", -1200), ("12,00-", -1200),
        ("(12,00)", -1200), ("+12", 1200), ("EUR 12,00", 1200), ("€ 1 234,56", 123456),
        ("1'234,56", 123456), ("−3,00", -300),
    ],
)  # fmt: skip
def test_csv_amounts_are_read_however_they_are_written(written, minor):
    text = f"Datum;Bedrag;Naam;Omschrijving;Tegenrekening\n20-11-2026;{written};a;b;c"
    assert read(text.encode(), columns()).records[0].minor == minor


@pytest.mark.parametrize(
    "written", ["1,2,3", "1.23,00", "twelve", "1e5", "12,345", "٣", "0,00", "--"]
)
def test_an_amount_that_cannot_be_read_is_a_problem_of_its_line(written):
    rows = "\n".join(f"20-11-2026;{one};a;b;c" for one in (written, "1"))
    text = f"Datum;Bedrag;Naam;Omschrijving;Tegenrekening\n{rows}"
    found = read(text.encode(), columns())
    assert [one.line for one in found.problems] == [2]
    assert len(found.records) == 1


def test_csv_may_have_two_columns_of_amounts_or_say_the_direction_in_words():
    head = {"booked_on": "Day", "credit": "In", "debit": "Out"}
    two = read(
        b"x\nDay;In;Out\n20-11-2026;1,00;\n20-11-2026;;2,00", columns(headings=head, skipped=1)
    )
    assert [one.minor for one in two.records] == [100, -200]
    head = {"booked_on": "Day", "amount": "Sum", "direction": "Af Bij", "currency": "Ccy"}
    said = read(
        b"Day;Sum;Af Bij;Ccy\n20-11-2026;1;Bij;usd\n20-11-2026;2;Af;JPY", columns(headings=head)
    )
    assert [(one.minor, one.currency) for one in said.records] == [(100, "USD"), (-2, "JPY")]


def test_csv_without_the_columns_of_the_map_says_which_it_has():
    with pytest.raises(Refused, match=r"no column “Datum”\. Its columns are “Date”, “Sum”"):
        read(b"Date;Sum\n1;2", columns())


def test_a_workbook_is_read_by_the_same_map():
    head = ("Datum", "Bedrag", "Naam", "Omschrijving", "Tegenrekening")
    body = sheets.to_xlsx(head, [[DAY, "12,50", "Kapok", "x", HERS]])
    (record,) = read(body, columns(day_format="%Y-%m-%d")).records
    assert (record.booked_on, record.minor) == (DAY, 1250)


def test_camt_payments_of_one_batch_are_told_apart():
    details = "".join(
        f'<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">{n}.00</Amt></TxAmt></AmtDtls><RltdPties><Dbtr>'
        f"<Nm>Firm {n}</Nm></Dbtr></RltdPties><RmtInf><Strd><CdtrRefInf><Ref>RF{n}</Ref>"
        "</CdtrRefInf></Strd></RmtInf></TxDtls>"
        for n in (1, 2)
    )
    entry = (
        '<Ntry><Amt Ccy="EUR">3.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><DtTm>'
        "2026-11-20T09:00:00</DtTm></BookgDt><AcctSvcrRef>B1</AcctSvcrRef>"
        f"<NtryDtls>{details}</NtryDtls></Ntry>"
    )
    found = read(camt(entries=entry)).records
    assert [(one.minor, one.counterparty, one.text) for one in found] == [
        (100, "Firm 1", "RF1"), (200, "Firm 2", "RF2"),
    ]  # fmt: skip
    assert len(set(keys(found))) == 2


def test_camt_that_is_not_booked_yet_is_left_out_and_a_reversal_goes_the_way_it_says():
    pending = '<Ntry><Amt Ccy="EUR">3.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts></Ntry>'
    reversal = (
        '<Ntry><Amt Ccy="EUR">3.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd>'
        "<Sts>BOOK</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt></Ntry>"
    )
    assert [one.minor for one in read(camt(entries=pending + reversal)).records] == [-300]


@pytest.mark.parametrize(
    "head",
    ['<!DOCTYPE x [<!ENTITY a "b">]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">', "<!DOCTYPE x>"],
)
def test_xml_with_a_document_type_is_refused(head):
    with pytest.raises(Refused, match="document type"):
        read(camt(*MOVED, head=head))
    with pytest.raises(Refused, match="document type"):
        read(camt(*MOVED, head=head).decode().replace("UTF-8", "UTF-16").encode("utf-16"))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"hello", b"<a/>", b"<", b"<a>" * 1000, camt()[:200], b":20:x", b"\0\0\0",
        b"%PDF-1.7",
        b'<?xml version="1.0" encoding="no-such"?><a/>', b"<a>&boo;</a>",
    ],
)  # fmt: skip
def test_what_is_no_statement_is_refused_in_words(body):
    with pytest.raises(Refused):
        read(body)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_file_at_all_makes_it_stumble(body):
    for whole, by in (
        (body, None),
        (b"<" + body, None),
        (b":61:" + body, None),
        (body, columns()),
    ):
        with contextlib.suppress(Refused):
            assert read(whole, by).kind


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("<Amt Ccy='EUR'>x</Amt><CdtDbtInd>CRDT</CdtDbtInd>", "cannot be read"),
        ("<Amt Ccy='EUR'>-1</Amt><CdtDbtInd>CRDT</CdtDbtInd>", "cannot be read"),
        ("<Amt Ccy='ZZZ'>1</Amt><CdtDbtInd>CRDT</CdtDbtInd>", "ZZZ"),
        ("<Amt Ccy='EUR'>1</Amt><CdtDbtInd>UP</CdtDbtInd>", "came or went"),
        ("<CdtDbtInd>CRDT</CdtDbtInd>", "no amount"),
    ],
)
def test_a_broken_camt_entry_is_a_problem_and_the_others_are_read(broken, words):
    day = "<BookgDt><Dt>2026-11-20</Dt></BookgDt>"
    found = read(camt(*MOVED, entries=f"\n<Ntry>{broken}{day}</Ntry>"))
    assert len(found.records) == 2
    (problem,) = found.problems
    assert words in problem.words
    assert problem.line > 3


def test_mt940_speaks_three_dialects():
    slashed = ":86:/TRTP/SEPA/NAME/Kapok BV/IBAN/NL91ABNA0417164300/REMI/USTD//TH-2026-\r\n000001/"
    free = ":86:KAPOK BV\r\nINVOICE TH-2026-000001"
    text = mt940(moved("1.00"), moved("2.00")).decode()
    first, second = (line for line in text.split("\r\n") if line.startswith(":86:"))
    text = text.replace(first, slashed, 1).replace(second, free, 1)
    one, two = read(text.encode()).records
    assert (one.counterparty, one.counterparty_account) == ("Kapok BV", "NL91ABNA0417164300")
    assert one.text == "TH-2026-000001"
    assert two.text == "KAPOK BV INVOICE TH-2026-000001"


@pytest.mark.parametrize(
    ("days", "booked_on"),
    [
        ("2611201121", date(2026, 11, 21)), ("261120", date(2026, 11, 20)),
        ("2612310102", date(2027, 1, 2)), ("2701021231", date(2026, 12, 31)),
    ],
)  # fmt: skip
def test_mt940_entry_days_are_of_the_nearest_year(days, booked_on):
    body = mt940(moved("1.00")).replace(b"2611201120", days.encode())
    assert read(body).records[0].booked_on == booked_on


@pytest.mark.parametrize(("mark", "minor"), [("C", 100), ("D", -100), ("RC", -100), ("RD", 100)])
def test_mt940_reversals_go_the_other_way(mark, minor):
    body = mt940(moved("1.00")).replace(b"C1,00", f"{mark}1,00".encode())
    assert read(body).records[0].minor == minor


def test_mt940_whose_movements_do_not_make_its_balance_says_so():
    assert read(mt940(*MOVED, closing="C261120EUR1194,50")).problems == []
    (problem,) = read(mt940(*MOVED, closing="C261120EUR1194,51")).problems
    assert "do not add up" in problem.words


@pytest.mark.parametrize(
    "line", [":61:oops", ":61:2613451120C1,00NTRFNONREF", ":61:261120C0,00NTRFX"]
)
def test_a_broken_mt940_movement_is_a_problem_of_its_line(line):
    found = read(mt940(*MOVED) + f"\r\n{line}".encode())
    assert len(found.records) == 2
    assert [one.line for one in found.problems] == [10]


def test_hostile_names_stay_one_line_without_control_letters():
    name = "=HYPERLINK(1)\r\nBcc: all@x\t\x07 Ltd"
    text = f'Datum;Bedrag;Naam;Omschrijving;Tegenrekening\n20-11-2026;1,00;"{name}";b;c'
    (record,) = read(text.encode(), columns()).records
    assert record.counterparty == "=HYPERLINK(1) Bcc: all@x Ltd"
    (long,) = read(camt(moved("1.00", "x" * 5000))).records
    assert len(long.counterparty) == 1000


def test_more_movements_than_a_page_can_take_are_refused():
    with pytest.raises(Refused, match="5,000 movements"):
        read(as_csv(*[moved("1.00")] * 5001).encode(), columns())


def test_two_equal_payments_of_a_day_are_two_and_one_reference_is_one():
    equal = read(mt940(*[moved("1.00", "Kapok", "dues")] * 2)).records
    assert len(set(keys(equal))) == 2
    named = read(mt940(*[moved("1.00", "Kapok", "dues", "", "REF1")] * 2)).records
    assert len(set(keys(named))) == 1
