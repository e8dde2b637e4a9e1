"""A firm in two classes: each membership is renewed, left and suspended on its own."""

from datetime import date

import pytest

from portal.core.db import db
from portal.dues.models import Invoice, Tariff
from portal.members.models import MembershipClass, Overlay
from portal.renewals import actions, queries
from tests.make import make_membership, make_person
from tests.renewals.making import fte, issue, make_life, pay, person_of, terms_of

HERE = "/firm/membership"
ENDS, LATER = date(2026, 12, 31), date(2027, 1, 31)
TECHNOLOGY = MembershipClass.TECHNOLOGY  # of the classes with a flat price


@pytest.fixture
def front(at):
    at(2026, 11, 20, 9)
    return make_life(name="Salmon Support")


@pytest.fixture
def other(front):
    """The other membership of the same firm, which ends a month later: it is the current one."""
    snapshot = front.price_snapshot | {"metrics": fte(40)}
    held = make_membership(
        front.membership.organization, TECHNOLOGY, date(2026, 2, 1), LATER, price_snapshot=snapshot
    )
    return held.terms[0]


def of(term, page=HERE):
    return f"{page}?of={term.membership_id}"


def at_staff(term, what, of_it=True):
    url = f"/staff/members/{term.membership.organization_id}/{what}"
    return of(term, url) if of_it else url


def shown(page):
    """The class that is marked, and how many are listed."""
    among = page.split('aria-labelledby="among"')[1].split("</section>")[0]
    return among.split('aria-current="page">')[1].split("<")[0], among.count("<li>")


def test_the_pages_list_each_class_and_mark_the_one_that_they_are_about(browser, front, other):
    browser.sign_in(person_of(front))
    assert shown(browser.get(HERE)) == ("Technology firm", 2)
    page = browser.get(of(front))
    assert shown(page) == ("Front-office provider", 2)
    assert f'href="{of(other)}"' in page
    assert "31\N{NO-BREAK SPACE}Dec\N{NO-BREAK SPACE}2027" in page.split("What comes next")[1]
    browser.sign_in(make_person("admin"))
    assert shown(browser.get(at_staff(front, "life", of_it=False))) == ("Technology firm", 2)
    page = browser.get(at_staff(front, "life"))
    assert shown(page) == ("Front-office provider", 2)
    assert f'href="{at_staff(front, "resign")}"' in page


def test_a_firm_of_one_class_reads_of_no_other(browser, front):
    browser.sign_in(person_of(front))
    page = browser.get(HERE)
    assert "Its memberships" not in page
    assert "?of=" not in page
    assert "Front-office provider" in browser.get(of(front))


def test_each_class_is_renewed_on_its_own(browser, front, other):
    browser.sign_in(person_of(front))
    for term, begins in ((front, date(2027, 1, 1)), (other, date(2027, 2, 1))):
        page = browser.get(of(term))
        assert f'action="{of(term, HERE + "/renew")}"' in page
        answer = browser.post(of(term, f"{HERE}/renew"), page=of(term))
        invoice = queries.renewal_of(term).invoice
        assert answer.location.endswith(f"/invoices/{invoice.id}")
        pay(invoice)
        assert terms_of(term)[-1][0] == begins
    assert db.session.query(Invoice).count() == 2


def test_what_is_chosen_returns_to_the_class_it_was_chosen_for(browser, front, other):
    browser.sign_in(person_of(front))
    answer = browser.post(of(front, f"{HERE}/choose"), page=of(front), seats="6")
    assert answer.location.endswith(of(front))
    assert queries.renewal_of(front).seats == 6
    assert queries.renewal_of(other) is None


def test_a_form_acts_on_the_class_that_was_shown_though_another_is_current_by_now(
    browser, front, other
):
    browser.sign_in(person_of(front))
    page = browser.get(HERE)
    assert f'action="{of(other, HERE + "/renew")}"' in page, "it says which, unasked"
    pay(issue(front))
    browser.post(of(other, f"{HERE}/renew"), page=of(other))
    assert queries.renewal_of(other).invoice


def test_each_class_is_left_and_kept_on_its_own(browser, front, other, sent):
    browser.sign_in(person_of(front, "manager"))
    page = browser.get(of(front, f"{HERE}/resign"))
    assert "Leave as Front-office provider?" in page
    assert "in this class only" in page
    answer = browser.post(of(front, f"{HERE}/resign"), reason="We closed the centre.")
    assert answer.location.endswith(of(front))
    assert queries.resignation_of(front.membership)
    assert queries.resignation_of(other.membership) is None
    (mail,) = (one for one in sent() if "as Front-office provider on" in one["Subject"])
    assert of(front) in mail.get_body(("plain",)).get_content()
    browser.sign_in(person_of(front, "manager"))
    assert "Stay a member" in browser.get(of(front))
    assert "Stay a member" not in browser.get(of(other))
    browser.post(of(other, f"{HERE}/stay"), page=HERE, status=404)
    assert browser.post(of(front, f"{HERE}/stay"), page=of(front)).location.endswith(of(front))
    assert queries.resignation_of(front.membership) is None


