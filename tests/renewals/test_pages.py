import io
import zipfile
from datetime import date

import pytest

from portal.core import jobs
from portal.core.db import db
from portal.dues.models import CreditNote, Declaration, Invoice
from portal.members.models import MembershipClass, Overlay, Term
from portal.renewals import actions, queries
from portal.renewals.models import Resignation, TermChange
from tests.dues.books import make_invoice
from tests.make import make_contact, make_firm, make_membership, make_person, save
from tests.renewals.making import adopt, fte, issue, make_life, next_of, pay, person_of, terms_of

TODAY = (2026, 11, 5, 9)
SIXTY = {
    "value_contact_centre_fte": "60", "period_start": "2025-01-01", "period_end": "2025-12-31",
    "scope": "contact_centre_only", "source": "self",
}  # fmt: skip


@pytest.fixture
def term(at):
    at(*TODAY)
    return make_life(headcount=40, name="Salmon Support")


def plain(page):
    return page.replace("\xa0", " ")


def test_a_firm_sees_the_next_term_with_its_price_and_signs_its_size(browser, term):
    browser.sign_in(person_of(term))
    page = plain(browser.get("/firm/membership"))
    assert "1,816.00" in page
    assert "for 1 Jan 2027 to 31 Dec 2027" in page
    assert "not declared: nobody has signed it" in page
    asked = browser.get("/firm/declaration")
    assert "begins on" in asked
    browser.post("/firm/declaration", page="/firm/declaration", status=200, step="check", **SIXTY)
    assert db.session.query(Declaration).count() == 0, "seen, and not signed"
    browser.post("/firm/declaration", page="/firm/declaration", step="sign", sign="yes", **SIXTY)
    page = plain(browser.get("/firm/membership"))
    assert "2,418.00" in page
    assert "60 FTE, signed on 5 Nov 2026 by" in page
    assert "(signed on 5 Nov 2026)" in page, "the line says where its number is from"


def test_a_firm_chooses_its_seats_until_the_invoice_is_out(browser, term):
    browser.sign_in(person_of(term))
    browser.post("/firm/membership/choose", page="/firm/membership", seats="6")
    page = plain(browser.get("/firm/membership"))
    assert "95.00" in page
    assert "You told us on" in page


@pytest.mark.parametrize("seats", ["", "-3", "many", "9999999999"])
def test_seats_that_cannot_be_are_answered_at_their_field(browser, term, seats):
    browser.sign_in(person_of(term))
    answer = browser.post(
        "/firm/membership/choose", page="/firm/membership", seats=seats, status=200
    )
    assert 'id="seats-error"' in answer.text
    assert queries.renewal_of(term) is None


def test_an_open_renewal_leads_to_its_invoice(browser, term):
    invoice = issue(term)
    browser.sign_in(person_of(term))
    page = browser.get("/firm/membership")
    assert f"Pay {invoice.total}" in page
    assert "as last told, not declared anew" in invoice.lines[0].formula


def test_a_change_shows_its_price_before_it_is_kept(at, browser, term):
    browser.sign_in(person_of(term))
    page = plain(browser.get("/firm/membership/change?metric_contact_centre_fte=60"))
    assert "<strong>EUR 94.01</strong> now" in page  # 60200 × 57/365
    assert db.session.query(TermChange).count() == 0
    answer = browser.post(
        "/firm/membership/change", page="/firm/membership/change?metric_contact_centre_fte=60",
        metric_contact_centre_fte="60",
    )  # fmt: skip
    made = db.session.query(TermChange).one()
    assert answer.location.endswith(f"/invoices/{made.invoice_id}")
    assert made.invoice.net_minor == 9401


@pytest.mark.parametrize(
    ("kind", "votes"), [(MembershipClass.PROVIDER_FRONT, True), (MembershipClass.CLIENT, False)]
)
def test_a_firm_of_a_class_without_a_vote_reads_of_none(browser, at, kind, votes):
    at(*TODAY)
    firm = make_firm()
    make_membership(firm, kind)
    browser.sign_in(make_contact(firm, "delegate", "roster_manager"))
    assert ("vote" in browser.get("/firm/membership").split("<h2", 1)[1]) is votes


def test_a_smaller_firm_reads_that_it_counts_from_the_next_term(browser, term):
    browser.sign_in(person_of(term))
    page = browser.get("/firm/membership/change?metric_contact_centre_fte=20")
    assert "Nothing now." in page
    browser.post("/firm/membership/change", metric_contact_centre_fte="20")
    assert "1,209.00" in browser.get("/firm/membership")


