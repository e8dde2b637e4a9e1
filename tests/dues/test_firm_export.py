"""A firm takes its data away: those who deal with its money, also when it has lapsed."""

import csv
import io
import json
import time
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from portal.committees.models import Committee, CommitteeSeat
from portal.core import clock
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.files import store
from portal.core.money import Money
from portal.dues import actions as dues
from portal.dues import firm_bundle
from portal.library import evidence, runs
from portal.library.actions import revise
from portal.library.models import (
    Answer,
    ChecklistRun,
    Naming,
    Proposal,
    ProposalKind,
    ProposalStatus,
)
from portal.library.runs import Said
from portal.members import groups, merging, queries
from portal.members.endings import Laying, suspend
from portal.members.models import Membership, Organization, OverlayKind
from portal.renewals.actions import resign
from tests.dues.books import make_invoice
from tests.make import (
    business_day,
    make_contact,
    make_firm,
    make_membership,
    make_person,
    save,
)
from tests.papers import pdf
from tests.people import make_practice


@pytest.fixture
def firm():
    made = make_firm(name="Acacia Care")
    make_membership(made)
    invoice = make_invoice(made, total=5000)
    dues.record_transfer(invoice, Money(2000, "EUR"), date(2026, 1, 1), "bank")
    db.session.commit()
    return made


def taken(browser):
    answer = browser.post("/firm/export", status=200)
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as found:
        assert found.testzip() is None
        return {name: found.read(name).decode() for name in found.namelist()}


@pytest.mark.parametrize("role", ["dues_contact", "roster_manager"])
def test_the_bundle_holds_profile_people_invoices_payments_and_declarations(browser, firm, role):
    person = browser.sign_in(make_contact(firm, role, display_name="Dee Contact"))
    groups.declare(firm, person, "Its founders", "", is_same=True)
    period = date(2025, 1, 1), date(2025, 12, 31)
    told = dues.Told("headcount", Decimal(120), period, "All of it")
    dues.declare(firm, told, person.id, currency="EUR")
    db.session.commit()
    assert "/firm/export" in browser.get("/firm/")
    files = taken(browser)
    assert json.loads(files["profile.json"])[0]["name"] == "Acacia Care"
    assert "Dee Contact" in files["people.csv"]
    row = next(csv.DictReader(io.StringIO(files["invoices.csv"])))
    assert (row["total"], row["paid"], row["owed"]) == ("50.00", "20.00", "30.00")
    assert json.loads(files["payments.json"])[0]["amount"] == "20.00"
    assert json.loads(files["group_declarations.json"])[0]["owner"] == "Its founders"
    assert json.loads(files["declarations.json"])[0]["value"] == "120"
    assert json.loads(files["invoice_lines.json"])[0]["net"] == "50.00"
    event = db.session.scalars(select(AuditEvent).filter_by(verb="organization.data_taken")).one()
    assert event.actor == f"person:{person.id}"


def test_what_other_rooms_have_of_the_firm_is_in_it(browser, firm):
    person = browser.sign_in(make_contact(firm, "dues_contact", display_name="Dee Contact"))
    wages = save(Committee(slug="wages", name="Wages", remit="To think."))
    save(CommitteeSeat(committee=wages, person=person, organization=firm,
                       from_on=date(2020, 1, 1)))  # fmt: skip
    practice = make_practice("bus-check")
    revise(practice, {}, "- [ ] Is there a map?\n", "As a list", make_person())
    run = runs.start(practice, firm, "Cebu", person)
    runs.say(run, runs.items_of(run)[0], Said(Answer.YES, "On the wall"), person)
    words = {"happened": "It ran late", "numbers": "3", "not_again": "Never", "outcome": "mixed"}
    facts = {"kind": ProposalKind.EXPERIENCE, "practice": practice, "organization": firm,
             "person": person, "sent_at": clock.now(), "pseudonym": ""} | words  # fmt: skip
    shown = {"naming": Naming.NAMED, "status": ProposalStatus.ACCEPTED}
    save(Proposal(title="Told openly", **shown, **facts))
    save(Proposal(title="Declined", **shown | {"status": ProposalStatus.DECLINED}, **facts))
    save(Proposal(title="Not by name", **shown | {"naming": Naming.CHATHAM_HOUSE}, **facts))
    laying = Laying(OverlayKind.SUSPENSION, "Decided", business_day(), scope="vote")
    suspend(firm.memberships[0], laying, "board")
    made = resign(firm.memberships[0], business_day(), "Sold.", None, business_day())
    db.session.commit()
    files = taken(browser)
    assert json.loads(files["committee_seats.json"])[0]["person"] == "Dee Contact"
    (answer,) = json.loads(files["checklists.json"])
    assert (answer["checklist"], answer["answer"], answer["note"]) == (
        "Cebu",
        "yes",
        "On the wall",
    )
    assert [one["title"] for one in json.loads(files["contributions.json"])] == ["Told openly"]
    assert json.loads(files["decisions.json"])[0]["body"] == "board"
    (left,) = json.loads(files["changes.json"])
    assert (left["what"], left["leaves_on"]) == ("resignation", made.leaves_on.isoformat())
    assert {"event_places.json", "applications.json"} <= files.keys()


