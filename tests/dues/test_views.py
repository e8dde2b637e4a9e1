from datetime import date

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions, papers, queries
from portal.dues.models import PayLink, PaymentAttempt
from portal.members.queries import affiliation_of
from tests.dues.books import make_invoice
from tests.make import business_day, make_contact, make_firm, make_member, make_person


@pytest.fixture
def payer(browser):
    return browser.sign_in(make_member("dues_contact", display_name="Dora Dues"))


def firm_of(person):
    return affiliation_of(person).organization


def test_the_list_shows_the_firms_own_invoices_newest_first(browser, payer):
    first, second = (make_invoice(firm_of(payer)) for _ in range(2))
    stranger = make_invoice()
    page = browser.get("/firm/invoices")
    assert page.index(second.number) < page.index(first.number)
    assert f"/invoices/{stranger.id}" not in page


def test_a_colleague_without_the_role_is_told_whom_to_ask(browser):
    firm = make_firm()
    invoice = make_invoice(firm)
    make_contact(firm, "dues_contact", display_name="Ann Accounts")
    browser.sign_in(make_contact(firm))
    page = browser.get("/firm/invoices")
    assert "Ann Accounts" in page
    assert invoice.number not in page
    browser.get(f"/invoices/{invoice.id}", status=404)


def test_an_invoice_explains_itself_and_how_to_pay_it(browser, payer):
    invoice = make_invoice(firm_of(payer), tax_percent="21", purchase_order="PO 7")
    page = browser.get(f"/invoices/{invoice.id}")
    for words in (
        "2,925.78 <small>EUR</small>", "60 FTE: band 51 to 125", "VAT 21 %", "PO 7",
        "Open, nothing paid yet", "NL91 ABNA 0417 1643 00", "ABNANL2A", invoice.reference[:4],
    ):  # fmt: skip
        assert words in page


def test_part_payments_and_who_was_mailed_are_shown(browser, payer, sent):
    invoice = make_invoice(firm_of(payer), total=1000)
    actions.mail_invoice(invoice, "ap@firm.example")
    actions.record_transfer(invoice, Money(400, "EUR"), date(2026, 1, 5))
    db.session.commit()
    sent()
    page = browser.get(f"/invoices/{invoice.id}")
    assert "Partly paid, EUR\xa04.00 paid so far" in page
    assert "6.00 <small>EUR</small>" in page
    assert "5\xa0Jan\xa02026" in page
    assert "ap@firm.example" in page


def test_the_transfer_code_is_for_euro_only_and_has_no_style(browser, payer):
    euro = browser.get(f"/invoices/{make_invoice(firm_of(payer)).id}")
    assert "Payment code for a European banking app" in euro
    yen = browser.get(f"/invoices/{make_invoice(firm_of(payer), currency='JPY').id}")
    assert "European banking app" not in yen


def test_the_transfer_code_says_what_a_transfer_must_say():
    invoice = make_invoice(total=120900)
    owed = queries.balance(invoice)
    lines = papers.transfer_text(papers.letterhead(), invoice, owed).splitlines()
    assert lines[0] == "BCD"
    assert {"NL91ABNA0417164300", "EUR1209.00", invoice.reference, "Testhall"} <= set(lines)


def test_the_invoice_is_downloaded_as_pdf(browser, payer):
    invoice = make_invoice(firm_of(payer), lines=None)
    assert browser.get(f"/invoices/{invoice.id}/pdf").startswith(b"%PDF-")


def test_a_credited_invoice_shows_its_credit_note(browser, payer):
    invoice = make_invoice(firm_of(payer))
    note = actions.credit(invoice, "A mistake")
    db.session.commit()
    assert "Taken back by a credit note" in browser.get(f"/invoices/{invoice.id}")
    url = f"/invoices/{invoice.id}/credit-notes/{note.id}"
    assert note.number in browser.get(f"/invoices/{invoice.id}")
    assert browser.get(url).startswith(b"%PDF-")
    other = make_invoice(firm_of(payer))
    browser.get(f"/invoices/{other.id}/credit-notes/{note.id}", status=404)


@pytest.mark.parametrize("name", ["東京コールセンター", "สายด่วน", "no letter: \uffff"])
def test_a_name_that_no_font_can_draw_still_gets_its_invoice(browser, payer, name):
    firm = firm_of(payer)
    firm.name = name
    db.session.commit()
    invoice = make_invoice(firm)
    assert browser.get(f"/invoices/{invoice.id}/pdf").startswith(b"%PDF-")


def test_names_that_look_like_markup_stay_text_everywhere(browser, payer):
    firm = firm_of(payer)
    firm.name = '<b>#set page() "x" $y$'
    db.session.commit()
    invoice = make_invoice(firm)
    assert "&lt;b&gt;#set page()" in browser.get(f"/invoices/{invoice.id}")
    assert browser.get(f"/invoices/{invoice.id}/pdf").startswith(b"%PDF-")


PAGES = ("", "/pdf", "/credit-notes/1", "/return", "/forward", "/pay-link")


@pytest.mark.parametrize("page", PAGES)
def test_another_firms_invoice_is_not_found(browser, payer, page):
    stranger = make_invoice()
    browser.get(f"/invoices/{stranger.id}{page}", status=404)
    browser.get(f"/invoices/999999{page}", status=404)


@pytest.mark.parametrize("page", ["pay", "forward", "pay-link"])
def test_nothing_can_be_done_with_another_firms_invoice(browser, payer, page):
    stranger = make_invoice()
    browser.get("/firm/invoices")
    browser.get("/account/")
    data = {"csrf_token": browser.token, "email": "thief@x.example"}
    for invoice_id in (stranger.id, 999999):
        answer = browser.send("POST", f"/invoices/{invoice_id}/{page}", data=data)
        assert answer.status_code == 404
    assert db.session.scalars(select(PaymentAttempt)).all() == []


