"""Bank statements in the portal: read, imported once, matched, undone, set aside."""

import io
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.association.models import Association
from portal.core import audit
from portal.core.access import Role
from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions, queries
from portal.dues.matching import Ground
from portal.dues.models import BankFile, BankLine, Payment
from tests import tables
from tests.dues.books import make_invoice
from tests.dues.statements import (
    DAY,
    as_csv,
    camt,
    imported,
    make_column_map,
    moved,
    mt940,
)
from tests.make import make_association, make_firm, make_person

HERS = "GB33BUKB20201555555555"
READ = "/staff/dues/bank/statements/read"


@pytest.fixture
def finance(browser):
    return browser.sign_in(make_person(Role.FINANCE))


@pytest.fixture
def books_alone():
    db.session.get(Association, 1).books_alone = True
    db.session.commit()


def send(browser, body, columns="", status=303):
    upload = (io.BytesIO(body), "november.xml")
    return browser.post(READ, status=status, file=upload, columns=columns)


def one_line(*facts, **more):
    return imported(mt940(moved(*facts, **more)))[0]


def book(browser, line, *shares, status=303, **more):
    data = {}
    for n, (invoice, amount) in enumerate(shares):
        data |= {f"shares-{n}-invoice_id": invoice.id, f"shares-{n}-amount": amount}
    page = f"/staff/dues/bank/lines/{line.id}"
    return browser.post(f"{page}/book", status=status, page=page, **data, **more)


def states():
    return {name: count for name, count in queries.bank_counts().items() if count}


def test_a_statement_is_looked_at_before_it_is_imported(browser, finance):
    answer = send(browser, camt(moved("10.00", "Kapok", "dues"), moved("-3.00", "Bank", "fee")))
    page = browser.get(answer.location)
    assert "Nothing is imported yet" in page
    assert "Import 2 lines" in page
    assert db.session.query(BankLine).count() == 0
    browser.post(f"{answer.location}/import", page=answer.location)
    assert states() == {"todo": 1, "left": 1}
    assert "lines it brought" in browser.get(answer.location)
    assert "november.xml" in browser.get("/staff/dues/bank/statements")


def test_the_same_file_books_once(browser, finance):
    body = camt(moved("10.00", "Kapok", "dues"))
    first = send(browser, body).location
    browser.post(f"{first}/import", page=first)
    again = send(browser, body).location
    assert again == first
    assert "was imported before" in browser.get(again)
    assert (
        browser.send("POST", f"{first}/import", data={"csrf_token": browser.token}).status_code
        == 409
    )
    assert db.session.query(BankLine).count() == 1


def test_a_line_that_another_file_brought_is_known(browser, finance):
    known, new = moved("10.00", "Kapok", "dues"), moved("11.00", "Kapok", "dues")
    imported(mt940(known))
    page = browser.get(send(browser, camt(known, new)).location)
    assert "Import 1 line<" in page


def test_two_real_equal_payments_of_a_day_both_stay():
    twice = [moved("10.00", "Kapok", "dues")] * 2
    assert len(imported(mt940(*twice))) == 2
    assert imported(camt(*twice)) == []
    assert len(imported(camt(*twice, moved("10.00", "Kapok", "dues")))) == 1


def test_a_file_that_is_read_again_with_the_right_map_replaces_what_it_said(browser, finance):
    wrong = make_column_map(decimal=".")
    body = as_csv(moved("10.50", "Kapok", "dues")).encode()
    first = browser.get(send(browser, body, str(wrong.id)).location)
    assert "cannot be read" in first
    wrong.decimal = ","
    db.session.commit()
    assert "Import 1 line<" in browser.get(send(browser, body, str(wrong.id)).location)
    assert db.session.query(BankFile).count() == 1


def test_a_file_that_is_not_wanted_is_forgotten(browser, finance):
    where = send(browser, camt(moved("10.00"))).location
    browser.post(f"{where}/discard", page=where)
    assert db.session.query(BankFile).count() == 0
    file = imported(camt(moved("10.00")))[0].file
    with pytest.raises(Refused, match="imported before"):
        actions.discard(file)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"hello", "neither CAMT.053 nor MT940"), (b"<a/>", "no CAMT.053"),
        (b"<!DOCTYPE a><a/>", "document type"), (camt(), "no movement"),
    ],
)  # fmt: skip
def test_what_is_no_statement_is_said_at_the_field(browser, finance, body, words):
    page = send(browser, body, status=200).text
    assert words in page
    assert "There is a problem" in page


