"""Dues that somebody else pays for a firm: it owes them, they get the invoice and fund us."""

import csv
import io

import pytest
from sqlalchemy import select

from portal.accounts import erasing
from portal.accounts.holdings import HOLDINGS
from portal.association.queries import association, today
from portal.core import documents
from portal.core.bounces import note_bounce
from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions, papers, queries
from portal.dues.matching import Ground
from portal.dues.models import Payment
from portal.home.queries import largest_payer
from portal.members.models import Organization
from portal.renewals.actions.reminding import remind
from tests.dues.books import SEATS, book, make_invoice, make_tariff
from tests.dues.kept import keep_card
from tests.dues.statements import imported, moved, mt940
from tests.make import make_contact, make_firm, make_membership, make_person
from tests.renewals.making import issue, make_life, person_of

PAYER = {
    "name": "Ministry of Work", "address": "9 Public Square\nManila", "country": "PH",
    "tax_id": "PH-77", "email": "grants@ministry.example",
}  # fmt: skip
OTHER = {"who": "other", **PAYER, "reference": "Grant 12"}


@pytest.fixture
def term():
    found = make_life()
    found.membership.organization.paid_by = PAYER | {"reference": "Grant 12"}
    db.session.commit()
    return found


def sponsored(firm=None, **facts):
    return make_invoice(firm, paid_by=PAYER, **facts)


def pay(invoice, minor, **facts):
    by = make_person("finance")
    payment = actions.record_transfer(
        invoice, Money(minor, "EUR"), invoice.issued_on, by=by, **facts
    )
    db.session.commit()
    return payment


def test_the_renewal_is_addressed_to_who_pays_and_owed_by_the_member(term, sent):
    invoice = issue(term)
    firm = term.membership.organization
    assert (invoice.organization, invoice.bill_to["name"]) == (firm, firm.name)
    assert (invoice.paid_by, invoice.purchase_order) == (PAYER, "Grant 12")
    mails = [one for one in sent() if invoice.number in one["Subject"]]
    assert [one["To"] for one in mails] == [PAYER["email"], person_of(term).email]
    body = mails[0].get_body().get_content()
    assert f"{firm.name} owes Testhall" in body
    assert f"addressed to Ministry of Work, who pays it for {firm.name}" in body
    assert "/pay/" in body


def test_what_was_issued_keeps_its_payer_when_another_is_named(term):
    invoice = issue(term)
    actions.name_payer(term.membership.organization, {})
    db.session.commit()
    assert invoice.paid_by == PAYER


def test_seats_are_paid_by_them_too(sent):
    firm = make_firm(paid_by=PAYER)
    make_contact(firm, "dues_contact", email="ann@firm.example")
    make_tariff(book=book({"kind": "flat", "classes": "*", "amount": 1000}, SEATS))
    term = make_membership(firm).terms[-1]
    invoice = actions.order_seats(term, 1, actions.price_of_seats(term, 1))
    db.session.commit()
    assert invoice.paid_by == PAYER
    assert [one["To"] for one in sent()] == [PAYER["email"], "ann@firm.example"]


def test_reminders_and_receipts_reach_both_and_the_debt_is_the_members(term, sent, at):
    invoice = issue(term)
    sent()
    late = invoice.due_on.replace(day=1)
    at(late.year + (late.month == 12), late.month % 12 + 1, 28, 12)
    remind(invoice)
    db.session.commit()
    contact = person_of(term).email
    assert {one["To"] for one in sent()} == {contact, PAYER["email"]}
    pay(invoice, invoice.total_minor)
    receipts = [one for one in sent() if "Receipt" in one["Subject"]]
    assert {one["To"] for one in receipts} == {contact, PAYER["email"]}
    assert "from Ministry of Work for invoice" in receipts[0].get_body().get_content()


def test_where_mail_to_them_bounces_the_firm_is_told_alone():
    firm = make_firm()
    make_contact(firm, "dues_contact", email="ann@firm.example")
    invoice = sponsored(firm)
    note_bounce(PAYER["email"], "gone")
    db.session.commit()
    assert queries.addresses_of(invoice) == ["ann@firm.example"]