@pytest.mark.parametrize("people", ["", "x", "-1"])
def test_a_change_that_cannot_be_read_is_answered_at_its_field(browser, term, people):
    browser.sign_in(person_of(term))
    page = browser.get(f"/firm/membership/change?metric_contact_centre_fte={people}")
    assert 'id="metric_contact_centre_fte-error"' in page
    assert 'href="/firm/seats"' in page


def test_a_change_to_the_same_is_answered_in_words(browser, term):
    browser.sign_in(person_of(term))
    answer = browser.post("/firm/membership/change", metric_contact_centre_fte="40", status=200)
    assert "nothing changes" in answer.text


def test_a_lapsed_firm_reads_pays_exports_and_comes_back(at, browser, term):
    old = make_invoice(term.membership.organization, due_in=10)
    at(2027, 4, 1, 9)
    browser.sign_in(person_of(term))
    assert "Lapsed" in browser.get("/firm/")
    browser.get(f"/invoices/{old.id}")
    page = browser.get("/firm/membership")
    assert "/firm/export" in page
    with zipfile.ZipFile(io.BytesIO(browser.post("/firm/export", status=200).data)) as found:
        assert "Salmon Support" in found.read("profile.json").decode()
        assert old.number in found.read("invoices.csv").decode()
    assert "Coming back now goes on where it ended" in page
    answer = browser.post("/firm/membership/come-back", page="/firm/membership")
    invoice = queries.renewal_of(term).invoice
    assert answer.location.endswith(f"/invoices/{invoice.id}")
    pay(invoice)
    assert terms_of(term)[1] == (date(2027, 1, 1), date(2027, 12, 31))
    assert "Member until" in browser.get("/firm/membership")


def test_a_firm_that_lapsed_long_ago_is_led_to_joining(at, browser, term):
    at(2028, 1, 10, 9)
    browser.sign_in(person_of(term))
    page = browser.get("/firm/membership")
    assert "Join anew" in page
    browser.post("/firm/membership/come-back", page="/firm/membership", status=409)
    jobs.work()
    assert term.membership.ended_on
    assert "Join anew" in browser.get("/firm/membership")


def test_a_firm_without_any_term_and_one_without_a_price_get_a_page(at, browser):
    at(*TODAY)
    browser.sign_in(make_contact(make_firm(), "dues_contact"))
    assert "has no membership yet" in browser.get("/firm/membership")
    browser.post("/firm/membership/come-back", page="/firm/membership", status=409)
    adopt()
    unpriced = make_life(MembershipClass.ACADEMIC, tariff=adopt(code="b", currency="USD"))
    browser.sign_in(person_of(unpriced))
    assert "We are told of that" in browser.get("/firm/membership")


def test_a_plain_colleague_does_not_deal_with_the_dues(browser, term):
    browser.sign_in(make_contact(term.membership.organization, "staff"))
    browser.get("/firm/membership", status=404)
    assert "/firm/membership" not in browser.get("/firm/")


def officer(browser):
    browser.sign_in(make_person("membership"))


def test_the_board_counts_and_filters_stages(browser, term):
    make_life(tariff=adopt(code="other"), name="Trout Telecom")
    issue(term)
    officer(browser)
    page = browser.get("/staff/members/renewals")
    assert "Invoiced, 1" in page
    assert "Offered, 1" in page
    page = browser.get("/staff/members/renewals?stage=invoiced")
    assert "Salmon Support" in page
    assert "Trout Telecom" not in page
    assert "No renewal is at this stage" in browser.get("/staff/members/renewals?stage=lapsed")


def test_the_board_says_how_far_the_latest_pass_is(browser, term):
    jobs.work()
    officer(browser)
    assert "things done" in browser.get("/staff/members/renewals")


def test_the_calendar_names_the_firm_the_day_and_the_reason(browser, term):
    officer(browser)
    page = plain(browser.get("/staff/members/calendar"))
    assert "Grace begins" in page
    assert "30 days of grace are over" in page
    assert "Salmon Support" in page


def test_one_firm_on_one_page_with_everything(at, browser, term):
    invoice = issue(term)
    pay(invoice)
    actions.change(next_of(term), fte(60), "They grow.", None)
    db.session.commit()
    officer(browser)
    page = browser.get(f"/staff/members/{term.membership.organization_id}/life")
    said = (invoice.number, "Payment of", "Renewal opened", "Changed: contact centre FTE 60",
            "Member until", "Notice: the membership can be renewed")  # fmt: skip
    for words in said:
        assert words in page, words