def test_no_file_at_all_is_said_at_the_field(browser, finance):
    assert "Choose the file" in browser.post(READ, status=200, columns="").text


def test_lines_that_cannot_be_read_are_named_and_the_others_imported(browser, finance):
    body = mt940(moved("10.00", "Kapok")) + b"\r\n:61:oops"
    where = send(browser, body).location
    assert "This movement cannot be read" in browser.get(where)
    browser.post(f"{where}/import", page=where)
    assert states() == {"todo": 1}


def test_a_certain_line_waits_for_a_yes_and_all_of_them_take_one(browser, finance):
    one, two = make_invoice(total=10000), make_invoice(total=20000)
    imported(
        mt940(("100.00", "A", one.reference), ("200.00", "B", two.number), ("5.00", "C", "?"))
    )
    assert queries.balance(one).minor == 10000
    page = browser.get("/staff/dues/bank/")
    assert "Certain, 100 of 100" in page
    browser.post("/staff/dues/bank/certain", page="/staff/dues/bank/")
    assert [queries.balance(invoice).minor for invoice in (one, two)] == [0, 0]
    assert states() == {"todo": 1, "matched": 2}
    assert "Book all that are certain" not in browser.get("/staff/dues/bank/")


def test_certain_lines_are_booked_at_import_when_the_association_wants_it(
    browser, finance, books_alone
):
    invoice, part = make_invoice(total=10000), make_invoice(total=20000)
    line, *_ = imported(mt940(("100.00", "A", invoice.reference), ("50.00", "B", part.number)))
    assert (queries.balance(invoice).minor, queries.balance(part).minor) == (0, 20000)
    payment = queries.payment_of(line)
    assert payment.external_id == f"bank:{line.key}"
    assert (payment.received_on, payment.organization_id) == (DAY, invoice.organization_id)
    assert states() == {"matched": 1, "todo": 1}


def test_two_certain_lines_for_one_invoice_book_it_once(books_alone):
    invoice = make_invoice(total=10000)
    imported(mt940(*[("100.00", "A", invoice.reference)] * 2))
    assert queries.balance(invoice).minor == 0
    assert states() == {"matched": 1, "todo": 1}
    assert db.session.query(Payment).count() == 1


def test_a_line_of_a_day_to_come_is_not_booked(books_alone, at):
    invoice = make_invoice(total=10000)
    at(2026, 11, 19)
    imported(mt940(("100.00", "A", invoice.reference)))
    assert states() == {"todo": 1}


def test_the_receipt_is_mailed_and_the_row_is_traceable(browser, finance, sent):
    invoice = make_invoice(total=10000)
    line = one_line("100.00", "A", invoice.reference)
    book(browser, line, (invoice, "100.00"))
    (message,) = sent()
    assert "Receipt" in message["Subject"]
    booked = db.session.scalars(select(audit.AuditEvent).filter_by(verb="payment.booked")).one()
    assert booked.actor == f"person:{finance.id}"
    assert "What the bank says" in browser.get(f"/staff/dues/bank/lines/{line.id}")


def test_one_line_pays_many_invoices_and_the_rest_is_the_payers(browser, finance):
    firm = make_firm()
    one, two = make_invoice(firm, total=10000), make_invoice(firm, total=20000)
    line = one_line("350.00", "Kapok", "all of it")
    book(browser, line, (one, "100.00"), (two, "200"))
    assert [queries.balance(invoice).minor for invoice in (one, two)] == [0, 0]
    payment = queries.payment_of(line)
    assert queries.unallocated_of(payment) == 5000
    assert payment.organization_id == firm.id
    third = make_invoice(firm, total=5000)
    assert third.number in browser.get(f"/staff/dues/bank/lines/{line.id}")
    book(browser, line, (third, "50.00"))
    assert queries.balance(third).minor == 0
    assert queries.unallocated_of(payment) == 0


def test_many_lines_pay_one_invoice(browser, finance):
    invoice = make_invoice(total=10000)
    first, second = imported(mt940(("60.00", "A", invoice.number), ("40.00", "A", invoice.number)))
    for line, amount in ((first, "60"), (second, "40")):
        book(browser, line, (invoice, amount))
    assert queries.balance(invoice).minor == 0
    assert len(queries.payments_of(invoice)) == 2


