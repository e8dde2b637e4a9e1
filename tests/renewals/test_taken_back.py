"""A renewal whose invoice is credited or void, or that was dropped, can be renewed again."""

from datetime import date

import pytest

from portal.association.models import Association
from portal.core import jobs
from portal.core.db import db
from portal.dues import actions as dues
from portal.dues.queries import balance
from portal.members.endings import Laying, suspend
from portal.members.models import MembershipClass, OverlayKind
from portal.members.overlays import overlays_of
from portal.renewals import actions, queries
from portal.renewals.offers import offer_for
from portal.renewals.pipeline import Stage
from tests.dues.books import make_invoice
from tests.make import make_person
from tests.renewals.making import fte, issue, make_life, next_of, pay, person_of, terms_of

BODY = MembershipClass.PUBLIC_BODY  # its next term begins before it is paid
NEXT = (date(2027, 1, 1), date(2027, 12, 31))


@pytest.fixture(autouse=True)
def november(at):
    at(2026, 11, 5, 9)


def credit(invoice):
    dues.credit(invoice, "It was wrong.")
    db.session.commit()


def void(invoice):
    db.session.get(Association, 1).may_void = True
    dues.void(invoice, "It was wrong.")
    db.session.commit()


TAKE_BACK = pytest.mark.parametrize("take_back", [credit, void])


def stage(term):
    db.session.expire_all()
    return offer_for(term).stage


@TAKE_BACK
def test_what_is_taken_back_is_not_paid_and_is_issued_again(take_back):
    term = make_life()
    first = issue(term)
    take_back(first)
    assert stage(term) is Stage.OFFERED
    jobs.work()
    again = queries.renewal_of(term).invoice
    assert again.id != first.id
    assert balance(again) == first.total
    pay(again)
    assert terms_of(term)[1:] == [NEXT]


@TAKE_BACK
def test_no_free_term_begins_or_goes_on_when_its_claim_is_taken_back(at, take_back):
    term = make_life(BODY)
    first = issue(term)
    at(2027, 1, 2, 9)
    jobs.work()
    assert terms_of(term)[1:] == [NEXT]
    take_back(first)
    assert next_of(term) is None
    actions.go_on_unpaid(queries.renewal_of(term))
    assert next_of(term) is None


def test_a_term_that_was_paid_stays_when_its_invoice_is_credited():
    term = make_life()
    invoice = issue(term)
    pay(invoice)
    credit(invoice)
    assert terms_of(term)[1:] == [NEXT]


def test_coming_back_issues_a_new_claim_after_the_first_was_taken_back(at):
    term = make_life()
    at(2027, 3, 15, 9)
    first = actions.come_back(term)
    db.session.commit()
    credit(first)
    again = actions.come_back(term)
    assert again.id != first.id
    assert balance(again)


def test_a_corrected_renewal_hangs_on_the_invoice_that_replaces_its_own():
    term = make_life()
    first = issue(term)
    actions.correct(term, fte(60), "They had said too little.", None)
    assert actions.reconcile(term.membership, "It was corrected").wrong == [first]
    db.session.commit()
    again = queries.renewal_of(term).invoice
    assert again.id != first.id
    pay(again)
    assert terms_of(term)[1:] == [NEXT]


@pytest.mark.parametrize("is_paid", [True, False])
def test_who_stays_after_all_gets_the_invoice_again(browser, is_paid):
    term = make_life()
    first = issue(term)
    if is_paid:
        pay(first)
    actions.resign(term.membership, date(2026, 8, 31), "We sell.", None)
    db.session.commit()
    browser.sign_in(person_of(term, "manager"))
    browser.post("/firm/membership/stay", page="/firm/membership")
    assert "a new one comes by itself" in browser.get("/firm/membership")
    jobs.work()
    again = queries.renewal_of(term).invoice
    assert again.id != first.id
    pay(again)
    assert terms_of(term)[1:] == [NEXT]


@pytest.mark.parametrize("who", ["payer", "membership"])
def test_a_renewal_that_was_dropped_is_renewed_now_in_grace_too(at, browser, who):
    term = make_life()
    first = issue(term)
    at(2027, 1, 5, 9)
    actions.drop(queries.renewal_of(term), "Nobody paid.")
    db.session.commit()
    jobs.work()
    assert queries.renewal_of(term).invoice is None
    firm_id = term.membership.organization_id
    browser.sign_in(person_of(term) if who == "payer" else make_person(who))
    is_firm = who == "payer"
    page = "/firm/membership" if is_firm else f"/staff/members/{firm_id}/life"
    assert "Renew now" in browser.get(page)
    url = "/firm/membership/renew" if is_firm else f"/staff/members/{firm_id}/renew"
    browser.post(url, page=page)
    db.session.expire_all()
    again = queries.renewal_of(term).invoice
    assert again.id != first.id
    assert "Renew now" not in browser.get(page)
    browser.post(url, page=page, status=409)


def suspended_for(term, *invoices):
    named = ", ".join(one.number for one in invoices)
    laying = Laying(
        OverlayKind.SUSPENSION, f"Arrears: {named}.", date(2026, 11, 5), scope="all"
    )  # fmt: skip
    suspend(term.membership, laying, "general meeting")
    db.session.commit()


def is_lifted(term):
    db.session.expire_all()
    (overlay,) = overlays_of("membership", [term.membership_id])
    return overlay.lifted_at is not None


@TAKE_BACK
def test_a_suspension_for_arrears_ends_when_the_claim_is_taken_back(take_back):
    term = make_life()
    invoice = issue(term)
    suspended_for(term, invoice)
    take_back(invoice)
    assert is_lifted(term)


def test_a_suspension_that_names_two_invoices_ends_with_the_second():
    term = make_life()
    first, second = issue(term), make_invoice(term.membership.organization)
    suspended_for(term, first, second)
    pay(first)
    assert not is_lifted(term)
    credit(second)
    assert is_lifted(term)
