import re
from datetime import timedelta

import pytest

from portal.association.queries import association
from portal.core import clock
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import Invoice
from portal.joining import actions, queries
from portal.members.models import (
    Affiliation,
    CorporateGroup,
    Decision,
    Membership,
    MembershipClass,
    Organization,
    Term,
)
from tests.dues.books import book, flat, make_tariff
from tests.joining.applying import CONTACTS, DECLARATION, again, make_application
from tests.make import business_day, make_firm, make_member, make_person


@pytest.fixture
def officer(browser, at):
    at(2026, 11, 22, 9)
    return browser.sign_in(make_person("membership", display_name="Mo Officer"))


def desk(application, path=""):
    return f"/staff/joining/{application.id}{path}"


def subjects(mails):
    return [(one["To"], one["Subject"]) for one in mails]


def test_the_queue_shows_what_waits_oldest_first_and_finds_the_rest(browser, officer, at):
    first = make_application(email="a@firm.example", name="First Ltd")
    make_application(email="b@firm.example", name="Gone Ltd", registration_no="2", upto="declined")
    at(2026, 11, 22, 10)
    make_application(email="c@firm.example", name="Second Ltd", registration_no="3")
    make_application(email="d@firm.example", name="Draft Ltd", upto="draft")
    make_application(email="e@firm.example", upto="expired", name="Never sent Ltd")
    page = browser.get("/staff/joining/")
    assert page.index("First Ltd") < page.index("Second Ltd")
    assert "Gone Ltd" not in page
    assert "11\N{NO-BREAK SPACE}Dec\N{NO-BREAK SPACE}2026" in page
    everything = browser.get("/staff/joining/?state=all")
    assert "Gone Ltd" in everything
    assert "Draft Ltd" not in everything
    assert "Never sent Ltd" not in everything
    assert "Gone Ltd" in browser.get("/staff/joining/?state=declined")
    assert "First Ltd" in browser.get(f"/staff/joining/?q={first.reference.lower()}")
    assert "Nothing waits" in browser.get("/staff/joining/?q=100%25&state=nonsense")
    assert queries.waiting()[0] == 2


@pytest.mark.parametrize("state", ["draft", "expired", "withdrawn"])
def test_what_was_never_sent_is_the_applicant_s_own(browser, officer, state):
    made = make_application(upto="begun" if state == "draft" else state)
    for path in ("", "/ask", "/approve", "/decline"):
        browser.get(desk(made, path), status=404)


def test_an_officer_takes_asks_and_reads_the_answer(browser, officer, sent):
    made = make_application()
    sent()
    page = browser.get(desk(made))
    assert "we promised an answer by 11" in page
    assert "Admit the firm" not in page
    browser.post(desk(made, "/take"), page=desk(made))
    assert "Admit the firm" in browser.get(desk(made))
    assert "Write the question" in browser.post(desk(made, "/ask"), status=200, question=" ").text
    browser.post(desk(made, "/ask"), question="Who owns it?")
    assert again(made).status.value == "needs_information"
    assert subjects(sent())[-1][1].startswith("A question about your application")
    assert "Not answered yet" in browser.get(desk(made))
    actions.reply(again(made), "My sister does.")
    db.session.commit()
    page = browser.get(desk(made))
    assert "My sister does." in page
    assert "Who owns it?" in page


def test_declining_rests_on_a_published_criterion(browser, officer, sent):
    made = make_application(upto="under_review")
    sent()
    reason = "The firm does not accept that positions are decided openly."
    bad = ({"reason": reason}, {"criterion": "ugly", "reason": reason}, {"criterion": "rules"},
           {"criterion": "rules", "reason": "No."})  # fmt: skip
    for fields in bad:
        page = browser.post(desk(made, "/decline"), status=200, **fields).text
        assert "There is a problem" in page
        assert again(made).status.value == "under_review"
    browser.post(desk(made, "/decline"), criterion="rules", reason=reason)
    made = again(made)
    assert (made.status.value, made.decided_by_id) == ("declined", officer.id)
    criterion = f"Not met: “{queries.CRITERIA['rules']}” {reason}"
    assert made.reason == criterion
    mail = sent()[-1]
    assert mail["Subject"] == f"Your application {made.reference} to Testhall"
    assert criterion in mail.get_body(("plain",)).get_content()
    assert criterion in browser.get(f"/join/a/{made.token}")