@pytest.mark.parametrize(
    ("amount", "words"),
    [("200.00", "more than the"), ("x", "Enter an amount"), ("0", "above zero"),
     ("", "Enter an amount"),
     ("-5", "above zero")],
)  # fmt: skip
def test_what_cannot_be_booked_is_said_and_what_was_typed_stays(browser, finance, amount, words):
    invoice = make_invoice(total=50000)
    line = one_line("100.00", "A", "?")
    page = book(browser, line, (invoice, amount), status=200).text
    assert words in page
    assert invoice.number in page
    assert states() == {"todo": 1}
    assert db.session.query(Payment).count() == 0


def test_more_than_is_owed_is_refused(browser, finance):
    invoice = make_invoice(total=5000)
    line = one_line("100.00", "A", "?")
    assert "is owed on invoice" in book(browser, line, (invoice, "60.00"), status=200).text


def test_a_holder_is_known_by_the_matches_that_were_never_undone(browser, finance):
    firm = make_firm(name="Rowan Contact")
    first = make_invoice(firm, total=10000)
    line = one_line("100.00", "R C Holding", "x", HERS)
    book(browser, line, (first, "100.00"))
    make_invoice(firm, total=30000)
    later = one_line("300.00", "R C Holding", "y", HERS, day=DAY - timedelta(days=1))
    found = queries.proposals([later])[later.id]
    assert (found.ground, found.confidence) == (Ground.KNOWN_HOLDER, 75)
    browser.post(f"/staff/dues/bank/lines/{line.id}/undo", reason="Another firm of the group")
    assert queries.proposals([later])[later.id].ground is None


def test_a_name_that_reads_alike_is_only_suggested(browser, finance, books_alone):
    invoice = make_invoice(make_firm(name="Kapok Voice Ltd"), total=12300)
    line = one_line("123.00", "KAPOK VOICE", "dues")
    assert queries.proposals([line])[line.id].ground is Ground.NAME
    page = browser.get(f"/staff/dues/bank/lines/{line.id}")
    assert 'value="123.00"' in page, "filled in, for a person to confirm"
    book(browser, line, (invoice, "123.00"))
    match = queries.live_matches([line.id])[line.id]
    assert (match.ground, match.made_by_id) == (Ground.NAME, finance.id)


def test_an_unknown_payer_stays_in_sight_with_an_age(browser, at):
    at(2026, 12, 5)
    browser.sign_in(make_person(Role.FINANCE))
    one_line("77.00", "Nobody we know", "thanks")
    page = browser.get("/staff/dues/bank/")
    assert "8 to 30 days" in page
    assert "77.00 (1)" in page
    assert "Unknown" in page


def test_an_unknown_payers_money_may_be_kept_and_placed_later(browser, finance):
    line = one_line("77.00", "Nobody we know", "thanks")
    book(browser, line, keep="1")
    assert states() == {"matched": 1}
    payment = queries.payment_of(line)
    assert (payment.organization_id, queries.unallocated_of(payment)) == (None, 7700)
    assert "Nobody we know" in browser.get("/staff/dues/unallocated")
    invoice = make_invoice(total=7700)
    assert invoice.number in browser.get(f"/staff/dues/bank/lines/{line.id}?q={invoice.number}")
    book(browser, line, (invoice, "77.00"))
    assert queries.balance(invoice).minor == 0


def test_a_line_and_its_payment_lead_to_one_another_and_the_money_goes_back_by_bank(
    browser, finance
):
    line = one_line("77.00", "Nobody we know", "thanks")
    book(browser, line, keep="1")
    url = f"/staff/dues/payments/{queries.payment_of(line).id}"
    assert url in browser.get(f"/staff/dues/bank/lines/{line.id}")
    page = browser.get(url)
    assert f"/staff/dues/bank/lines/{line.id}" in page
    assert "bank:" not in page
    page = browser.get(f"{url}/refund")
    assert "the same card" not in page
    assert '<option selected value="bank">' in page