def test_page_and_pdf_name_both(browser):
    firm = make_firm(name="Kapok Voice Ltd")
    invoice = sponsored(firm, purchase_order="Grant 12")
    page = browser.get(f"/pay/{queries.link_of(invoice).token}")
    for words in ("to Ministry of Work for Kapok Voice Ltd", "PH-77", "Grant 12"):
        assert words in page
    facts = papers.of_invoice(queries.bill(invoice)).facts
    assert (facts["to"], facts["owes"]["name"]) == (PAYER, "Kapok Voice Ltd")
    assert documents.pdf("invoice", facts).startswith(b"%PDF")
    own = papers.of_invoice(queries.bill(make_invoice(firm))).facts
    assert (own["is_for"], own["to"]["name"]) == (False, "Kapok Voice Ltd")


def test_the_payment_says_who_paid_in_receivables_ledger_and_lists(browser):
    firm = make_firm(name="Kapok Voice Ltd")
    make_invoice(firm, total=500)
    invoice = sponsored(firm, total=1000)
    browser.sign_in(make_person("finance"))
    assert "Paid by Ministry of Work" in browser.get("/staff/dues/")
    owed = browser.get("/staff/dues/reports/owed")
    assert owed.count("Kapok Voice Ltd</a>") == 2, "what it pays itself stands apart"
    assert "Paid by Ministry of Work" in owed
    payment = pay(invoice, 1000)
    assert (payment.organization, payment.paid_by) == (firm, "Ministry of Work")
    assert "paid for it by Ministry of Work" in browser.get(f"/staff/dues/payments/{payment.id}")
    assert "Paid by Ministry of Work" in browser.get("/staff/dues/reports/journal")
    for path, column in (("export", "paid by"), ("reports/journal", "paid by")):
        rows = list(csv.DictReader(io.StringIO(browser.get(f"/staff/dues/{path}.csv"))))
        assert "Ministry of Work" in {row[column] for row in rows}


def test_staff_say_that_the_firm_paid_after_all(browser):
    invoice = sponsored(total=1000)
    browser.sign_in(make_person("finance"))
    path = f"/staff/dues/{invoice.id}/transfer"
    assert "Who paid it" in browser.get(path)
    told = {"amount": "10.00", "received_on": today().isoformat(), "method": "bank"}
    browser.post(path, page=path, **told, paid_by="stranger", status=200)
    browser.post(path, page=path, **told, paid_by="firm")
    assert db.session.scalars(select(Payment)).one().paid_by == ""
    assert "Who paid it" not in browser.get(f"/staff/dues/{make_invoice().id}/transfer")


def test_what_they_paid_too_much_is_theirs_and_pays_nothing_of_the_firm(browser):
    firm = make_firm()
    contact = make_contact(firm, "dues_contact")
    pay(sponsored(firm, total=1000), 1500)
    own, theirs = make_invoice(firm, total=400), sponsored(firm, total=400)
    assert queries.credit_for(own) == Money(0, "EUR")
    assert queries.credit_for(theirs) == Money(500, "EUR")
    browser.sign_in(contact)
    assert "5.00" not in browser.get("/firm/invoices")
    browser.sign_in(make_person("finance"))
    assert "Of Ministry of Work, who paid for it" in browser.get("/staff/dues/unallocated")


def test_a_bank_line_in_their_name_finds_the_invoice_of_the_firm():
    invoice = sponsored(make_firm(name="Kapok Voice Ltd"), total=77700)
    line = imported(mt940(moved("777.00", "MINISTRY OF WORK", "dues of a member")))[0]
    found = queries.proposals([line])[line.id]
    assert [found_id for found_id, _ in found.shares] == [invoice.id]


@pytest.mark.parametrize(
    ("counterparty", "paid_by"),
    [("MINISTRY OF WORK", "Ministry of Work"), ("KAPOK  VOICE Ltd", ""), ("", "Ministry of Work")],
)
def test_a_line_of_the_firm_itself_is_its_own_money(counterparty, paid_by):
    firm = make_firm(name="Kapok Voice Ltd")
    invoice = sponsored(firm, total=1000)
    (line,) = imported(mt940(moved("15.00", counterparty, f"For {invoice.number}")))
    match = actions.book(line, [(invoice, 1000)], Ground.HAND, "", make_person("finance"))
    db.session.commit()
    assert match.payment.paid_by == paid_by
    own, theirs = make_invoice(firm, total=500), sponsored(firm, total=500)
    left = (queries.credit_for(own).minor, queries.credit_for(theirs).minor)
    assert left == ((0, 500) if paid_by else (500, 0))