def test_an_officer_keeps_a_suspension_and_lifts_it(browser, term):
    firm_id = term.membership.organization_id
    officer(browser)
    url = f"/staff/members/{firm_id}/suspend"
    form = {"scope": "all", "body": "general meeting", "from_on": "2026-11-05",
            "until_on": "2026-11-01", "reason": "Decided."}  # fmt: skip
    assert "cannot end before" in browser.post(url, status=200, **form).text
    browser.post(url, **form | {"until_on": ""})
    overlay = db.session.query(Overlay).one()
    assert overlay.decision.body == "general meeting"
    assert "Suspension of all" in browser.get(f"/staff/members/{firm_id}")
    browser.post(f"/staff/members/overlays/{overlay.id}/lift", reason="They explained.")
    assert "Suspension of all that" not in browser.get(f"/staff/members/{firm_id}")


def test_an_officer_notes_a_resignation_and_takes_it_back(browser, term):
    firm_id = term.membership.organization_id
    officer(browser)
    browser.post(
        f"/staff/members/{firm_id}/resign", told_on="2026-08-30", last_on="", reason="A letter."
    )
    assert db.session.query(Resignation).one().leaves_on == date(2026, 12, 31)
    again = browser.post(
        f"/staff/members/{firm_id}/resign", status=200, told_on="2026-08-30", reason="Again."
    )
    assert "being left already" in again.text
    browser.post(f"/staff/members/{firm_id}/stay", reason="A second letter.")
    assert queries.resignation_of(term.membership) is None


def test_a_corrected_size_leads_to_the_invoices_as_they_should_be(browser, term):
    firm_id = term.membership.organization_id
    actions.reconcile(term.membership, "first")
    db.session.commit()
    browser.sign_in(make_person("admin"))
    assert "They agree" in browser.get(f"/staff/members/{firm_id}/reconcile")
    answer = browser.post(
        f"/staff/members/{firm_id}/correct", metric_contact_centre_fte="60", reason="They said so."
    )
    assert answer.location.endswith("/reconcile")
    page = browser.get(f"/staff/members/{firm_id}/reconcile")
    assert "To be credited" in page
    assert "To be issued" in page
    browser.post(f"/staff/members/{firm_id}/reconcile", reason="The size was corrected.")
    assert "They agree" in browser.get(f"/staff/members/{firm_id}/reconcile")
    assert db.session.query(CreditNote).count() == 1
    assert db.session.query(Invoice).count() == 2


def test_an_officer_drops_an_unpaid_renewal(browser, term):
    firm_id = term.membership.organization_id
    officer(browser)
    browser.get(f"/staff/members/{firm_id}/drop", status=404)
    issue(term)
    browser.post(f"/staff/members/{firm_id}/drop", reason="They will not pay.")
    assert queries.renewal_of(term).dropped_at
    assert db.session.query(CreditNote).count() == 1


def fill(count, tariff):
    for _ in range(count):
        term = make_life(tariff=tariff)
        issue(term)
        make_invoice(term.membership.organization, due_in=-50)


@pytest.mark.parametrize(
    "url", ["/staff/members/renewals", "/staff/members/calendar", "/staff/members/arrears"]
)
def test_a_list_asks_as_many_questions_of_few_firms_as_of_many(at, browser, statements, url):
    at(*TODAY)
    tariff = adopt()
    browser.sign_in(make_person("admin"))
    fill(2, tariff)
    few = asked(browser, statements, url)
    fill(8, tariff)
    assert asked(browser, statements, url) == few <= 14


def asked(browser, statements, url):
    browser.get(url)
    statements.clear()
    browser.get(url)
    return len(statements)


def test_the_page_of_a_firm_does_not_ask_more_with_a_longer_past(at, browser, statements):
    at(*TODAY)
    tariff = adopt()
    firm = make_life(tariff=tariff).membership.organization
    browser.sign_in(make_person("admin"))
    grow_older(firm, 2, MembershipClass.CLIENT)
    few = asked(browser, statements, f"/staff/members/{firm.id}/life")
    grow_older(firm, 10, MembershipClass.TRAINING)
    assert asked(browser, statements, f"/staff/members/{firm.id}/life") == few


def grow_older(firm, years, kind):
    """Old terms of a class, and old invoices."""
    for n in range(years):
        make_invoice(firm, due_in=n)
    membership = make_membership(firm, kind, start=date(2000, 1, 1), end=date(2000, 12, 31))
    for n in range(1, years):
        first, last = date(2000 + n, 1, 1), date(2000 + n, 12, 31)
        facts = {"start_on": first, "end_on": last, "grace_until_on": last, "price_snapshot": {}}
        save(Term(membership=membership, sequence=n + 1, **facts))
