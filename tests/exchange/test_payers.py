"""Who pays for firms, out of the register and into another one."""

import pytest
from sqlalchemy import select

from portal.core import jobs
from portal.core.access import Role
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.exchange.models import ImportStatus
from portal.members.merging import merge_firms
from portal.members.models import CorporateGroup
from tests.exchange.bringing import (
    DATA,
    as_csv,
    checked,
    exported,
    imported,
    lines,
    outcomes,
    page_of,
    send,
    sentences,
)
from tests.make import make_firm, make_person

HEAD = ("Firm", "Payer", "Payer address", "Payer country", "Payer e-mail", "Payer reference")
MINISTRY = ("Kapok", "Ministry of Work", "9 Square", "PH", "Pays@work.example", "G-12")
FACTS = {
    "name": "Ministry of Work", "address": "9 Square", "country": "PH", "tax_id": "",
    "email": "pays@work.example", "reference": "G-12",
}  # fmt: skip


@pytest.fixture
def finance(browser):
    browser.sign_in(make_person(Role.FINANCE))
    return browser


def test_a_payer_comes_in_whole_and_is_undone(finance):
    firm = make_firm(name="Kapok")
    found = imported(finance, "payers", as_csv(HEAD, MINISTRY))
    assert found.status is ImportStatus.DONE, lines(found)
    assert firm.paid_by == FACTS
    assert outcomes(checked(finance, "payers", as_csv(HEAD, MINISTRY))) == ["skip"]
    finance.post(f"{page_of(found)}/undo")
    jobs.work()
    db.session.expire_all()
    assert firm.paid_by == {}


def test_a_table_of_firms_with_their_payers_takes_the_firms_own_name_for_no_payer(finance):
    firm = make_firm(name="Kapok", registration_no="R1", country="PH")
    head = ("Name", "Country", "Registration no", *HEAD[1:])
    found = imported(finance, "payers", as_csv(head, ("Kapok", "PH", "R1", *MINISTRY[1:])))
    assert found.status is ImportStatus.DONE, lines(found)
    assert firm.paid_by == FACTS


def test_an_empty_cell_changes_nothing_and_a_firm_that_was_merged_away_has_no_payer(finance):
    group = CorporateGroup(name="One")
    firm = make_firm(name="Kapok", paid_by=FACTS, group=group)
    lost = make_firm(name="Areca", group=group)
    short = as_csv(HEAD, (*MINISTRY[:-1], ""))
    assert outcomes(checked(finance, "payers", short)) == ["skip"]
    lost_id = lost.id
    merge_firms(firm, lost, {}, "Two records of one")
    db.session.commit()
    found = checked(finance, "payers", as_csv(("Firm id", *HEAD[1:]), (lost_id, *MINISTRY[1:])))
    assert outcomes(found) == ["conflict"]
    assert f"another record of firm {firm.id} now" in sentences(found)[0]
    assert exported(finance, "payers").decode().count("Ministry of Work") == 1


def test_what_goes_out_comes_in_again_and_changes_nothing(finance):
    told = FACTS | {"email": "Pays@work.example", "address": "9 Square\nManila", "tax_id": "PH-7"}
    make_firm(name="Kapok", paid_by=told)
    make_firm(name="Areca")
    file = exported(finance, "payers")
    assert file.decode().count("\n") == 3, "a head, and an address of two lines"
    assert outcomes(checked(finance, "payers", file)) == ["skip"]


def test_the_record_names_who_pays_and_keeps_no_address(finance):
    make_firm(name="Kapok")
    imported(finance, "payers", as_csv(HEAD, MINISTRY))
    said = [(one.verb, str(one.details)) for one in db.session.scalars(select(AuditEvent))]
    assert any("Ministry of Work" in words for verb, words in said if verb == "firm.payer_named")
    assert not any("pays@work.example" in words.lower() for _, words in said)
    assert not any("9 Square" in words for _, words in said)


def test_two_payers_are_never_mixed(finance):
    firm = make_firm(name="Kapok", paid_by=FACTS)
    other = ("Kapok", "Trust B", "1 Lane", "NL", "b@trust.example", "")
    found = checked(finance, "payers", as_csv(HEAD, other))
    assert outcomes(found) == ["conflict"]
    assert "Somebody else pays for it already" in sentences(found)[0]
    refused = finance.post(f"{page_of(found)}/run", status=200, page=page_of(found), mode="whole")
    assert "Somebody else pays for it already" in refused.text
    jobs.work()
    db.session.expire_all()
    assert firm.paid_by == FACTS


def test_a_payer_is_named_whole_or_not_at_all(finance):
    make_firm(name="Kapok")
    found = checked(finance, "payers", as_csv(HEAD, ("Kapok", "Ministry", "", "PH", "", "")))
    assert outcomes(found) == ["error"]
    assert sentences(found) == [
        "Payer address Who pays needs the address.",
        "Payer e-mail Who pays needs the address for invoices.",
    ]
    wrong = ("Kapok", "Ministry", "9 Square", "PH", "nowhere", "")
    assert (
        "“nowhere” is no e-mail address"
        in sentences(checked(finance, "payers", as_csv(HEAD, wrong)))[0]
    )
    twice = checked(finance, "payers", as_csv(HEAD, MINISTRY, MINISTRY))
    assert outcomes(twice) == ["create", "conflict"]


def test_who_does_not_keep_the_books_names_nobody_and_takes_no_address_out(browser):
    make_firm(name="Kapok", paid_by=FACTS)
    browser.sign_in(make_person(Role.MEMBERSHIP))
    page = browser.get(DATA)
    assert "Who pays for firms" not in page
    assert send(browser, "payers", as_csv(HEAD, MINISTRY), status=200)
    assert "work.example" not in exported(browser, "firms").decode()