def test_a_wrong_match_is_undone_by_reversal_and_the_line_is_to_do_again(browser, finance):
    wrong, right = make_invoice(total=10000), make_invoice(total=10000)
    line = one_line("100.00", "A", "?")
    book(browser, line, (wrong, "100.00"))
    page = browser.get(f"/staff/dues/bank/lines/{line.id}/undo")
    assert wrong.number in page
    browser.post(f"/staff/dues/bank/lines/{line.id}/undo", reason="It was the other firm's")
    assert (queries.balance(wrong).minor, states()) == (10000, {"todo": 1})
    assert "It was the other firm" in browser.get(f"/staff/dues/bank/lines/{line.id}")
    book(browser, line, (right, "100.00"))
    assert (queries.balance(right).minor, queries.balance(wrong).minor) == (0, 10000)
    assert db.session.query(Payment).count() == 1
    assert queries.live_matches([line.id])[line.id].organization_id == right.organization_id
    assert list(queries.ledger_faults()) == []


def test_undone_on_the_payment_its_bank_line_is_to_do_again_too(browser, finance):
    first, second = make_invoice(total=4000), make_invoice(total=6000)
    line = one_line("100.00", "A", "?")
    book(browser, line, (first, "40.00"), (second, "60.00"))
    payment = queries.payment_of(line)
    free = "/staff/dues/{}/free/{}".format
    page = free(first.id, payment.id)
    assert "The bank line it came with" not in browser.get(page)
    browser.post(page, page=page, reason="It was the other firm's")
    assert states() == {"matched": 1}, "it still pays the second"
    page = free(second.id, payment.id)
    assert "The bank line it came with" in browser.get(page)
    browser.post(page, page=page, reason="This one too")
    assert states() == {"todo": 1}
    assert "is to do again" in browser.get(f"/staff/dues/payments/{payment.id}")
    assert "This one too" in browser.get(f"/staff/dues/bank/lines/{line.id}")
    book(browser, line, (first, "40.00"))
    assert (queries.balance(first).minor, queries.balance(second).minor) == (0, 6000)
    assert list(queries.ledger_faults()) == []


def test_lines_are_set_aside_with_a_reason_and_taken_back(browser, finance):
    came = one_line("5.00", "Bank", "interest")
    page = f"/staff/dues/bank/lines/{came.id}"
    assert "Say why" in browser.post(f"{page}/aside", status=200).text
    browser.post(f"{page}/aside", reason="The bank's own")
    assert states() == {"aside": 1}
    assert "The bank&#39;s own" in browser.get("/staff/dues/bank/?state=aside")
    browser.post(f"{page}/undo", reason="Dues after all")
    assert states() == {"todo": 1}


def test_money_that_left_pays_no_invoice(browser, finance):
    line = one_line("-100.00", "Kapok", "refund")
    assert "Money that left" in browser.get("/staff/dues/bank/?state=left")
    page = browser.get(f"/staff/dues/bank/lines/{line.id}")
    assert "What does it pay" not in page
    with pytest.raises(Refused, match="left the account"):
        actions.book(line, [], Ground.HAND, "")


def test_a_line_is_dealt_with_once(browser, finance):
    line = one_line("100.00", "A", "?")
    browser.post(f"/staff/dues/bank/lines/{line.id}/aside", reason="Nothing of ours")
    with pytest.raises(Refused, match="already"):
        actions.book(line, [], Ground.HAND, "")
    with pytest.raises(Refused, match="already"):
        actions.set_aside(line, "again")
    match = queries.live_matches([line.id])[line.id]
    actions.undo(match, "so")
    with pytest.raises(Refused, match="undone already"):
        actions.undo(match, "again")


def test_money_in_the_books_is_not_set_aside():
    line = one_line("100.00", "A", "?")
    actions.undo(actions.book(line, [], Ground.HAND, ""), "x")
    with pytest.raises(Refused, match="in the books"):
        actions.set_aside(line, "y")


def test_hostile_words_are_shown_as_words_and_leave_as_words(browser, finance):
    line = one_line("5.00", "<script>alert(1)</script>", "=1+1")
    assert "<script>alert" not in browser.get("/staff/dues/bank/")
    book(browser, line, keep="1")
    assert "<script>alert" not in browser.get("/staff/dues/unallocated")
    assert queries.payment_of(line).note == "<script>alert(1)</script> / =1+1"


