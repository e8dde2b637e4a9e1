"""Invoices that are voided: where the settings allow it, and nothing was paid on them."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.association.models import Association
from portal.core import jobs
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions, cards, papers, queries
from portal.dues.actions import LineDraft
from portal.dues.instalments import instalments
from portal.dues.models import Invoice, PaymentAttempt, Void
from portal.dues.queries.groups import dues_of_year
from portal.members.models import Decision
from portal.renewals.queries import is_credited
from tests.dues.books import make_invoice
from tests.make import business_day, make_contact, make_firm, make_person, save

ALL_TIME = date(2000, 1, 1), date(2099, 1, 1)


@pytest.fixture
def may_void():
    db.session.get(Association, 1).may_void = True
    db.session.flush()


def taxed(firm=None):
    lines = [
        LineDraft("bands", "Dues", 10_000, "dues"), LineDraft("seats", "Seats", 5_000, "seats"),
    ]  # fmt: skip
    return make_invoice(firm or make_firm(), lines=lines, tax_percent="21")


def pay(invoice, minor):
    money, signed = Money(minor, invoice.currency), make_person("finance")
    return actions.record_transfer(invoice, money, invoice.issued_on, by=signed)


def books_are_well():
    db.session.commit()
    assert list(queries.ledger_faults()) == []


def test_a_void_invoice_claims_nothing_and_keeps_its_number(may_void):
    first, second = taxed(), taxed()
    actions.void(first, "Sent to the wrong firm")
    bill = queries.bill(first)
    assert (bill.face.value, bill.balance.minor) == ("void", 0)
    assert queries.bill(second).face.value == "open"
    assert sorted(one.minor for one in queries.trial_balance(ALL_TIME[1])) == [
        -15_000, -3_150, 18_150,
    ]  # fmt: skip
    assert first.number != second.number
    books_are_well()


def test_what_is_void_leaves_the_tax_return_the_income_and_the_dues_of_a_firm(may_void):
    invoice = taxed()
    actions.void(invoice, "Issued twice")
    assert [(one.net, one.tax) for one in queries.tax_by_month(*ALL_TIME)] == [(0, 0)]
    months = queries.income_by_month(business_day().replace(day=1), 12)["EUR"]
    assert {(one.claimed, one.earned, one.deferred) for one in months} == {(0, 0, 0)}
    assert list(dues_of_year().values()) == [0]


def test_a_void_invoice_counts_as_taken_back_when_a_term_is_reckoned(may_void):
    invoice = taxed()
    of_this = select(is_credited()).where(Invoice.id == invoice.id)
    assert db.session.scalar(of_this) is False
    actions.void(invoice, "Issued twice")
    assert db.session.scalar(of_this) is True


def test_nothing_can_be_voided_unless_the_settings_allow_it():
    with pytest.raises(Refused, match="settings do not allow"):
        actions.void(taxed(), "Issued twice")


def _paid(invoice):
    pay(invoice, 1)


def _credited(invoice):
    actions.credit(invoice, "A part", lines={invoice.lines[0].id: 100})


def _given_up(invoice):
    facts = {"decided_on": date(2026, 5, 1), "title": "Given up", "text": "So be it."}
    actions.write_off(invoice, save(Decision(body="board", **facts)))


@pytest.mark.parametrize("touch", [_paid, _credited, _given_up])
def test_only_an_invoice_of_which_all_is_owed_can_be_voided(may_void, touch):
    invoice = taxed()
    touch(invoice)
    with pytest.raises(Refused, match="all is still owed"):
        actions.void(invoice, "Issued twice")
    books_are_well()


def test_an_invoice_of_a_closed_month_is_not_voided(may_void, at):
    at(2026, 3, 1)
    invoice = taxed()
    at(2026, 5, 1)
    actions.close_books(date(2026, 3, 31), "The quarter")
    with pytest.raises(Refused, match="books of its month are closed"):
        actions.void(invoice, "Issued twice")


def test_voiding_twice_is_refused_and_a_credit_note_too(may_void):
    invoice = taxed()
    actions.void(invoice, "Issued twice")
    with pytest.raises(Refused, match="void already"):
        actions.void(invoice, "Issued twice")
    with pytest.raises(Refused, match="nothing left"):
        actions.credit(invoice, "Once more")
    assert len(db.session.scalars(select(Void)).all()) == 1


def test_money_that_comes_for_a_void_invoice_is_the_payers_credit(may_void):
    invoice = taxed()
    actions.void(invoice, "Issued twice")
    paid = pay(invoice, 18_150)
    assert queries.unallocated_of(paid) == 18_150
    assert queries.bill(invoice).face.value == "void"
    books_are_well()


def test_voiding_closes_the_card_page_that_waits_for_the_payer(may_void, stripe):
    invoice = taxed()
    cards.start(invoice.id, "/pay/x")
    actions.void(invoice, "Issued twice")
    db.session.commit()
    jobs.work()
    assert [one.status for one in db.session.scalars(select(PaymentAttempt))] == ["expired"]


def test_the_plan_of_a_void_invoice_ends(may_void):
    invoice = taxed()
    actions.agree_plan(invoice, instalments(queries.balance(invoice), business_day(), 3))
    actions.void(invoice, "Issued twice")
    assert queries.bill(invoice).plan == ()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Void: it claims nothing"),
        ("es", "Anulada: no reclama nada"),
        ("fr", "Annulée : elle ne réclame rien"),
        ("de", "Ungültig: fordert nichts"),
        ("pt", "Anulada: nada reclama"),
    ],
)
def test_the_paper_of_a_void_invoice_says_so(may_void, language, words):
    invoice = taxed(make_firm(language=language))
    actions.void(invoice, "Issued twice")
    facts = papers.of_invoice(queries.bill(invoice)).facts
    assert (facts["state"], facts["is_owed"]) == (words, False)


def test_finance_voids_an_invoice_and_the_payer_is_told(may_void, browser, sent):
    invoice = taxed()
    browser.sign_in(make_person("finance"))
    url = f"/staff/dues/{invoice.id}/void"
    assert url in browser.get(f"/staff/dues/{invoice.id}")
    assert "the payer is told the reason" in browser.post(url, status=200, reason="").text
    browser.post(url, reason="Sent to the wrong firm")
    page = browser.get(f"/staff/dues/{invoice.id}")
    assert "is void: it claims nothing any more" in page
    assert "Sent to the wrong firm" in page
    assert url not in page
    assert "Take it back by credit note" not in page
    (mail,) = sent()
    assert mail["Subject"] == f"Invoice {invoice.number} is void"
    assert "Sent to the wrong firm" in mail.get_body(("plain",)).get_content()
    assert invoice.number in browser.get("/staff/dues/?state=void")
    assert invoice.number not in browser.get("/staff/dues/?state=paid")


def test_the_firm_sees_that_nothing_is_owed(may_void, browser):
    firm = make_firm()
    person = make_contact(firm, "dues_contact")
    invoice = make_invoice(firm)
    actions.void(invoice, "Issued twice")
    db.session.commit()
    browser.sign_in(person)
    page = browser.get(f"/invoices/{invoice.id}")
    assert "Nothing is owed." in page
    assert "Void, it claims nothing" in page
    assert "Pay by card" not in page


def test_without_the_setting_no_page_offers_it(browser):
    invoice = taxed()
    browser.sign_in(make_person("finance"))
    url = f"/staff/dues/{invoice.id}/void"
    assert url not in browser.get(f"/staff/dues/{invoice.id}")
    answer = browser.post(url, status=200, reason="Issued twice")
    assert "settings do not allow it" in answer.text
    assert queries.bill(invoice).face.value == "open"
