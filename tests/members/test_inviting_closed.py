"""Who invites somebody whose account is closed is told what to do; a stranger is told nothing."""

import pytest

from portal.accounts import closing
from portal.committees.models import Committee
from portal.core.access import Role
from portal.core.db import db
from portal.library import actions as library
from portal.library.models import PracticeStatus
from portal.members.queries import firm_of
from tests.library.test_reviewing import NAMED, find_fit, in_review
from tests.make import make_contact, make_member, make_person, save

CLOSED = "is closed. An administrator can open it again first: Staff desk, Staff roles, Accounts"


@pytest.fixture
def closed():
    person = make_person()
    closing.close(person, "Wrote to others in a way that harms them")
    db.session.commit()
    return person


@pytest.mark.parametrize(
    ("page", "words"),
    [("/firm/people/invite", "An invitation is on its way to {0}."),
     ("/firm/people/invite-several", "The invitations are on their way.")],
)  # fmt: skip
def test_to_another_firm_a_closed_account_looks_like_any_address(
    browser, closed, page, words, sent
):
    browser.sign_in(make_member("roster_manager"))
    for email in (closed.email, "nobody@test.example"):
        asked = browser.post(page, email=email, people=email, display_name="Nia", roles="staff")
        people = browser.get(asked.location)
        assert words.format(email) in people
        assert f"<li>{email}<p" in people
    invited = [one["To"] for one in sent() if "nvit" in one["Subject"]]
    assert invited == ["nobody@test.example"]


@pytest.mark.parametrize("page", ["/firm/people/invite", "/firm/people/invite-several"])
def test_the_field_says_of_every_address_what_to_do_when_nothing_comes(browser, page):
    browser.sign_in(make_member("roster_manager"))
    assert "if nothing reaches them, they write to us" in browser.get(page)


def test_the_firm_of_a_closed_account_is_told_whom_to_write_to(browser):
    manager = make_member("roster_manager")
    colleague = make_contact(firm_of(manager), "staff")
    closing.close(colleague, "Wrote to others in a way that harms them")
    db.session.commit()
    browser.sign_in(manager)
    page = browser.post(
        "/firm/people/invite", status=200, email=colleague.email, display_name="X", roles="staff"
    ).text
    assert f"The account of {colleague.email} is closed: write to " in page


def test_staff_are_told_at_the_field_that_it_is_opened_again_first(browser, closed):
    browser.sign_in(make_person(Role.MEMBERSHIP))
    firm = firm_of(make_member())
    facts = {"email": closed.email, "display_name": "X", "roles": "staff"}
    page = browser.post(f"/staff/members/{firm.id}/invite", status=200, **facts).text
    assert f"The account of {closed.email} {CLOSED}" in page


def test_a_committee_seats_nobody_whose_account_is_closed(browser, closed):
    browser.sign_in(make_person(Role.POLICY))
    committee = save(Committee(slug="policy", name="Policy committee", remit="Reads bills."))
    url = f"/staff/committees/{committee.id}"
    assert CLOSED in browser.post(url, status=200, email=closed.email, role="chair").text


def test_neither_a_peer_nor_a_counterparty_is_asked_at_a_closed_account(browser, closed):
    made = in_review(NAMED)
    editor = find_fit(made)
    browser.sign_in(editor)
    url = f"/staff/library/{made.id}"
    facts = {"email": closed.email}
    assert CLOSED in browser.post(f"{url}/ask", page=url, status=200, **facts).text
    library.advance(made, PracticeStatus.LEGAL_REVIEW, "", editor)
    db.session.commit()
    page = browser.post(f"{url}/invite", status=200, reason="Counsel read it.", **facts).text
    assert CLOSED in page
    assert made.status is PracticeStatus.LEGAL_REVIEW
