"""Somebody else pays the dues of who applies: the head of its group, or another firm."""

import pytest

from portal.core.db import db
from portal.joining import actions
from tests.dues.books import make_tariff
from tests.joining.applying import CONTACTS, PAGES, again, make_application
from tests.make import make_firm, make_membership, make_person

PAYER = {
    "payer": "Narra Holdings Ltd", "payer_country": "SG", "payer_tax_id": "SG 20-1234",
    "payer_email": "ap@narra.example",
}  # fmt: skip
KNOWN = {
    "name": "NARRA Holdings Ltd", "country": "SG", "tax_id": "SG201234",
    "address": "1 Marina Way", "billing_email": "dues@narra.example",
}  # fmt: skip


@pytest.fixture
def officer(browser, at):
    at(2026, 11, 22, 9)
    return browser.sign_in(make_person("membership"))


def applying(upto="under_review", *, pays_first=False, **named):
    """An application that names who pays, on the page of whom we write to."""
    make_tariff()
    named = named or PAYER
    PAGES["contacts"] = CONTACTS | named
    try:
        return make_application(upto=upto, pays_first=pays_first)
    finally:
        PAGES["contacts"] = CONTACTS


def desk(application, path=""):
    return f"/staff/joining/{application.id}{path}"


def recipients(mails, words):
    return [one["To"] for one in mails if words in one["Subject"]]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"payer": "Narra"}, ["Choose their country", "Enter an address for their invoices"]),
        ({"payer_email": "ap@narra.example"}, ["Enter the name of who pays"]),
        ({**PAYER, "payer_email": "narra"}, ["Enter an e-mail address"]),
    ],
)
def test_who_pays_is_told_whole_or_not_at_all(browser, told, words):
    made = make_application(upto="begun")
    page = browser.post(f"/join/a/{made.token}/contacts", status=200, **CONTACTS | told).text
    for one in words:
        assert one in page
    browser.post(f"/join/a/{made.token}/contacts", **CONTACTS)
    assert again(made).payer == {}


def test_the_applicant_reads_who_pays_and_never_whether_they_are_here(browser):
    made = make_application(upto="draft")
    browser.post(f"/join/a/{made.token}/contacts", **CONTACTS | PAYER)
    before = browser.get(f"/join/a/{made.token}/check")
    assert "Narra Holdings Ltd" in before
    assert "ap@narra.example" in before
    make_membership(make_firm(**KNOWN))
    db.session.commit()
    assert browser.get(f"/join/a/{made.token}/check") == before


@pytest.mark.parametrize(
    "told", [{"payer_tax_id": ""}, {"payer": "Our parent"}, {"payer": "narra holdings ltd"}]
)
def test_a_firm_that_is_here_is_chosen_by_its_exact_name_or_tax_id(browser, officer, sent, told):
    made, parent = applying(**PAYER | told), make_firm(**KNOWN)
    db.session.commit()
    sent()
    assert "NARRA Holdings Ltd, which is here" in browser.get(desk(made, "/approve"))
    browser.post(desk(made, "/approve"))
    firm, invoice = again(made).organization, again(made).invoice
    assert firm.paid_by["name"] == parent.name
    assert invoice.paid_by == {
        "name": parent.name, "address": "1 Marina Way", "country": "SG", "tax_id": "SG201234",
        "email": "dues@narra.example",
    }  # fmt: skip
    assert invoice.organization_id == firm.id
    mails = sent()
    assert recipients(mails, invoice.number) == ["dues@narra.example", "ap@sampaguita.example"]
    (told,) = [one for one in mails if one["To"] == made.email and "admitted" in one["Subject"]]
    words = told.get_body(("plain",)).get_content()
    assert f"went to {parent.name}" in " ".join(words.split())
    assert "dues@narra" not in words


@pytest.mark.parametrize("told", [{"payer": "Narra", "payer_tax_id": ""}, {"payer_tax_id": "1"}])
def test_a_name_that_is_only_like_one_here_finds_nobody(browser, officer, told):
    made = applying(**PAYER | {"payer": "Narra Holding"} | told)
    make_firm(**KNOWN)
    db.session.commit()
    page = browser.get(desk(made, "/approve"))
    assert "which is here" not in page
    assert "No firm here has that very name or tax id" in page


def test_staff_enter_who_pays_where_nobody_here_is_meant(browser, officer):
    made = applying()
    assert "Narra Holdings Ltd, Singapore, SG 20-1234" in browser.get(desk(made))
    page = browser.post(desk(made, "/approve"), status=200, who="other", address="").text
    assert "Enter their address" in page
    browser.post(desk(made, "/approve"), who="other", address="1 Marina Way")
    told = again(made).invoice.paid_by
    assert (told["name"], told["address"]) == ("Narra Holdings Ltd", "1 Marina Way")


def test_staff_may_have_the_firm_pay_itself(browser, officer, sent):
    made = applying()
    sent()
    browser.post(desk(made, "/approve"), who="firm")
    made = again(made)
    assert (made.organization.paid_by, made.invoice.paid_by) == ({}, {})
    assert recipients(sent(), made.invoice.number) == ["ap@sampaguita.example"]


def test_a_firm_here_without_an_address_is_not_asked_to_pay(browser, officer):
    made, parent = applying(), make_firm(**KNOWN | {"address": ""})
    db.session.commit()
    page = browser.post(desk(made, "/approve"), status=200, who=str(parent.id)).text
    assert "We have no address or no e-mail for invoices of that firm" in page
    assert again(made).status.value == "under_review"


def test_who_was_named_gets_the_invoice_of_a_class_that_pays_first(at, sent):
    at(2026, 11, 22, 9)
    made = applying(upto="awaiting_payment", pays_first=True)
    assert made.invoice.paid_by["name"] == "Narra Holdings Ltd"
    assert recipients(sent(), made.invoice.number) == ["ap@narra.example", "ap@sampaguita.example"]


def test_what_the_applicant_said_holds_where_staff_were_not_asked(at):
    at(2026, 11, 22, 9)
    made = applying()
    invoice = actions.approve(made, make_person("membership"))
    assert invoice.paid_by["email"] == "ap@narra.example"
    assert made.organization.paid_by["name"] == "Narra Holdings Ltd"
