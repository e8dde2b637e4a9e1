"""A class that pays first: the firm, the money and its way back, and what every page says."""

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import CreditNote, Invoice
from portal.joining import actions
from portal.joining.jobs import expire_applications
from portal.joining.models import Application
from portal.members.models import Affiliation, Membership, MembershipClass, Organization, Term
from tests.dues.books import book, flat, make_tariff
from tests.joining.applying import QUOTE, again, make_application, pay, pay_first
from tests.make import make_firm, make_person

REASON = "It does not accept that positions are decided openly."


@pytest.fixture(autouse=True)
def summer(at):
    at(2026, 8, 17, 9)


def sent_one(**facts):
    return make_application(pays_first=True, upto="awaiting_payment", **facts)


def read_one(**facts):
    return make_application(pays_first=True, upto="under_review", **facts)


def subjects(mails):
    return [(one["To"], one["Subject"]) for one in mails]


def owed(application):
    return dues_queries.balance(application.invoice).minor


def left(application):
    return [one.money.minor for one in dues_queries.left_for(application.invoice)]


def test_sending_makes_the_firm_and_its_invoice_and_nobody_acts_for_it_yet(browser, sent):
    made = make_application(pays_first=True, upto="draft")
    sent()
    page = browser.get(f"/join/a/{made.token}/check")
    assert "the invoice for this price comes at once" in page
    assert "Nothing is to be paid before that" not in page
    browser.post(f"/join/a/{made.token}/check")
    made = again(made)
    firm, invoice = made.organization, made.invoice
    assert (made.status.value, made.deadline_on) == ("awaiting_payment", None)
    assert (firm.name, firm.registration_no, firm.memberships) == (
        "Sampaguita Care Inc.", None, [],
    )  # fmt: skip
    assert (invoice.total_minor, invoice.bill_to["email"]) == (90758, "ap@sampaguita.example")
    assert not db.session.query(Affiliation).count()
    assert (made.email, f"We have your application {made.reference}: please pay the dues") in (
        mails := subjects(sent())
    )
    assert [to for to, subject in mails if invoice.number in subject] == ["ap@sampaguita.example"]
    browser.post(f"/join/a/{made.token}/check", page=f"/join/a/{made.token}/withdraw")
    assert db.session.query(Invoice).count() == db.session.query(Organization).count() == 1


def test_the_pages_say_what_happens_in_which_order(browser):
    make_tariff()
    before = browser.get(f"/join/?{QUOTE}")
    assert "Until then nothing is to be paid" in before
    pay_first()
    for url in (f"/join/?{QUOTE}", f"/join/start?{QUOTE}"):
        assert "We read the application, and answer within 15 working days of the payment" in (
            browser.get(url)
        )
    made = sent_one()
    page = browser.get(f"/join/a/{made.token}")
    assert page.index("Dues to pay") < page.index("Being read")
    assert "The firm is not admitted yet" in page
    paying = browser.get(f"/pay/{dues.pay_link(made.invoice).token}")
    assert "When it is paid we read the application" in paying
    pay(made)
    db.session.commit()
    paying = browser.get(f"/pay/{dues.pay_link(made.invoice).token}")
    assert "all of it comes back to you" in paying
    page = browser.get(f"/join/a/{made.token}")
    assert "is paid. We answer by <strong>7" in page
    assert "its membership begins at once" in page


def test_staff_see_what_waits_for_money_and_cannot_decide_before(browser):
    browser.sign_in(make_person("membership"))
    made = sent_one()
    queue = browser.get("/staff/joining/?state=awaiting_payment")
    assert "not decided yet" in queue
    assert "when it is paid" in queue
    page = browser.get(f"/staff/joining/{made.id}")
    assert "Nothing is decided before" in page
    for word in ("Take it for review", "Admit the firm", "Decline"):
        assert word not in page
    for path in ("approve", "decline"):
        with pytest.raises(Refused):
            getattr(actions, path)(made, *(("rules", REASON) if path == "decline" else ()),
                                   make_person())  # fmt: skip
        db.session.rollback()
    pay(made)
    db.session.commit()
    page = browser.get(f"/staff/joining/{made.id}")
    assert "It was paid first" in page
    assert "was paid first: the membership begins at once" in browser.get(
        f"/staff/joining/{made.id}/approve"
    )