def test_a_pay_link_that_nobody_made_is_not_found(browser):
    browser.get("/pay/nonsense", status=404)


def test_the_pay_link_shows_the_invoice_to_strangers_and_leaks_no_address(browser):
    invoice = make_invoice()
    actions.mail_invoice(invoice, "ap@firm.example")
    db.session.commit()
    url = f"/pay/{actions.pay_link(invoice).token}"
    page = browser.get(url)
    assert invoice.number in page
    assert "ap@firm.example" not in page
    assert browser.get(f"{url}/pdf").startswith(b"%PDF-")
    assert browser.send("GET", url).headers["Referrer-Policy"] == "no-referrer"


def test_forwarding_mails_the_link_with_the_senders_name(browser, payer, sent):
    invoice = make_invoice(firm_of(payer))
    browser.post(f"/invoices/{invoice.id}/forward", email="cfo@firm.example")
    (message,) = sent()
    assert message["To"] == "cfo@firm.example"
    assert "sent on by Dora Dues" in message["Subject"]
    assert f"/pay/{actions.pay_link(invoice).token}" in message.get_body("plain").get_content()
    assert "cfo@firm.example" in browser.get(f"/invoices/{invoice.id}")


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "x@y.example\r\nBcc: z@y.example"])
def test_a_bad_address_to_forward_to_is_answered_at_the_field(browser, payer, email, sent):
    invoice = make_invoice(firm_of(payer))
    page = browser.post(f"/invoices/{invoice.id}/forward", status=200, email=email).text
    assert "Enter an e-mail address" in page
    assert sent() == []


def test_a_new_pay_link_kills_the_old_one(browser, payer):
    invoice = make_invoice(firm_of(payer))
    old = actions.pay_link(invoice).token
    page = browser.post(f"/invoices/{invoice.id}/pay-link")
    assert page.location.endswith("/pay-link")
    new = actions.pay_link(invoice).token
    assert new in browser.get(f"/invoices/{invoice.id}/pay-link")
    browser.get(f"/pay/{old}", status=404)
    browser.get(f"/pay/{new}")
    assert len(db.session.scalars(select(PayLink)).all()) == 2


def test_the_pay_link_of_a_paid_invoice_is_not_offered(browser, payer):
    invoice = make_invoice(firm_of(payer), total=1000)
    finance, offer = make_person("finance"), f'href="/invoices/{invoice.id}/pay-link"'
    pages = ((payer, f"/invoices/{invoice.id}"), (finance, f"/staff/dues/{invoice.id}"))
    for person, page in pages:
        browser.sign_in(person)
        assert offer in browser.get(page)
    actions.record_transfer(invoice, Money(1000, "EUR"), business_day(), by=finance)
    db.session.commit()
    for person, page in pages:
        browser.sign_in(person)
        assert offer not in browser.get(page)


def test_the_firm_pays_signed_in(browser, payer, stripe):
    invoice = make_invoice(firm_of(payer))
    hosted = browser.post(f"/invoices/{invoice.id}/pay", page=f"/invoices/{invoice.id}").location
    paid = stripe.pay(hosted)
    assert paid.location == f"http://portal.test/invoices/{invoice.id}/return"
    browser.get(f"/invoices/{invoice.id}/return", status=303)
    assert "Paid, thank you" in browser.get(f"/invoices/{invoice.id}")


def test_a_payment_being_confirmed_says_so_and_looks_again(browser, payer, stripe):
    invoice = make_invoice(firm_of(payer))
    stripe.pay(
        browser.post(f"/invoices/{invoice.id}/pay", page=f"/invoices/{invoice.id}").location
    )
    stripe.post_faults(fail=3)
    answer = browser.send("GET", f"/invoices/{invoice.id}/return")
    assert "Being confirmed" in answer.text
    assert answer.headers["Refresh"] == "5"
    browser.get(f"/invoices/{invoice.id}/return", status=303)
    assert not queries.balance(invoice)


def test_without_cards_the_page_offers_the_transfer_only(browser, payer, app):
    gateway = app.extensions["stripe"]
    gateway.is_configured = False
    try:
        page = browser.get(f"/invoices/{make_invoice(firm_of(payer)).id}")
    finally:
        gateway.is_configured = True
    assert "by card" not in page.split('<h2 id="pay">')[1].split("</section>")[0]
    assert "By bank transfer" in page


def test_finance_staff_see_every_invoice_as_the_payer_does(browser):
    invoice = make_invoice()
    browser.sign_in(make_person("finance"))
    assert invoice.number in browser.get(f"/invoices/{invoice.id}")
    browser.sign_in(make_person("editor"))
    browser.get(f"/invoices/{invoice.id}", status=404)


def test_the_list_costs_the_same_at_any_length(browser, payer, statements):
    counts = []
    for more in (2, 10):
        for _ in range(more):
            make_invoice(firm_of(payer))
        statements.clear()
        browser.get("/firm/invoices")
        counts.append(len([one for one in statements if one.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 12


def test_the_menu_marks_my_firm_on_every_page_of_its_dues(browser):
    firm = make_firm()
    person, invoice = make_contact(firm, "dues_contact"), make_invoice(firm)
    browser.sign_in(person)
    for page in ("/firm/declaration", "/firm/auto-pay", f"/invoices/{invoice.id}"):
        assert 'href="/firm/" aria-current="true">My firm' in browser.get(page), page
    assert 'aria-current="true">My firm' not in browser.get("/library/")