def test_before_an_invoice_is_voided_it_is_said_who_is_told(browser):
    association().may_void = True
    firm = make_firm()
    invoice = sponsored(firm)
    contact = make_contact(firm, "dues_contact")
    browser.sign_in(make_person("finance"))
    page = browser.get(f"/staff/dues/{invoice.id}/void")
    assert f"A mail tells grants@ministry.example, {contact.email}." in page


def test_their_invoice_is_never_charged_to_the_firms_card(browser, stripe, payer):
    person, firm = payer
    keep_card(stripe, firm, person)
    own, theirs = make_invoice(firm), sponsored(firm)
    assert [one.invoice.id for one in queries.coming_of(firm.id)] == [own.id]
    browser.sign_in(person)
    page = browser.get(f"/invoices/{theirs.id}")
    assert "is charged to" not in page
    assert 'name="keep"' not in page


def test_interest_is_taxed_by_the_member_and_asked_of_who_pays(term, at):
    association().interest_percent = "8"
    firm = term.membership.organization
    invoice = issue(term)
    at(2027, 9, 1, 12)
    made = actions.charge_interest(invoice)
    assert (made.paid_by, made.bill_to["name"]) == (PAYER, firm.name)
    assert made.bill_to["country"] == firm.country


def test_who_funds_us_counts_the_payer_and_not_the_member():
    first, second, third = make_firm(), make_firm(), make_firm()
    day = today()
    for firm in (first, second):
        sponsored(firm, total=300)
    make_invoice(third, total=400)
    assert largest_payer(day).share_tenths == 600, "two firms, one ministry"
    actions.credit(sponsored(third, total=9000), "Wrong")
    db.session.commit()
    assert largest_payer(day).share_tenths == 600


def test_what_a_firm_paid_itself_is_its_own_whoever_was_asked():
    first, second = make_firm(), make_firm()
    paid, asked = sponsored(first, total=300), sponsored(second, total=300)
    make_invoice(make_firm(), total=400)
    assert largest_payer(today()).share_tenths == 600
    pay(paid, 300, paid_by="")
    assert largest_payer(today()).share_tenths == 400
    pay(asked, 300)
    assert largest_payer(today()).share_tenths == 400


def test_a_card_of_the_firms_own_people_is_the_firms_money_and_one_by_the_link_is_theirs(
    browser, stripe
):
    firm = make_firm(name="Kapok Voice Ltd", billing_email="dues@kapok.example")
    first, second = sponsored(firm, total=300), sponsored(firm, total=400)
    by_link = f"/pay/{queries.link_of(first).token}"
    browser.sign_in(make_contact(firm, "dues_contact"))
    asked = browser.get(f"/invoices/{first.id}")
    assert "counts as paid by Kapok Voice Ltd" in asked
    assert 'href="/firm/payer">Give it where you name who pays' in asked
    assert "counts as paid by" not in browser.get(by_link)
    assert "counts as paid by" not in browser.get(f"/invoices/{make_invoice(firm).id}")
    theirs = browser.post(f"{by_link}/pay", page=by_link).location
    own = browser.post(f"/invoices/{first.id}/pay", page=f"/invoices/{first.id}").location
    assert own != theirs, "a page that they opened is not shown to the firm"
    assert queries.last_attempt(first.id).is_own
    stripe.pay(own)
    browser.get(f"/invoices/{first.id}/return", status=303)
    by_link = f"/pay/{queries.link_of(second).token}"
    stripe.pay(browser.post(f"{by_link}/pay", page=by_link).location)
    browser.get(f"{by_link}/return", status=303)
    paid = select(Payment.paid_by).order_by(Payment.id)
    assert db.session.scalars(paid).all() == ["", "Ministry of Work"]


