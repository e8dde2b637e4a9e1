"""Credit notes whole and in part, and the credit that payers have left."""

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions, queries, signals
from portal.dues.actions import LineDraft
from portal.dues.models import CreditNote, CreditReason
from tests.dues.books import make_invoice
from tests.make import make_firm, make_member, make_person

R = CreditReason


def two_lines(firm=None, **facts):
    lines = [
        LineDraft("bands", "Dues 2026", 181600, "dues"),
        LineDraft("seats", "Seats", 3335, "seats", tax_percent="0"),
    ]
    return make_invoice(firm, lines=lines, tax_percent="21", **facts)


def pay(invoice, minor, **facts):
    money = Money(minor, invoice.currency)
    return actions.record_transfer(
        invoice, money, invoice.issued_on, by=make_person("finance"), **facts
    )


def face(invoice):
    return queries.bill(invoice).face.value


@pytest.fixture
def heard():
    """Which signals were sent."""
    found = []

    def settled(invoice):
        found.append("settled")

    def credited(invoice, **_note):
        found.append("credited")

    with (
        signals.invoice_settled.connected_to(settled),
        signals.invoice_credited.connected_to(credited),
    ):
        yield found


def test_parts_of_lines_are_taken_back_with_the_tax_of_their_own_rate():
    invoice = two_lines()
    dues, seats = (line.id for line in invoice.lines)
    first = actions.credit(invoice, "Fewer seats", R.SEAT_CORRECTION, {seats: 1000})
    assert (first.net_minor, first.tax_minor, first.code) == (1000, 0, R.SEAT_CORRECTION)
    second = actions.credit(invoice, "Band", R.PRICE_CORRECTION, {dues: 60800, seats: 335})
    assert (second.net_minor, second.tax_minor) == (61135, 12768)
    assert queries.creditable(invoice) == {dues: 120800, seats: 2000}
    rest = actions.credit(invoice, "All of it")
    assert first.tax_minor + second.tax_minor + rest.tax_minor == invoice.tax_minor
    assert sum(one.total_minor for one in (first, second, rest)) == invoice.total_minor
    assert [one.number for one in queries.credit_notes_of(invoice)][-1] == rest.number
    db.session.commit()
    assert list(queries.ledger_faults()) == []


def test_tax_of_parts_never_strays_from_the_tax_of_the_whole():
    """G46 taken back in three parts: 2101 together, not three times 700."""
    lines = [LineDraft("bands", f"Line {n}", 3335, "dues") for n in range(3)]
    invoice = make_invoice(lines=lines, tax_percent="21")
    notes = [
        actions.credit(invoice, "A part", R.GOODWILL, {line.id: 3335}) for line in invoice.lines
    ]
    assert [note.tax_minor for note in notes] == [700, 701, 700]
    assert face(invoice) == "credited"


@pytest.mark.parametrize("minor", [181601, -1, 10**12])
def test_no_more_of_a_line_than_is_left_of_it(minor):
    invoice = two_lines()
    line = invoice.lines[0]
    with pytest.raises(Refused, match=r"at most can be taken back"):
        actions.credit(invoice, "Too much", R.GOODWILL, {line.id: minor})


def test_a_discount_is_left_out_of_no_sum():
    lines = [LineDraft("bands", "Dues", 1000, "dues"), LineDraft("early", "Early", -200, "dues")]
    invoice = make_invoice(lines=lines)
    with pytest.raises(Refused, match=r"8.00 at most"):
        actions.credit(invoice, "The dues alone", R.GOODWILL, {invoice.lines[0].id: 1000})
    assert actions.credit(invoice, "Both").total_minor == 800


def test_the_tax_alone_is_taken_back_by_a_tax_correction():
    invoice = two_lines()
    note = actions.credit(invoice, "Reverse charge", R.TAX_CORRECTION, {})
    assert (note.net_minor, note.tax_minor, note.lines) == (0, invoice.tax_minor, [])
    rest = actions.credit(invoice, "And the rest")
    assert (rest.net_minor, rest.tax_minor) == (184935, 0)
    db.session.commit()
    assert list(queries.ledger_faults()) == []


