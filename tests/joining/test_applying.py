import re
from datetime import timedelta

import pytest

from portal.accounts.models import Person
from portal.core import clock
from portal.core.db import db
from portal.dues import actions as dues
from portal.dues.models import CreditNote
from portal.joining import actions, queries
from portal.joining.models import Application
from tests.dues.books import make_tariff
from tests.dues.test_tax_rules import adopt, rule
from tests.joining.applying import (
    CONTACTS,
    DECLARATION,
    FIRM,
    PAGES,
    QUOTE,
    again,
    make_application,
)
from tests.make import business_day, make_person

WHO = {"applicant": "Mira Santos", "email": " Mira@Sampaguita.example "}


@pytest.fixture(autouse=True)
def reference_day(at):
    at(2026, 11, 22, 9)


def subjects(mails):
    return [(one["To"], one["Subject"]) for one in mails]


def link_in(mail):
    return re.search(r"http://portal\.test(/\S+)", mail.get_body(("plain",)).get_content())[1]


def only():
    db.session.expire_all()
    return db.session.query(Application).one()


def test_a_firm_applies_page_by_page_and_comes_back_by_the_mailed_link(
    browser, another_browser, sent
):
    make_tariff()
    answer = browser.post(f"/join/start?{QUOTE}", **WHO)
    (mail,) = sent()
    made = only()
    assert re.fullmatch(r"AP-[2-9A-HJKMNP-Z]{8}", made.reference)
    assert subjects([mail]) == [
        ("mira@sampaguita.example", f"Your application to Testhall: {made.reference}")
    ]
    assert "It works for 90 days" in mail.get_body(("html",)).get_content()
    url = link_in(mail)
    assert answer.location == f"{url}/firm"

    browser.post(answer.location, **FIRM)
    resumed = another_browser.send("GET", url)  # on another device
    assert (resumed.status_code, resumed.location) == (303, f"{url}/contacts")
    after = another_browser.post(
        f"{url}/declaration", **DECLARATION | {"metric_contact_centre_fte": "70"}
    )
    assert after.location == f"{url}/contacts"
    assert another_browser.send("GET", f"{url}/check").location == url
    after = browser.post(f"{url}/contacts", **CONTACTS)
    assert after.location == f"{url}/check"

    page = browser.get(f"{url}/check")
    for words in ("Sampaguita Care Inc.", "+639171234567", "Philippines", "70", "CS2019-0042"):
        assert words in page
    assert f"{url}/firm" in page
    assert 'value="Sampaguita Care Inc."' in browser.get(f"{url}/firm")

    browser.post(f"{url}/check")
    page = browser.get(url)
    assert "Your application is with us" in page
    assert made.reference in page
    assert "We answer by <strong>11\N{NO-BREAK SPACE}Dec\N{NO-BREAK SPACE}2026" in page
    told = subjects(sent())[1:]
    assert [to for to, _ in told] == ["mira@sampaguita.example"] * 2
    assert told[0][1] == f"We have your application {made.reference}"
    assert only().person.email == "mira@sampaguita.example"
    for path in ("/firm", "/check"):
        assert browser.send("GET", f"{url}{path}").location == url
    assert queries.of_person(only().person_id).id == made.id


def test_an_applicant_who_has_an_account_keeps_it_and_gets_no_invitation(sent):
    mira = make_person(email="mira@sampaguita.example", display_name="Mira S.")
    make_application()
    assert only().person_id == mira.id
    assert db.session.query(Person).count() == 1
    assert len(sent()) == 2


BAD_PAGES = [
    ("firm", {"name": ""}, "Enter the firm’s legal name"),
    ("firm", {"name": "x" * 201}, "Use 200 characters or fewer"),
    ("firm", {"registration_no": " "}, "Enter the number in the company register"),
    ("firm", {"address": "x" * 401}, "Use 400 characters or fewer"),
    ("firm", {"website": "javascript:alert(1)"}, "Enter an address like www.firm.example"),
    ("contacts", {"phone": "12345"}, "Enter a phone number with its country"),
    ("contacts", {"phone": "+0 000"}, "Enter a phone number with its country"),
    ("contacts", {"finance_email": "nobody"}, "Enter an e-mail address"),
    ("contacts", {"title": ""}, "Enter your position"),
    ("declaration", {"metric_contact_centre_fte": "0"}, "Enter a number above 0"),
    ("declaration", {"metric_contact_centre_fte": "half"}, "Enter how many people, in figures"),
    ("declaration", {"signed": ""}, "Only somebody who may sign"),
    ("declaration", {"accepts": ""}, "A member accepts the terms"),
    ("declaration", {"why": "x" * 2001}, "Use 2,000 characters or fewer"),
]