def test_a_change_in_size_is_of_the_class_it_was_told_for(browser, front, other):
    browser.sign_in(person_of(front))
    page = browser.get(f"{of(front, HERE + '/change')}&metric_contact_centre_fte=60")
    assert "94.01" not in browser.get(of(other, f"{HERE}/change")), "it has no such number"
    assert "What it costs" in page
    browser.post(of(front, f"{HERE}/change"), metric_contact_centre_fte="60")
    (invoice,) = db.session.query(Invoice).all()
    assert {line.membership_id for line in invoice.lines} == {front.membership_id}


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "999999", "9" * 20, "-" + "9" * 20])
def test_a_membership_that_is_not_there_is_not_found(browser, front, number):
    browser.sign_in(person_of(front))
    browser.get(f"{HERE}?of={number}", status=404)
    browser.post(f"{HERE}/renew?of={number}", page=HERE, status=404)
    browser.sign_in(make_person("admin"))
    browser.get(f"{at_staff(front, 'life', of_it=False)}?of={number}", status=404)


PAGES = ("", "/change", "/convert", "/resign")
DONE = ("/choose", "/renew", "/come-back", "/change", "/convert", "/resign", "/stay")
STAFF = (
    "life", "suspend", "resign", "stay", "correct", "price-facts", "reconcile", "drop"
)  # fmt: skip


def test_a_membership_of_another_firm_is_not_found(browser, front):
    theirs = make_life(name="Trout Telecom", tariff=tariff_of(front))
    for name in ("payer", "manager"):
        browser.sign_in(person_of(front, name))
        for page in PAGES:
            assert browser.send("GET", of(theirs, HERE + page)).status_code in {403, 404}
        browser.get(of(theirs), status=404)
        for page in DONE:
            browser.get(HERE)
            answer = browser.send(
                "POST", of(theirs, HERE + page), data={"csrf_token": browser.token}
            )
            assert answer.status_code in {403, 404}, page
    browser.sign_in(make_person("admin"))
    firm_id = front.membership.organization_id
    for page in STAFF:
        browser.get(of(theirs, f"/staff/members/{firm_id}/{page}"), status=404)
    browser.post(
        of(theirs, f"/staff/members/{firm_id}/renew"), page=at_staff(front, "life"), status=404
    )


def tariff_of(term):
    return db.session.get(Tariff, term.price_snapshot["tariff"])


SUSPENSION = {"scope": "all", "body": "board", "from_on": "2026-11-20", "reason": "Decided."}


def test_staff_keep_and_lift_a_suspension_of_one_class(browser, front, other):
    browser.sign_in(make_person("admin"))
    assert "Front-office provider" in browser.get(at_staff(front, "suspend"))
    answer = browser.post(at_staff(front, "suspend"), **SUSPENSION)
    assert answer.location.endswith(at_staff(front, "life"))
    laid = db.session.query(Overlay).one()
    assert laid.subject_id == front.membership_id
    assert "Suspension of all" in browser.get(at_staff(front, "life"))
    page = browser.get(at_staff(other, "life"))
    assert "Suspension of all" not in page.split("Everything that happened")[0]
    assert "Suspended" in page.split('aria-labelledby="among"')[1].split("</section>")[0]
    answer = browser.post(f"/staff/members/overlays/{laid.id}/lift", reason="They explained.")
    assert answer.location.endswith(at_staff(front, "life"))


def test_staff_note_a_resignation_of_one_class_and_take_it_back(browser, front, other):
    browser.sign_in(make_person("admin"))
    told = {"told_on": "2026-08-30", "last_on": "", "reason": "A letter."}
    assert browser.post(at_staff(front, "resign"), **told).location.endswith(
        at_staff(front, "life")
    )
    assert queries.resignation_of(other.membership) is None
    browser.get(at_staff(other, "stay"), status=404)
    browser.post(at_staff(front, "stay"), reason="A second letter.")
    assert queries.resignation_of(front.membership) is None


def test_staff_renew_and_drop_each_class_on_its_own(browser, front, other):
    browser.sign_in(make_person("admin"))
    for term in (front, other):
        browser.post(at_staff(term, "renew"), page=at_staff(term, "life"))
    browser.post(at_staff(front, "drop"), reason="They will not pay.")
    assert queries.renewal_of(front).dropped_at
    assert queries.renewal_of(other).invoice
    browser.get(at_staff(front, "drop"), status=404)


def test_staff_correct_and_reconcile_the_class_that_they_look_at(browser, front, other):
    browser.sign_in(make_person("admin"))
    told = {"metric_contact_centre_fte": "60", "reason": "They said so."}
    answer = browser.post(at_staff(front, "correct"), **told)
    assert answer.location.endswith(at_staff(front, "reconcile"))
    browser.post(at_staff(front, "reconcile"), reason="The size was corrected.")
    (invoice,) = db.session.query(Invoice).all()
    assert {line.membership_id for line in invoice.lines} == {front.membership_id}


def test_a_class_that_was_left_has_a_page_that_says_so(at, browser, front, other):
    actions.resign(front.membership, date(2026, 8, 1), "Sold", None)
    db.session.commit()
    at(2027, 1, 5, 9)
    actions.close(front.membership)
    db.session.commit()
    browser.sign_in(person_of(front))
    page = browser.get(of(front))
    assert shown(page) == ("Front-office provider", 2)
    assert "Lapsed" in page or "Ended on" in page
    browser.post(of(front, f"{HERE}/renew"), page=of(front), status=409)
    assert "Its memberships" not in browser.get(HERE)