def test_only_the_money_that_a_part_frees_is_the_payers_again(heard):
    invoice = make_invoice(total=100000)
    first, second = pay(invoice, 70000), pay(invoice, 30000)
    line = invoice.lines[0].id
    actions.credit(invoice, "A price correction", R.PRICE_CORRECTION, {line: 45000})
    db.session.commit()
    assert [queries.unallocated_of(one) for one in (first, second)] == [15000, 30000]
    assert (face(invoice), queries.balance(invoice).minor) == ("settled_mixed", 0)
    assert heard == ["settled"]
    assert list(queries.ledger_faults()) == []


def test_taking_back_what_was_still_owed_settles_the_rest(heard):
    invoice = make_invoice(total=1000)
    pay(invoice, 800)
    actions.credit(invoice, "The rest", R.GOODWILL, {invoice.lines[0].id: 200})
    assert heard == ["settled"]
    assert face(invoice) == "settled_mixed"


def test_taking_back_a_part_does_not_drop_what_was_bought(heard):
    invoice = make_invoice(total=1000)
    actions.credit(invoice, "A part", R.GOODWILL, {invoice.lines[0].id: 200})
    assert heard == []
    actions.credit(invoice, "All")
    assert heard == ["credited"]


def test_the_paper_names_the_lines_it_takes_back(sent):
    invoice = two_lines()
    actions.credit(invoice, "Fewer seats", R.SEAT_CORRECTION, {invoice.lines[1].id: 1000})
    db.session.commit()
    (mail,) = sent()
    assert "EUR 10.00 of invoice" in mail["Subject"]
    assert "is still owed on it" in " ".join(mail.get_body("plain").get_content().split())
    assert mail.get_payload()[-1].get_content().startswith(b"%PDF-")


def test_income_and_tax_reports_leave_out_what_was_credited(at):
    at(2026, 3, 5)
    invoice = make_invoice(total=1000)
    actions.credit(invoice, "A part", R.GOODWILL, {invoice.lines[0].id: 400})
    (month,) = queries.income_by_month(invoice.issued_on, 1)["EUR"]
    assert (month.claimed, month.earned) == (600, 600)


@pytest.fixture
def finance(browser, at):
    at(2026, 6, 1)
    return browser.sign_in(make_person("finance"))


def test_staff_take_a_part_of_a_line_back(browser, finance):
    invoice = two_lines()
    dues, seats = invoice.lines
    url = f"/staff/dues/{invoice.id}/credit"
    assert "EUR\xa033.35 of EUR\xa033.35 can still be taken back" in browser.get(url)
    form = {"code": "seat_correction", "reason": "Fewer seats", f"line-{dues.id}": ""}
    browser.post(url, **form, **{f"line-{seats.id}": "10.00"})
    page = browser.get(f"/staff/dues/{invoice.id}")
    assert "Fewer seats" in page
    assert "TC-2026-000001" in page
    assert "Take it back by credit note" in page


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"reason": " "}, "Say why"), ({"code": "x"}, "Choose one of these"),
        ({"amount": "many"}, "in figures"), ({"amount": ""}, "how much of which line"),
        ({"amount": "2418.01"}, "at most can be taken back"), ({"amount": "-1"}, "at most"),
    ],
)  # fmt: skip
def test_a_bad_credit_note_is_answered_in_words_and_nothing_typed_is_lost(
    browser, finance, facts, words
):
    invoice = make_invoice()
    url = f"/staff/dues/{invoice.id}/credit"
    browser.get(url)
    form = {"code": "goodwill", "reason": "It is kind", "amount": "5.00"} | facts
    form[f"line-{invoice.lines[0].id}"] = form.pop("amount")
    page = browser.post(url, status=200, **form).text
    assert words in page
    assert "It is kind" in page or facts.get("reason") == " "
    assert db.session.scalars(select(CreditNote)).all() == []


def test_a_second_credit_note_over_everything_is_refused(browser, finance):
    invoice = make_invoice(total=1000)
    url = f"/staff/dues/{invoice.id}/credit"
    form = {"code": "duplicate", "reason": "Twice", f"line-{invoice.lines[0].id}": "10.00"}
    browser.post(url, **form)
    assert "at most can be taken back" in browser.post(url, status=200, **form).text
    assert "Take it back" not in browser.get(f"/staff/dues/{invoice.id}")
    assert len(db.session.scalars(select(CreditNote)).all()) == 1