def test_admitting_makes_the_firm_its_group_its_first_person_and_a_numbered_invoice(
    browser, officer, sent
):
    made = make_application(upto="under_review")
    sent()
    page = browser.get(desk(made, "/approve"))
    assert "EUR\N{NO-BREAK SPACE}264.99" in page
    browser.post(desk(made, "/approve"))
    made = again(made)
    firm, invoice = made.organization, made.invoice
    assert (made.status.value, made.decided_by_id) == ("awaiting_payment", officer.id)
    assert (firm.name, firm.country, firm.registration_no) == (
        "Sampaguita Care Inc.", "PH", "CS2019-0042"
    )  # fmt: skip
    assert (firm.billing_email, firm.purchase_order) == ("ap@sampaguita.example", "PO-9")
    assert db.session.query(CorporateGroup).one().name == firm.name
    seat = db.session.query(Affiliation).one()
    assert (seat.person_id, seat.title) == (made.person_id, "Operations director")
    assert set(seat.roles) == {"roster_manager", "dues_contact", "delegate", "signatory"}
    assert re.fullmatch(r"TH-?2026-?0*1", invoice.number)
    assert (invoice.total_minor, invoice.purchase_order) == (26499, "PO-9")
    assert db.session.query(Decision).filter_by(title="Sampaguita Care Inc. admitted").one()
    assert db.session.query(AuditEvent).filter_by(verb="application.approved").one()
    assert not db.session.query(Membership).count()
    welcome, bill = sent()[-2:]
    assert subjects([welcome])[0] == (
        "mira@sampaguita.example", "Sampaguita Care Inc. is admitted to Testhall"
    )  # fmt: skip
    assert bill["To"] == "ap@sampaguita.example"
    (pdf,) = [part for part in bill.walk() if part.get_content_type() == "application/pdf"]
    assert pdf.get_content().startswith(b"%PDF-")
    token = dues.pay_link(invoice).token
    assert f"http://portal.test/pay/{token}" in bill.get_body(("plain",)).get_content()
    assert f"/pay/{token}" in browser.get(f"/join/a/{made.token}")
    assert invoice.number in browser.get(desk(made))


def test_admitting_twice_is_admitting_once(browser, officer):
    made = make_application(upto="under_review")
    browser.get(desk(made, "/approve"))
    form = {"csrf_token": browser.token}
    answers = [browser.send("POST", desk(made, "/approve"), data=form) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 409]
    assert "cannot become approved" in answers[1].text
    assert (db.session.query(Invoice).count(), db.session.query(Organization).count()) == (1, 1)


def test_membership_begins_once_when_the_invoice_is_paid(browser, officer, sent):
    made = make_application(upto="awaiting_payment")
    half = made.invoice.total.share(1, 2)
    dues.record_transfer(made.invoice, half, business_day())
    db.session.commit()
    assert again(made).status.value == "awaiting_payment"
    sent()
    dues.record_transfer(made.invoice, made.invoice.total - half, business_day())
    db.session.commit()
    made = again(made)
    assert made.status.value == "activated"
    actions.settled(made.invoice)
    db.session.commit()
    term = db.session.query(Term).one()
    assert (term.start_on.isoformat(), term.end_on.isoformat()) == ("2026-11-22", "2026-12-31")
    assert term.price_snapshot["invoice"] == made.invoice.number
    assert term.price_snapshot["lines"][0][1] == 26499
    assert db.session.query(Membership).one().kind.value == "provider_front"
    welcomes = [one for one in sent() if one["Subject"].endswith("is a member of Testhall")]
    assert [one["To"] for one in welcomes] == ["mira@sampaguita.example"]
    assert "http://portal.test/library/" in welcomes[0].get_body(("html",)).get_content()
    assert "Your firm is a member" in browser.get(f"/join/a/{made.token}")
    browser.sign_in(made.person)
    assert "Sampaguita Care Inc." in browser.get("/firm/")


def test_a_price_of_nothing_begins_at_once():
    make_tariff(book=book(flat(0)))
    made = make_application(upto="awaiting_payment")
    assert made.status.value == "activated"
    assert db.session.query(Term).count() == 1


def test_a_registration_number_that_is_here_is_refused_in_words(browser, officer):
    make_firm(country="PH", registration_no="CS2019-0042")
    made = make_application(upto="under_review")
    page = browser.post(desk(made, "/approve"), status=409).text
    assert "A firm with the registration number CS2019-0042 is here already." in page
    assert again(made).status.value == "under_review"
    assert not db.session.query(Invoice).count()


def test_who_withdrew_after_the_invoice_may_come_back_as_the_same_firm(browser, officer):
    first = make_application(upto="awaiting_payment")
    actions.withdraw(first)
    second = make_application(upto="awaiting_payment", name="Sampaguita Care Corp.")
    assert second.organization_id == first.organization_id
    firm = db.session.query(Organization).one()
    assert firm.name == "Sampaguita Care Corp."
    assert db.session.query(Affiliation).count() == 1
    dues.record_transfer(second.invoice, second.invoice.total, business_day())
    db.session.commit()
    assert again(second).status.value == "activated"


def test_somebody_else_s_number_is_not_taken_over():
    make_application(upto="awaiting_payment")
    other = make_application(upto="under_review", email="other@firm.example")
    with pytest.raises(Refused, match="is here already"):
        actions.approve(other, make_person())


def test_a_group_of_the_same_name_does_not_stop_a_firm():
    db.session.add(CorporateGroup(name="Sampaguita Care Inc."))
    db.session.commit()
    made = make_application(upto="awaiting_payment")
    names = {one.name for one in db.session.query(CorporateGroup)}
    assert names == {"Sampaguita Care Inc.", "Sampaguita Care Inc. (2)"}
    assert made.organization is not None