def test_the_other_is_not_shown_a_page_that_the_firm_opened_and_staff_are_told_whose_it_is(
    browser, stripe
):
    firm = make_firm(name="Kapok Voice Ltd")
    invoice = sponsored(firm, total=300)
    here, by_link = f"/invoices/{invoice.id}", f"/pay/{queries.link_of(invoice).token}"
    browser.sign_in(make_contact(firm, "dues_contact"))
    own = browser.post(f"{here}/pay", page=here).location
    theirs = browser.post(f"{by_link}/pay", page=by_link).location
    assert own != theirs
    assert not queries.last_attempt(invoice.id).is_own
    browser.sign_in(make_person("finance"))
    page = browser.get(here)
    assert "take here counts as paid by Ministry of Work" in page
    assert "Give it where you name who pays" not in page
    assert browser.post(f"{here}/pay", page=here).location == theirs


def test_a_person_who_pays_for_firms_has_it_among_their_data_and_pays_no_more_once_erased():
    person = make_person(email="patron@home.example")
    firm = make_firm(name="Kapok Voice Ltd")
    told = PAYER | {"name": "Pat Ron", "email": "Patron@Home.example"}
    actions.name_payer(firm, told)
    invoice = make_invoice(firm, paid_by=told)
    db.session.commit()
    mine = {one.name: list(one.rows(person)) for one in HOLDINGS}
    assert [one["firm"] for one in mine["paying-for-firms"]] == ["Kapok Voice Ltd"]
    assert [(one["number"], one["billed_to"]) for one in mine["invoices"]] == [
        (invoice.number, "Pat Ron")
    ]
    assert not erasing.why_not(person), "the firm owes it"
    erasing.erase(person)
    db.session.commit()
    assert firm.paid_by == {}


def test_a_parent_with_accents_is_counted_with_its_group():
    parent = make_firm(name="Øresund Holding", country="PH")
    make_invoice(make_firm(), total=300, paid_by=PAYER | {"name": "ØRESUND  HOLDING"})
    make_invoice(parent, total=300)
    make_invoice(make_firm(), total=400)
    assert largest_payer(today()).share_tenths == 600


def test_a_parent_that_is_here_itself_is_counted_with_its_group():
    parent = make_firm(name="Parent Holding", country="PH")
    daughter, other = make_firm(), make_firm()
    told = PAYER | {"name": "PARENT  holding"}
    make_invoice(daughter, total=300, paid_by=told)
    make_invoice(parent, total=300)
    make_invoice(other, total=400)
    assert largest_payer(today()).share_tenths == 600


def test_the_dues_contact_names_who_pays_and_takes_it_back(browser):
    firm = make_firm()
    browser.sign_in(make_contact(firm, "dues_contact"))
    path = "/firm/payer"
    assert browser.get(path).count("(optional)") == 2, "their tax id and their reference"
    page = browser.post(path, page=path, who="other", status=200).text
    for words in ("Enter the name of who pays", "Enter their address", "Choose their country"):
        assert words in page
    page = browser.post(path, page=path, **OTHER | {"email": "nowhere"}, status=200).text
    assert "Enter an e-mail address, like" in page
    assert "Ministry of Work" in page, "what was typed is kept"
    for _twice in range(2):
        browser.post(path, page=path, **OTHER)
    assert firm_now(firm).paid_by == PAYER | {"reference": "Grant 12"}
    assert "Ministry of Work" in browser.get(path)
    assert "Ministry of Work" in browser.get("/firm/")
    browser.post(path, page=path, **OTHER | {"who": "firm"})
    assert firm_now(firm).paid_by == {}


def test_a_colleague_who_does_not_pay_cannot_name_anybody(browser):
    firm = make_firm()
    make_contact(firm, "dues_contact")
    browser.sign_in(make_contact(firm, "roster_manager"))
    browser.get("/firm/payer", status=403)


def test_finance_names_the_payer_of_any_firm(browser):
    firm = make_firm()
    browser.sign_in(make_person("finance"))
    path = f"/staff/dues/payers/{firm.id}"
    browser.post(path, page=path, who="other", status=200)
    browser.post(path, page=path, **OTHER)
    assert "Ministry of Work" in browser.get(f"/staff/members/{firm.id}")
    browser.get(f"/staff/dues/payers/{firm.id + 1}", status=404)


def firm_now(firm):
    db.session.expire_all()
    return db.session.get(Organization, firm.id)