def firm_with_credit(minor=5000):
    firm = make_firm()
    return firm, pay(make_invoice(firm, total=100), 100 + minor)


def test_the_dues_contact_pays_an_invoice_with_the_firms_credit(browser):
    firm, payment = firm_with_credit(5000)
    invoice = make_invoice(firm, total=8000)
    browser.sign_in(make_member("dues_contact", firm=firm))
    assert "EUR\xa050.00" in browser.get("/firm/invoices")
    assert "Use your credit of EUR\xa050.00" in browser.get(f"/invoices/{invoice.id}")
    browser.post(f"/invoices/{invoice.id}/use-credit", page=f"/invoices/{invoice.id}")
    assert "EUR\xa050.00 of the credit now pays" in browser.get(f"/invoices/{invoice.id}")
    assert queries.balance(invoice).minor == 3000
    assert queries.unallocated_of(payment) == 0
    page = f"/invoices/{invoice.id}"
    browser.post(f"{page}/use-credit", page=page, status=409)
    assert list(queries.ledger_faults()) == []


def test_staff_use_a_payers_credit_and_the_oldest_goes_first(browser, finance):
    firm, older = firm_with_credit(300)
    newer = pay(make_invoice(firm, total=100), 400)
    invoice = make_invoice(firm, total=500)
    page = f"/staff/dues/{invoice.id}"
    assert "Use the payer" in browser.get(page)
    browser.post(f"/invoices/{invoice.id}/use-credit", page=page)
    assert [queries.unallocated_of(one) for one in (older, newer)] == [0, 100]


def test_credit_of_another_firm_or_currency_is_not_offered(browser):
    firm_with_credit()
    firm, _ = firm_with_credit()
    browser.sign_in(make_member("dues_contact", firm=firm))
    dollars = make_invoice(firm, currency="USD")
    assert "Use your credit" not in browser.get(f"/invoices/{dollars.id}")
    page = f"/invoices/{dollars.id}"
    assert "no credit in USD" in browser.post(f"{page}/use-credit", page=page, status=409).text


def test_who_holds_the_pay_link_sees_no_credit(browser):
    firm, _ = firm_with_credit()
    invoice = make_invoice(firm)
    assert "credit of" not in browser.get(f"/pay/{actions.pay_link(invoice).token}")


def test_a_wrong_match_is_undone_with_a_reason_and_paid_where_it_belongs(browser, finance):
    wrong, right = make_invoice(total=1000), make_invoice(total=900)
    payment = pay(wrong, 1000)
    db.session.commit()
    url = f"/staff/dues/{wrong.id}/free/{payment.id}"
    assert "will pay nothing on it" in browser.get(url)
    assert "Say why" in browser.post(url, status=200, reason="").text
    browser.post(url, reason="It was another firm's")
    page = f"/staff/dues/payments/{payment.id}"
    assert "It pays no invoice" in browser.get(page)
    form = {"number": right.reference, "amount": "9.00"}
    browser.post(f"{page}/allocate", **form)
    assert (queries.balance(wrong).minor, queries.balance(right).minor) == (1000, 0)
    assert "pays nothing on" in browser.post(url, status=200, page=page, reason="Again").text
    for form, words in (
        ({"number": "TH-1"}, "No invoice has"), ({"number": wrong.number}, "Only EUR"),
    ):  # fmt: skip
        answer = browser.post(f"{page}/allocate", status=200, amount="9.00", **form)
        assert words in answer.text


def test_credit_that_pays_nothing_for_two_years_is_a_task(browser, at):
    at(2024, 5, 31)
    firm_with_credit(700)
    at(2026, 5, 31)
    browser.sign_in(make_person("finance"))
    assert "Over 24 months" not in browser.get("/staff/dues/unallocated")
    at(2026, 6, 1)
    browser.sign_in(make_person("finance"))
    assert "Over 24 months: ask the payer" in browser.get("/staff/dues/unallocated")
    assert "credit grown old" in browser.get("/staff/")
