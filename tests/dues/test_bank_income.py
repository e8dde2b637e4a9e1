"""Money that came without an invoice: credit of who sent it, or income of a category."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.association.queries import today
from portal.core.access import Role
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions, queries
from portal.dues.models import Account, BankIncome, Payment, Posting, ReversalKind
from portal.dues.queries.funding import Funder, income_by_funder
from portal.home.queries import largest_payer
from portal.members.queries import group_of
from tests.dues.books import make_invoice
from tests.dues.statements import DAY, imported, moved, mt940
from tests.make import make_contact, make_firm, make_person


@pytest.fixture
def finance(browser):
    return browser.sign_in(make_person(Role.FINANCE))


def came(amount="500.00", name="Kapok Voice", text="Congress", **more):
    return imported(mt940(moved(amount, name, text, **more)))[0]


def keep(browser, line, status=303, **facts):
    page = f"/staff/dues/bank/lines/{line.id}"
    return browser.post(f"{page}/book", status=status, page=page, keep="1", **facts)


def booked(line, income=BankIncome.SPONSORSHIP, sender=0):
    match = actions.book_income(line, income, sender)
    db.session.commit()
    return match


def balance_of(account, income=None):
    query = select(func.coalesce(func.sum(Posting.minor), 0)).where(Posting.account == account)
    return db.session.scalar(query.where(Posting.income == income) if income else query)


def funders():
    return {who: minor for who, minor in income_by_funder(*days()).items() if minor}


def days():
    return DAY - timedelta(days=365), today() + timedelta(days=365)


def is_sound():
    return list(queries.ledger_faults()) == []


@pytest.mark.parametrize("income", list(BankIncome))
def test_money_without_an_invoice_is_booked_to_its_category_and_is_no_credit(
    browser, finance, income
):
    firm = make_firm(name="Kapok Voice")
    line = came()
    page = browser.get(f"/staff/dues/bank/lines/{line.id}")
    assert "Does it pay no invoice?" in page
    assert "sponsorship that is taxed needs an invoice" in page
    keep(browser, line, income=income.value, sender=firm.id)
    assert balance_of(Account.INCOME, income.value) == -50000
    assert (balance_of(Account.BANK), balance_of(Account.UNALLOCATED)) == (50000, 0)
    assert balance_of(Account.TAX_PAYABLE) == 0
    assert {one.organization_id for one in db.session.scalars(select(Posting))} == {firm.id}
    assert queries.credit_for(make_invoice(firm)).minor == 0
    assert {name: n for name, n in queries.bank_counts().items() if n} == {"matched": 1}
    assert queries.suspense(today()) == []
    assert f"{income.words}, booked as income" in browser.get(f"/staff/dues/bank/lines/{line.id}")
    assert income.words in browser.get("/staff/dues/bank/?state=matched")
    assert is_sound()


def test_as_before_it_is_credit_unless_something_is_said(browser, finance):
    firm, line = make_firm(name="Kapok Voice"), came()
    keep(browser, line)
    assert queries.credit_for(make_invoice(firm)).minor == 50000, "of the firm of that name"
    assert balance_of(Account.INCOME) + balance_of(Account.RECEIVABLE) == 0


def test_staff_say_whose_credit_it_is(browser, finance):
    firm = make_firm(name="Ember Calls")
    page = f"/staff/dues/bank/lines/{came().id}"
    assert "Ember Calls" not in browser.get(page)
    found = browser.get(f"{page}?q=ember")
    assert f'<option value="{firm.id}">Ember Calls' in found
    browser.post(f"{page}/book?q=ember", page=page, keep="1", income="", sender=firm.id)
    assert queries.left_of([firm.id])[0].money == Money(50000, "EUR")


@pytest.mark.parametrize(
    ("facts", "words"),
    [({"income": "bribe"}, "Choose one of these"), ({"sender": "777"}, "Choose one of these"),
     ({"income": "gift", "sender": ""}, "Choose one of these")],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_booked(browser, finance, facts, words):
    line = came()
    assert words in keep(browser, line, status=200, **facts).text
    assert db.session.query(Posting).count() == 0


def test_sent_twice_it_is_booked_once(browser, finance):
    line = came()
    keep(browser, line, income="grant", sender="0")
    again = keep(browser, line, status=200, income="grant", sender="0")
    assert "dealt with this line already" in again.text
    assert balance_of(Account.INCOME) == -50000
    assert db.session.query(Payment).count() == 1


def test_undone_it_is_unallocated_and_may_become_something_else(browser, finance, at):
    firm, line = make_firm(name="Kapok Voice"), came()
    keep(browser, line, income="sponsorship", sender=firm.id)
    page = f"/staff/dues/bank/lines/{line.id}/undo"
    assert "booked as income: sponsorship from Kapok Voice" in browser.get(page)
    browser.post(page, page=page, reason="It was for dues")
    assert (balance_of(Account.INCOME), balance_of(Account.UNALLOCATED)) == (0, -50000)
    assert is_sound()
    invoice = make_invoice(firm, total=30000)
    assert queries.credit_for(invoice).minor == 50000
    keep(browser, line, income="gift", sender=firm.id)
    assert balance_of(Account.INCOME, "gift") == -50000
    assert queries.credit_for(invoice).minor == 0
    assert is_sound()


def test_money_of_which_a_part_was_used_is_not_income():
    firm, line = make_firm(), came()
    actions.undo(booked(line, sender=firm.id), "For dues")
    actions.allocate(queries.payment_of(line), make_invoice(firm, total=100), Money(100, "EUR"))
    with pytest.raises(Refused, match="A part of this money was used"):
        actions.book_income(line, BankIncome.GIFT, firm.id)
    with pytest.raises(Refused, match="another firm"):
        actions.book_income(line, BankIncome.GIFT, make_firm().id)


def test_money_that_left_is_no_income():
    with pytest.raises(Refused, match="left the account"):
        actions.book_income(came("-5.00"), BankIncome.GIFT, 0)


def test_income_is_neither_sent_back_nor_shown_to_the_firm_as_credit(browser, finance):
    firm, line = make_firm(name="Kapok Voice"), came()
    booked(line, sender=firm.id)
    payment = queries.payment_of(line)
    way = actions.Sending("Asked for", payment.method)
    with pytest.raises(Refused):
        actions.request_refund(payment, payment.money, way)
    db.session.rollback()
    page = browser.get(f"/staff/dues/payments/{payment.id}")
    assert "It is income without an invoice: sponsorship" in page
    assert "Send it back" not in page
    assert "Kapok Voice" not in browser.get("/staff/dues/unallocated")
    browser.sign_in(make_contact(firm))
    assert "500.00" not in browser.get("/firm/invoices")


@pytest.mark.parametrize("kind", list(ReversalKind))
def test_a_reversed_payment_is_income_no_more_and_its_match_can_still_be_undone(kind):
    line = came()
    match = booked(line)
    actions.reverse(match.payment, actions.Reversing(kind, "It came back", today()))
    db.session.commit()
    assert (balance_of(Account.INCOME), balance_of(Account.BANK)) == (0, 0)
    assert balance_of(Account.UNALLOCATED) == 0
    assert is_sound()
    if match.undone_at is None:
        actions.undo(match, "Looked at again")
    assert balance_of(Account.INCOME) == 0
    assert is_sound()


def test_it_counts_among_what_funds_us_by_group_or_by_the_name_the_bank_gave():
    firm = make_firm(name="Kapok Voice")
    booked(came("300.00"), sender=firm.id)
    one = booked(came("200.00", "Lottery  Fund", "a"), BankIncome.GRANT)
    booked(came("100.00", "LOTTERY FUND", "b"), BankIncome.GRANT)
    booked(came("900.00", "Demo Bank", "interest"), BankIncome.INTEREST)
    lottery = Funder(0, ("", "lottery fund"))
    assert funders() == {Funder(group_of(firm.id).id): 30000, lottery: 30000}
    assert largest_payer(today()).share_tenths == 500, "interest of our bank is no payer's"
    actions.undo(one, "For dues")
    assert funders() == {Funder(group_of(firm.id).id): 30000, lottery: 10000}


def test_the_reports_of_income_and_the_journal_show_it_with_who_sent_it(browser, finance):
    booked(came("300.00", "Lottery Fund", "Gift of May"), BankIncome.GIFT)
    found = queries.income_by_month(DAY, 1)["EUR"]
    assert [(one.claimed, one.earned, one.deferred) for one in found] == [(30000, 30000, 0)]
    page = browser.get("/staff/dues/reports/journal")
    assert "Income, gift" in page
    assert "Lottery Fund / Gift of May" in page
    rows = csv.DictReader(io.StringIO(browser.get("/staff/dues/reports/journal.csv")))
    (row,) = [one for one in rows if one["income"]]
    assert (row["income"], row["credit"]) == ("gift", "300.00")


def test_the_proof_names_income_that_is_not_as_it_came():
    match = booked(came())
    match.undone_at = match.made_at
    db.session.flush()
    assert f"Income of bank match {match.id}: 0 came, 50000 booked." in list(
        queries.ledger_faults()
    )


def test_credit_becomes_income_on_the_day_on_which_it_is_said(at):
    line = came()
    actions.undo(booked(line), "For dues?")
    at(2026, 12, 20)
    match = booked(line, BankIncome.GIFT)
    on = select(Posting.on).where(Posting.journal == f"bank-income:{match.id}").distinct()
    assert [str(one) for one in db.session.scalars(on)] == ["2026-12-20"]