@pytest.mark.parametrize(("name", "fields", "words"), BAD_PAGES)
def test_bad_answers_are_answered_at_the_field_and_the_rest_is_kept(browser, name, fields, words):
    made = make_application(upto="begun")
    good = {key: value for key, value in (PAGES[name] | fields).items() if value}
    page = browser.post(f"/join/a/{made.token}/{name}", status=200, **good).text
    assert words in page
    kept = next(key for key in PAGES[name] if key not in fields and key != "tax_id")
    assert PAGES[name][kept] in page
    assert name not in only().answers


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_page_is_answered(browser, name):
    made = make_application(upto="begun")
    assert "There is a problem" in browser.post(f"/join/a/{made.token}/{name}", status=200).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"applicant": ""}, "Enter your name"), ({"email": "nobody"}, "Enter an e-mail address"),
     ({"applicant": "x" * 121}, "Use 120 characters or fewer"),
     ({"email": f"a@b.example\nBcc: {'x' * 250}"}, "Use 254 characters or fewer")],
)  # fmt: skip
def test_who_begins_says_who_they_are(browser, fields, words):
    make_tariff()
    page = browser.post(f"/join/start?{QUOTE}", status=200, **WHO | fields).text
    assert words in page
    assert not db.session.query(Application).count()


def test_no_hidden_field_changes_state_price_or_whose_it_is(browser):
    made = make_application(upto="begun")
    hidden = {
        "status": "activated", "kind": "supporter", "country": "NL", "email": "x@y.example",
        "person_id": "1", "organization_id": "1", "invoice_id": "1", "token": "x",
    }  # fmt: skip
    for name, answers in PAGES.items():
        url = f"/join/a/{made.token}/{name}"
        browser.get(url)
        browser.send("POST", url, data=answers | hidden | {"csrf_token": browser.token})
    made = only()
    assert (made.status.value, made.kind.value, made.country) == ("draft", "provider_front", "PH")
    assert (made.email, made.person_id) == ("mira@sampaguita.example", None)
    assert not any("status" in answers for answers in made.answers.values())


def test_a_wrong_token_opens_nothing(browser):
    token = make_application().token
    for path in ("", "/firm", "/check", "/withdraw"):
        browser.get(f"/join/a/{token[:-1]}{path}", status=404)
    browser.get(f"/join/a/{token}/elsewhere", status=404)
    assert browser.send("GET", f"/join/a/{token}").headers["Referrer-Policy"] == "no-referrer"


def test_a_second_open_application_of_the_same_kind_is_refused_in_words(browser):
    make_application()
    second = make_application(upto="draft", registration_no="OTHER")
    page = browser.post(f"/join/a/{second.token}/check", status=200).text
    assert "You have an application of this kind with us already" in page
    assert again(second).status.value == "draft"


def test_sending_twice_is_sending_once(browser, sent):
    made = make_application(upto="draft")
    url = f"/join/a/{made.token}"
    browser.post(f"{url}/check")
    late = browser.send("POST", f"{url}/check", data={"csrf_token": browser.token})
    assert (late.status_code, late.location) == (303, url)
    assert len([one for one in sent() if "We have your application" in one["Subject"]]) == 1


def test_what_was_sent_cannot_be_changed(browser):
    made = make_application(upto="draft")
    url = f"/join/a/{made.token}"
    browser.get(f"{url}/firm")
    actions.submit(made)
    db.session.commit()
    form = FIRM | {"name": "Other", "csrf_token": browser.token}
    late = browser.send("POST", f"{url}/firm", data=form)
    assert late.location == url
    assert only().answers["firm"]["name"] == FIRM["name"]