def test_nobody_decides_on_their_own_application(browser, officer):
    made = make_application(upto="under_review", email=officer.email)
    page = browser.post(desk(made, "/approve"), status=409).text
    assert "Nobody decides on their own application." in page
    reason = "A reason that is long enough to be read."
    browser.post(desk(made, "/decline"), status=409, criterion="rules", reason=reason)
    assert again(made).status.value == "under_review"


@pytest.mark.parametrize(("days", "net"), [(4, 100000), (5, 120000), (30, 120000)])
def test_G62_who_is_admitted_pays_by_the_tariff_of_the_first_day_of_the_term(
    officer, at, days, net
):
    make_tariff(book=book(flat(100000), proration="none"))
    made = make_application(upto="under_review")
    rise, seats = business_day() + timedelta(days=5), {"kind": "seats", "classes": "*"}
    dearer = book(flat(120000), seats | {"included": 9, "price": 1}, proration="none")
    make_tariff(book=dearer, effective_from=rise)
    later = business_day() + timedelta(days=days)
    at(later.year, later.month, later.day, 9)
    invoice = actions.approve(made, officer)
    assert invoice.net_minor == net
    dues.record_transfer(invoice, invoice.total, business_day())
    included = db.session.query(Term).one().price_snapshot["seats"]
    assert (included is None) == (days == 4)


def test_without_a_tariff_nobody_is_admitted(browser, officer, at):
    make_tariff(effective_from=business_day())
    made = make_application(upto="under_review")
    yesterday = clock.now() - timedelta(days=1)
    at(yesterday.year, yesterday.month, yesterday.day, 9)
    assert "No tariff is in effect" in browser.get(desk(made))
    browser.get(desk(made, "/approve"), status=409)


@pytest.mark.parametrize("path", ["", "/ask", "/approve", "/decline"])
def test_only_who_reviews_applications_sees_them(browser, another_browser, path):
    made = make_application(upto="under_review")
    browser.get(desk(made, path), status=302)
    browser.sign_in(make_member("roster_manager"))
    browser.get(desk(made, path), status=403)
    for role in ("finance", "editor", "events", "policy"):
        another_browser.sign_in(make_person(role))
        another_browser.get(desk(made, path), status=403)
        another_browser.get("/staff/joining/", status=403)
    another_browser.sign_in(make_person("admin"))
    another_browser.get(desk(made, path))


def test_the_queue_takes_few_statements_whatever_its_length(browser, officer, statements):
    counts = []
    for more in (2, 20):
        for turn in range(more):
            number = str(len(counts) * 100 + turn)
            make_application(email=f"p{number}@firm.example", registration_no=number)
        browser.get("/staff/joining/")
        statements.clear()
        browser.get("/staff/joining/")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12


def test_the_promise_is_counted_in_the_association_s_own_days(at):
    association().decision_days = 5
    at(2026, 11, 22, 23, 30)  # Monday already in Amsterdam
    made = make_application()
    assert made.deadline_on.isoformat() == "2026-11-30"


def test_what_the_applicant_signed_is_the_firms_first_declaration():
    application = make_application(upto="awaiting_payment")
    (one,) = dues_queries.declared(application.organization_id).values()
    assert (one.value, one.unit) == (60, "FTE")
    assert one.signed_at == application.submitted_at


def test_a_person_who_joins_is_asked_for_no_number_of_a_register(browser, at):
    at(2026, 11, 22, 9)
    make_tariff(book=book(flat(5000)))
    made = actions.start(
        kind=MembershipClass.INDIVIDUAL, country="PH", email="rosa@uy.example",
        applicant="Rosa Uy",
    )  # fmt: skip
    db.session.commit()
    page = f"/join/a/{made.token}/firm"
    asked = browser.get(page)
    assert "Your full name" in asked
    assert "Registration number" not in asked
    browser.post(page, name="Rosa Uy", tax_id="", address="7 Ayala Avenue", website="")
    for name, told in (("contacts", CONTACTS), ("declaration", DECLARATION)):
        made = again(made)
        actions.answer_page(made, name, told)
        db.session.commit()
    assert "Rosa Uy" in browser.get(f"/join/a/{made.token}/check")
    made = again(made)
    actions.submit(made)
    actions.take(made)
    actions.approve(made, make_person())
    db.session.commit()
    assert (again(made).organization.name, again(made).organization.registration_no) == (
        "Rosa Uy", None,
    )  # fmt: skip
    browser.sign_in(make_person("membership"))
    assert "Rosa Uy" in browser.get(desk(made))


@pytest.mark.parametrize("pays_first", [False, True])
def test_whose_first_invoice_was_credited_wholly_is_not_told_to_pay(browser, at, pays_first):
    at(2026, 11, 22, 9)
    made = make_application(upto="awaiting_payment", pays_first=pays_first)
    page = f"/join/a/{made.token}"
    assert "See and pay the invoice" in browser.get(page)
    dues.credit(made.invoice, "Thanks for the site visit")
    db.session.commit()
    said = browser.get(page)
    assert "nothing is owed on it" in said
    assert "pay the invoice" not in said
    browser.sign_in(made.person)
    board = browser.get("/dashboard")
    assert ("nothing is to be paid" in board) == pays_first  # who is admitted acts for the firm
    assert "Pay the first dues" not in board
