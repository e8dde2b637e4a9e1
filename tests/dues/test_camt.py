"""CAMT.053 batches and balances: every movement once, in its own direction and currency."""

import pytest

from portal.core.db import db
from portal.core.states import Refused
from portal.dues.models import BankLine
from portal.dues.statements import keys, read
from tests.dues.statements import camt, imported, moved


def detail(amount, text="", currency="EUR", mark="", reference="", path="{}"):
    """`path` holds the amount where it is not the payment's own."""
    said = path.format(f'<Amt Ccy="{currency}">{amount}</Amt>')
    mark = mark and f"<CdtDbtInd>{mark}</CdtDbtInd>"
    named = reference and f"<Refs><AcctSvcrRef>{reference}</AcctSvcrRef></Refs>"
    return f"<TxDtls>{named}{said}{mark}<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"


def batch(amount, *details, mark="CRDT", reference="B1"):
    named = reference and f"<AcctSvcrRef>{reference}</AcctSvcrRef>"
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-11-20</Dt></BookgDt>{named}<NtryDtls>{''.join(details)}</NtryDtls></Ntry>"
    )


def balance(kind, amount, mark="CRDT", day="2026-11-20", currency="EUR"):
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt>'
        f"<CdtDbtInd>{mark}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def told(entries):
    return [(one.minor, one.currency, one.text) for one in read(camt(entries=entries)).records]


def test_a_payment_that_goes_another_way_than_its_batch_is_booked_that_way():
    paid, fee = detail("1000.00", "dues", mark="CRDT"), detail("100.00", "fee", mark="DBIT")
    assert told(batch("900.00", paid, fee)) == [(100000, "EUR", "dues"), (-10000, "EUR", "fee")]
    paid, fee = detail("1000.00", "dues"), detail("100.00", "fee", mark="DBIT")
    assert told(batch("900.00", paid, fee)) == [(100000, "EUR", "dues"), (-10000, "EUR", "fee")]


def test_a_batch_that_tells_only_some_of_its_payments_is_one_line_of_the_whole_amount():
    some = batch("500.00", detail("100.00", "TH-1"), detail("100.00", "TH-2"))
    assert told(some) == [(50000, "EUR", "TH-1 TH-2")]
    (line,) = read(camt(entries=some)).records
    assert line.counterparty == ""
    assert line.entry_reference == "B1"


def test_a_batch_told_in_another_currency_is_one_line_in_that_of_the_account():
    path = "<AmtDtls><TxAmt>{}</TxAmt></AmtDtls>"
    dollars = [detail("100.00", "x", "USD", path=path)] * 2
    assert told(batch("180.00", *dollars)) == [(18000, "EUR", "x x")]
    mixed = "<AmtDtls><InstdAmt><Amt Ccy='USD'>1</Amt></InstdAmt><TxAmt>{}</TxAmt></AmtDtls>"
    euros = [detail("90.00", "x", path=mixed)] * 2
    assert told(batch("180.00", *euros)) == [(9000, "EUR", "x")] * 2
    both = '<Amt Ccy="USD">100.00</Amt>' + path
    assert told(batch("180.00", *[detail("90.00", path=both)] * 2)) == [(9000, "EUR", "")] * 2


@pytest.mark.parametrize("reference", ["", "B1"])
def test_two_equal_payments_with_one_reference_in_a_batch_are_both_booked_and_only_once(reference):
    twins = [detail("100.00", text, reference="X9") for text in ("a", "b")]
    entry = batch("200.00", *twins, reference=reference)
    assert [one.minor for one in imported(camt(entries=entry))] == [10000, 10000]
    assert imported(camt(entries=entry)) != []  # the same file is the row it made before
    assert imported(camt(moved("7.00", "Kapok"), entries=entry))[0].minor == 700
    assert db.session.query(BankLine).count() == 3


def test_a_movement_told_in_two_statements_of_one_file_is_one():
    whole = camt(entries=batch("5.00", detail("5.00", "a"))).decode()
    one = whole[whole.index("<Stmt>") : whole.index("</BkToCstmrStmt>")]
    assert len(set(keys(read(whole.replace(one, one + one).encode()).records))) == 1


@pytest.mark.parametrize(
    "balances",
    [
        balance("OPBD", "10.00") + balance("CLBD", "15.00"),
        balance("PRCD", "10.00", day="2026-11-19") + balance("CLBD", "15.00"),
        balance("PRCD", "1.00", "DBIT") + balance("CLBD", "4.00"),
        balance("OPBD", "0") + balance("OPBD", "99.00", day="2026-11-21")
        + balance("CLBD", "5.00", day="2026-11-21") + balance("CLBD", "99.00"),
        balance("OPBD", "10.00"), balance("CLBD", "99.00"), balance("OPAV", "1") * 2,
        balance("OPBD", "x") + balance("CLBD", "99.00"),
        balance("OPBD", "1.00", "UP") + balance("CLBD", "99.00"),
        balance("OPBD", "3.00", currency="USD") + balance("CLBD", "3.00", currency="USD"),
    ],
)  # fmt: skip
def test_movements_that_lead_to_the_closing_balance_are_read(balances):
    assert [one.minor for one in read(camt(moved("5.00"), entries=balances)).records] == [500]


@pytest.mark.parametrize("first", ["OPBD", "PRCD"])
def test_a_statement_whose_movements_do_not_make_its_balance_is_refused(first):
    balances = balance(first, "10.00") + balance("CLBD", "15.01")
    words = r"opens with EUR.10\.00 and closes with EUR.15\.01, but its movements make EUR.5\.00"
    with pytest.raises(Refused, match=words):
        read(camt(moved("5.00"), entries=balances))


def test_a_movement_that_cannot_be_read_leaves_no_balance_to_prove():
    broken = '<Ntry><Amt Ccy="EUR">x</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry>'
    balances = balance("OPBD", "0") + balance("CLBD", "15.01")
    assert len(read(camt(moved("5.00"), entries=broken + balances)).problems) == 1