def test_a_price_that_is_gone_is_said_before_sending(browser):
    make_tariff(effective_from=business_day() + timedelta(days=9))
    made = make_application(upto="draft")
    page = browser.post(f"/join/a/{made.token}/check", status=200).text
    assert "No tariff is in effect" in page
    assert only().status.value == "draft"


def test_an_answer_starts_the_clock_with_the_days_that_were_left(browser, at, sent):
    made = make_application()  # on a Sunday; the answer is due on Friday 11 December
    sent()
    at(2026, 11, 25, 9)
    actions.ask(made, "Who owns the other half?")
    db.session.commit()
    question = sent()[-1]
    assert question["Subject"] == f"A question about your application {made.reference}"
    assert "Who owns the other half?" in question.get_body(("plain",)).get_content()
    url = link_in(question)
    assert "Who owns the other half?" in browser.get(url)
    at(2026, 12, 2, 9)
    page = browser.post(f"{url}/reply", page=url, status=200, reply=" ").text
    assert "Write your answer" in page
    browser.post(f"{url}/reply", page=url, reply="My sister does.")
    assert (only().status.value, only().reply) == ("under_review", "My sister does.")
    assert only().deadline_on.isoformat() == "2026-12-18"  # twelve working days, as on the 25th


def test_an_answer_that_nobody_asked_for_moves_nothing(browser):
    made = make_application()
    url = f"/join/a/{made.token}"
    browser.get("/join/")
    browser.get(f"{url}/withdraw")
    late = browser.send(
        "POST", f"{url}/reply", data={"reply": "Hello", "csrf_token": browser.token}
    )
    assert late.status_code == 409
    assert only().status.value == "submitted"


def test_withdrawing_takes_the_invoice_back(browser):
    made = make_application(upto="awaiting_payment")
    url = f"/join/a/{made.token}"
    assert "Withdraw the application" in browser.get(url)
    browser.post(f"{url}/withdraw")
    assert only().status.value == "withdrawn"
    assert db.session.query(CreditNote).one().invoice_id == only().invoice_id
    assert "The application is withdrawn" in browser.get(url)
    assert browser.send("GET", f"{url}/withdraw").location == url


@pytest.mark.parametrize(
    ("state", "days", "why"),
    [("draft", 90, "Nobody touched it for 90 days"),
     ("needs_information", 30, "Our question was not answered for 30 days"),
     ("awaiting_payment", 60, "The invoice was not paid within 60 days")],
)  # fmt: skip
def test_what_nobody_comes_back_to_expires_after_its_days(sent, at, state, days, why):
    made = make_application(upto=state)
    other = make_application(email="other@firm.example", registration_no="X1", upto="submitted")
    begun = clock.now()
    at(*(begun + timedelta(days=days, minutes=-1)).timetuple()[:6])
    sent()
    assert again(made).status.value == state
    at(*(begun + timedelta(days=days + 1)).timetuple()[:6])
    mails = sent()
    assert again(made).status.value == "expired"
    assert again(other).status.value == "submitted"
    (mail,) = [one for one in mails if "has expired" in one["Subject"]]
    assert why in mail.get_body(("plain",)).get_content()
    notes = db.session.query(CreditNote).count()
    assert notes == (state == "awaiting_payment")


def test_money_that_came_in_time_keeps_the_application_from_expiring(at, sent):
    made = make_application(upto="awaiting_payment")
    dues.record_transfer(made.invoice, made.invoice.total, business_day())
    db.session.commit()
    at(2027, 3, 1)
    sent()
    assert again(made).status.value == "activated"


def test_who_leaves_the_tax_number_out_is_priced_by_the_tax_rules_all_the_same(browser, at):
    at(2026, 6, 1)
    adopt(rule("standard", "VAT 12 %", "12"))
    made = make_application(upto="answered", tax_id=None)  # the field did not come at all
    browser.post(f"/join/a/{made.token}/check")
    actions.take(made)
    (line, *_rest) = actions.approve(made, make_person("membership")).lines
    assert (line.tax_text, made.organization.tax_id) == ("VAT 12 %", "")