def test_money_begins_the_review_and_admission_the_membership_once(browser, sent):
    made = sent_one()
    sent()
    pay(made, 50000)
    db.session.commit()
    assert again(made).status.value == "awaiting_payment"
    pay(made, 40758)
    db.session.commit()
    made = again(made)
    assert (made.status.value, str(made.deadline_on)) == ("under_review", "2026-09-07")
    assert f"we read your application {made.reference}" in subjects(sent())[-1][1]
    browser.sign_in(make_person("membership"))
    answer = browser.post(f"/staff/joining/{made.id}/approve")
    assert "and a member" in browser.get(answer.location)
    made = again(made)
    assert made.status.value == "activated"
    assert made.organization.registration_no == "CS2019-0042"
    assert db.session.query(Affiliation).one().person_id == made.person_id
    term = db.session.query(Term).one()
    assert (str(term.start_on), str(term.end_on)) == ("2026-08-17", "2026-12-31")
    assert term.price_snapshot["invoice"] == made.invoice.number
    assert db.session.query(Invoice).count() == 1
    assert subjects(sent())[-1][1] == "Sampaguita Care Inc. is a member of Testhall"
    with pytest.raises(Refused):
        actions.approve(made, make_person())
    actions.settled(made.invoice)
    assert db.session.query(Membership).count() == 1


def decline(application):
    actions.decline(application, "rules", REASON, make_person())


@pytest.mark.parametrize("end", [decline, actions.withdraw,
                                 lambda made: actions.expire(made, "Time ran out")])  # fmt: skip
def test_what_was_paid_by_transfer_goes_back_by_the_treasurer(browser, sent, end):
    make_person("finance", email="cash@test.example")
    reads = end in (decline, actions.withdraw)  # the other: a question that nobody answered
    made = make_application(pays_first=True, upto="under_review" if reads else "needs_information")
    sent()
    end(made)
    db.session.commit()
    assert owed(made) == 0
    assert db.session.query(CreditNote).one().total_minor == 90758
    assert left(made) == [90758]
    amount = Money(90758, "EUR")
    mails = sent()
    (asked,) = [one for one in mails if one["To"] == "cash@test.example"]
    assert asked["Subject"].startswith("To send back: EUR")
    assert "cannot go back by itself" in asked.get_body(("plain",)).get_content()
    with pytest.raises(Refused):
        end(made)
    db.session.rollback()
    assert db.session.query(CreditNote).count() == 1
    assert "what was paid goes back" in browser.get(f"/join/a/{made.token}").lower()
    browser.sign_in(make_person("finance", "membership"))
    assert "that was paid is still here" in browser.get(f"/staff/joining/{made.id}")
    told = [one for one in mails if one["To"] == made.email]
    if end is not actions.withdraw:
        assert str(amount) in told[-1].get_body(("plain",)).get_content()


def test_sixty_days_unpaid_end_it_and_what_was_paid_in_part_goes_back(at):
    made, paid = sent_one(), sent_one(email="b@firm.example", registration_no="2", name="B Ltd")
    decided = make_application(
        email="c@firm.example", registration_no="3", name="C Ltd", upto="draft"
    )
    pay(made, 50000)
    pay(paid)
    db.session.commit()
    at(2026, 10, 16, 8)
    expire_applications()
    assert again(made).status.value == "awaiting_payment"
    at(2026, 10, 16, 10)
    expire_applications()
    expire_applications()
    assert again(made).status.value == "expired"
    assert (owed(made), left(made)) == (0, [50000])
    assert again(paid).status.value == "under_review"
    assert again(decided).status.value == "draft"
    assert db.session.query(CreditNote).count() == 1