def test_a_column_map_is_kept_changed_and_named_once(browser, finance):
    facts = {
        "name": "Bank A", "account": "NL91ABNA0417164300", "currency": "EUR", "separator": ";",
        "decimal": ",", "day_format": "%d-%m-%Y", "skipped": "0", "headings-booked_on": "Datum",
        "headings-amount": "Bedrag",
    }  # fmt: skip
    add = "/staff/dues/bank/columns/add"
    browser.post(add, **facts)
    assert "Bank A" in browser.get("/staff/dues/bank/columns")
    assert "of this name already" in browser.post(add, status=200, **facts).text
    missing = browser.post(add, status=200, **facts | {"name": "B", "headings-amount": ""}).text
    assert "Name the column of the amount" in missing
    assert "three letters" in browser.post(add, status=200, **facts | {"currency": "ZZZ"}).text
    number = db.session.execute(select(queries.column_maps().subquery().c.id)).scalar_one()
    browser.post(f"/staff/dues/bank/columns/{number}", **facts | {"headings-amount": "Sum"})
    body = b"Datum;Sum\r\n20-11-2026;1,00"
    assert "Import 1 line<" in browser.get(send(browser, body, str(number)).location)


def test_the_lists_find_words_and_page(browser, finance):
    imported(mt940(*[(f"{n}.00", f"Payer {n:03}", "x") for n in range(1, 31)]))
    assert "30 lines, the oldest first" in browser.get("/staff/dues/bank/")
    assert "1 line," in browser.get("/staff/dues/bank/?q=payer%20007")
    assert "No line here" in browser.get("/staff/dues/bank/?q=nobody")
    assert "No line here" in browser.get("/staff/dues/bank/?state=matched")


def test_the_list_costs_the_same_with_one_line_and_with_many(browser, finance, statements):
    one_line("1.00", "A", "?", HERS)
    statements.clear()
    browser.get("/staff/dues/bank/")
    few = len(statements)
    for n in range(5):
        make_invoice(make_firm(name=f"Payer {n}"), total=200 + n)
    imported(mt940(*[(f"2.0{n}", f"Payer {n}", "x", HERS) for n in range(9)]))
    statements.clear()
    browser.get("/staff/dues/bank/")
    assert len(statements) == few


def test_the_desk_counts_what_waits(browser, finance):
    one_line("1.00", "A", "?")
    assert "Bank lines to match" in browser.get("/staff/")


@pytest.mark.parametrize("page", ["", "statements", "statements/read", "columns", "columns/add"])
def test_the_bank_is_not_for_others(browser, page):
    browser.sign_in(make_person(Role.EDITOR))
    browser.get(f"/staff/dues/bank/{page}", status=403)


DAYS = [DAY - timedelta(days=n) for n in range(3)]
MOVEMENTS = st.lists(
    st.tuples(st.sampled_from(["1.00", "2.00", "-1.00"]), st.sampled_from(["Kapok", "Rowan"]),
              st.sampled_from(DAYS)), min_size=1, max_size=8,
)  # fmt: skip


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(MOVEMENTS, st.data())
def test_any_split_and_repeat_of_files_adds_every_line_once(app, rows, data):
    """Banks give whole days: files may cover any days, in any order, twice and overlapping."""
    whole = [moved(amount, name, "dues", day=day) for amount, name, day in rows]
    spans = data.draw(st.lists(st.sets(st.sampled_from(DAYS), min_size=1), max_size=4))
    kinds = data.draw(st.lists(st.sampled_from([camt, mt940]), min_size=5, max_size=5))
    for kind, span in zip(kinds, [*spans, set(DAYS)], strict=False):
        part = [one for one in whole if one["day"] in span]
        if part:
            imported(kind(*part))
    assert db.session.scalar(select(func.count()).select_from(BankLine)) == len(whole)
    assert db.session.scalar(select(func.sum(BankLine.minor))) == sum(
        round(float(one["amount"]) * 100) for one in whole
    )
    wipe()


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_lines_that_the_bank_named_may_be_split_anywhere(app, data):
    whole = [moved("1.00", "Kapok", "dues", "", f"REF{n}") for n in range(6)]
    parts = data.draw(st.lists(st.sets(st.integers(0, 5), min_size=1), max_size=4))
    for part in [*parts, set(range(6))]:
        imported(mt940(*[whole[n] for n in part]))
    assert db.session.scalar(select(func.count()).select_from(BankLine)) == 6
    wipe()


def wipe():
    """Empty tables for the next example, with the association's row again."""
    db.session.rollback()
    db.session.expunge_all()
    db.session.info.pop("association", None)
    tables.empty()
    make_association()