def attach(run, title, body):
    """Evidence of the first item."""
    evidence.attach(run, runs.items_of(run)[0], run.owner, body, title)
    db.session.commit()
    return runs.answers_of(run)[runs.items_of(run)[0].key]


def test_the_evidence_of_its_checklists_is_in_it_as_it_was_attached(browser, firm):
    person = browser.sign_in(make_contact(firm, "dues_contact"))
    practice = make_practice("bus-check")
    revise(practice, {}, "- [ ] Is there a map?\n", "As a list", make_person())
    mine = attach(runs.start(practice, firm, "Cebu / north", person), "Our “map”.pdf", pdf("A"))
    sister = make_firm()
    foreign = attach(
        runs.start(practice, sister, "Davao", make_contact(sister)), "b.pdf", pdf("B")
    )
    lost = attach(runs.start(practice, firm, "Iloilo", person), "lost.pdf", pdf("C"))
    store().delete(lost.file_key)
    answer = browser.post("/firm/export", status=200)
    assert answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as found:
        rows = json.loads(found.read("checklists.json"))
        kept = {one["checklist"]: one["evidence"] for one in rows}
        assert kept["Cebu / north"].endswith(f"-cebu-north/{mine.id}-our-map.pdf")
        assert [one for one in found.namelist() if "evidence/" in one] == [kept["Cebu / north"]]
        assert found.read(kept["Cebu / north"]) == pdf("A")
        assert kept["Iloilo"].endswith("lost.pdf"), "what the store lost is named all the same"
    assert foreign.file_name == "b.pdf"


def test_others_write_while_its_files_are_read(browser, firm, monkeypatch):
    person = browser.sign_in(make_contact(firm, "dues_contact"))
    practice = make_practice("bus-check")
    revise(practice, {}, "- [ ] Is there a map?\n", "As a list", make_person())
    mine = attach(runs.start(practice, firm, "Cebu", person), "a.pdf", pdf("A"))

    class Slow:
        def get(self, key):
            with db.engine.begin() as other:
                other.execute(update(Organization).values(website="https://other.example"))
            return store().get(key)

    monkeypatch.setattr(firm_bundle, "store", Slow)
    began = time.monotonic()
    answer = browser.post("/firm/export", status=200)
    assert time.monotonic() - began < 15, "a writer waits 20 seconds for another"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as found:
        assert any(name.endswith(f"{mine.id}-a.pdf") for name in found.namelist())
    taken_by = select(AuditEvent.actor).where(AuditEvent.verb == "organization.data_taken")
    assert db.session.scalars(taken_by).all() == [f"person:{person.id}"]


def test_a_checklist_without_evidence_names_none(browser, firm):
    person = browser.sign_in(make_contact(firm, "dues_contact"))
    practice = make_practice("bus-check")
    revise(practice, {}, "- [ ] Is there a map?\n", "As a list", make_person())
    runs.say(
        runs.start(practice, firm, "Cebu", person),
        runs.items_of(db.session.scalars(select(ChecklistRun)).one())[0],
        Said(Answer.YES, ""), person,
    )  # fmt: skip
    db.session.commit()
    (row,) = json.loads(taken(browser)["checklists.json"])
    assert row["evidence"] == ""


def test_no_other_firm_is_in_it(browser, firm):
    other = make_firm(name="Other Firm")
    number = make_invoice(other).number
    browser.sign_in(make_contact(firm, "dues_contact"))
    said = "".join(taken(browser).values())
    assert "Other Firm" not in said
    assert number not in said


def test_what_was_merged_into_it_is_in_it(browser, firm):
    old = make_firm(name="Acacia", group=queries.group_of(firm.id))
    number = make_invoice(old).number
    merging.merge_firms(firm, old, {}, "One register entry")
    db.session.commit()
    browser.sign_in(make_contact(firm, "dues_contact"))
    assert number in taken(browser)["invoices.csv"]


def test_a_firm_that_left_takes_its_data_ninety_days_later(browser, firm, at):
    held = db.session.scalars(select(Membership)).one()
    held.ended_on, held.end_reason = date(2026, 11, 22), "resigned"
    held.terms[0].ended_early_on = date(2026, 11, 22)
    db.session.commit()
    at(2027, 2, 20, 9)
    browser.sign_in(make_contact(firm, "dues_contact"))
    assert json.loads(taken(browser)["membership.json"])[0]["ended_early_on"] == "2026-11-22"


@pytest.mark.parametrize("role", ["staff", "delegate", "signatory"])
def test_who_does_not_deal_with_its_money_cannot_take_it(browser, firm, role):
    make_contact(firm, "dues_contact")
    browser.sign_in(make_contact(firm, role))
    browser.get("/firm/export", status=403)
    assert "/firm/export" not in browser.get("/firm/")