def test_money_that_comes_after_the_end_is_the_payer_s_and_begins_nothing():
    made = sent_one()
    actions.withdraw(made)
    pay(made)
    db.session.commit()
    assert (again(made).status.value, left(made)) == ("withdrawn", [90758])


def test_a_firm_whose_payment_was_undone_is_a_member_when_it_has_paid_again(sent):
    made = make_application(pays_first=True, upto="owes_again")
    assert owed(made) == 90758
    assert not db.session.query(Membership).count()
    assert any("is admitted to" in subject for _, subject in subjects(sent()))
    pay(made)
    db.session.commit()
    assert again(made).status.value == "activated"
    assert db.session.query(Invoice).count() == db.session.query(Membership).count() == 1


def test_who_only_asks_to_pay_first_takes_no_registration_number_from_anybody():
    first = sent_one()
    other = make_application(email="true@sampaguita.example", upto="draft")
    actions.submit(other)
    pay(other)
    actions.approve(other, make_person())
    db.session.commit()
    assert again(other).organization.registration_no == "CS2019-0042"
    pay(first)
    with pytest.raises(Refused, match="is here already"):
        actions.approve(first, make_person())
    db.session.rollback()


def test_a_firm_that_is_here_cannot_be_admitted_and_gets_its_money_back():
    make_firm(country="PH", registration_no="CS2019-0042")
    made = read_one()
    with pytest.raises(Refused, match="is here already"):
        actions.approve(made, make_person())
    db.session.rollback()
    decline(again(made))
    db.session.commit()
    assert left(made) == [90758]


def test_who_was_declined_applies_anew_with_the_same_firm():
    first = make_application(pays_first=True, upto="declined")
    second = sent_one()
    assert second.organization_id == first.organization_id
    assert second.invoice_id != first.invoice_id


def test_who_is_admitted_after_an_appeal_pays_anew_and_is_then_a_member():
    made = make_application(pays_first=True, upto="appealed")
    first = made.invoice
    actions.overturn(made, make_person())
    db.session.commit()
    made = again(made)
    assert (made.status.value, made.invoice_id != first.id) == ("awaiting_payment", True)
    assert not made.is_paid_first
    pay(made)
    db.session.commit()
    assert again(made).status.value == "activated"


def test_a_price_of_zero_is_paid_when_it_is_asked():
    make_tariff(book=book(flat(0)))
    made = sent_one()
    assert made.status.value == "under_review"
    actions.approve(made, make_person())
    assert (made.status.value, db.session.query(Invoice).count()) == ("activated", 1)
    other = sent_one(email="z@firm.example", registration_no="9", name="Z Ltd")
    decline(other)
    assert not db.session.query(CreditNote).count()


def test_without_a_price_nothing_is_sent(browser):
    made = make_application(pays_first=True, upto="draft")
    db.session.execute(Application.__table__.update().values(kind=MembershipClass.CLIENT))
    pay_first(MembershipClass.CLIENT)
    page = browser.post(f"/join/a/{made.token}/check", status=200).text
    assert "There is a problem" in page
    assert again(made).status.value == "draft"
    assert not db.session.scalars(select(Organization)).all()


def test_what_was_sent_before_the_class_pays_first_is_decided_first(browser):
    made = make_application()
    pay_first()
    browser.sign_in(make_person("membership"))
    assert "It was sent before its class paid first" in browser.get(f"/staff/joining/{made.id}")
    actions.take(made)
    actions.approve(made, make_person())
    assert made.status.value == "awaiting_payment"


def test_the_applicant_s_desk_says_pay_then_we_read(browser):
    made = sent_one()
    browser.sign_in(made.person)
    assert "Pay the first dues: then we read your application" in browser.get("/dashboard")
