"""Everything goes out, for a purpose that is kept; what comes back unchanged changes nothing."""

import csv
import io
from contextlib import ExitStack
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal.core import sheets
from portal.core.access import Permission
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.jobs import work
from portal.dues import actions
from portal.dues.actions import Told, check, declare, name_payer, record_transfer, take_back
from portal.dues.models import AllowanceUse
from portal.exchange import exporting
from portal.exchange.actions import start
from portal.exchange.models import ExternalId, Import
from portal.members.endings import Laying, suspend
from portal.members.models import CorporateGroup, GroupMembership, MembershipClass, OverlayKind
from portal.renewals.actions import resign
from tests.browser import Browser
from tests.dues.books import make_invoice, make_tariff
from tests.exchange.bringing import DATA, checked, exported, lines, outcomes
from tests.founded import lay
from tests.make import (
    NOW,
    business_day,
    make_contact,
    make_firm,
    make_membership,
    make_person,
    make_place,
    save,
)
from tests.portals import another_database, another_portal

IMPORTED_AS = {
    "firms": "firms", "people": "people", "affiliations": "people", "terms": "terms",
    "declarations": "declarations", "open-invoices": "invoices", "invoices": "invoices",
    "payers": "payers",
}  # fmt: skip


@pytest.fixture
def firm():
    """One of everything, with cells that a spreadsheet would spoil."""
    place = make_place(slug="ph", name="Philippines")
    firm = make_firm(
        name="=Kapok, \"Voice\"", country="PH", registration_no="00123", place_id=place.id,
        address="1 Road\n01234 Manila", tax_id="-7", headcount=0,
    )  # fmt: skip
    name_payer(firm, {
        "name": "=Ministry of \"Work\"", "address": "9 Square\n01234 Manila", "country": "PH",
        "tax_id": "-7", "email": "Pays@work.example", "reference": "00012",
    })  # fmt: skip
    make_membership(firm, MembershipClass.RECRUITER, date(2020, 1, 1), date(2020, 12, 31))
    person = make_contact(firm, "delegate", "signatory", phone="+639171234567")
    save(ExternalId(kind="firm", value="007", subject_id=firm.id),
         ExternalId(kind="person", value="1E5", subject_id=person.id))  # fmt: skip
    told = Told("headcount", Decimal("25.5"), (date(2025, 1, 1), date(2025, 12, 31)), "All")
    declared = declare(firm, told, person.id, currency="EUR")
    db.session.flush()
    check(declared, "Right as it is", person.id)
    paid = make_invoice(firm, total=5000)
    record_transfer(paid, paid.total, date(2020, 1, 1))
    make_invoice(firm, tax_percent="21")
    return firm


@pytest.fixture
def staff(browser):
    browser.sign_in(make_person("admin"))
    return browser


def rows_of(browser, what):
    return list(csv.DictReader(io.StringIO(exported(browser, what).decode())))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(("what", "kind"), IMPORTED_AS.items())
def test_what_was_exported_comes_back_and_changes_nothing(staff, firm, what, kind, form):
    body = exported(staff, what, form)
    found = checked(staff, kind, body, name=f"{what}.{form}")
    assert set(outcomes(found)) == {"skip"}, lines(found)


def test_an_export_is_for_a_purpose_and_leaves_a_record(staff, firm):
    page = staff.post(DATA, status=200, what="firms", form="csv", purpose=" ")
    assert "Say what the data is for" in page.text
    exported(staff, "firms")
    told = db.session.scalars(select(AuditEvent).filter_by(verb="data.exported")).one()
    assert told.details == {"purpose": "A test", "rows": 1, "form": "csv"}
    assert told.actor.startswith("person:")


@pytest.mark.parametrize("what", ["payments", "postings"])
def test_money_goes_out_with_its_figures(staff, firm, what):
    rows = list(csv.DictReader(io.StringIO(exported(staff, what).decode())))
    amounts = {row["amount"] for row in rows}
    assert "50.00" in amounts
    assert ("-50.00" in amounts) == (what == "postings")
    assert sheets.read(exported(staff, what, "xlsx"))[0] == list(exporting.EXPORTS[what].head)


def test_what_firms_used_of_their_allowances_goes_out_with_what_was_taken_back(staff, firm):
    term = make_membership(firm).terms[-1]
    made = AllowanceUse(term=term, of="event_passes", amount=2, used_on=term.start_on,
                        what_for="=Forum", made_at=NOW)  # fmt: skip
    save(made)
    take_back(made)
    db.session.commit()
    first, second = csv.DictReader(io.StringIO(exported(staff, "allowances").decode()))
    assert (first["of"], first["amount"], first["what for"]) == ("event_passes", "2", "'=Forum")
    assert (first["firm id"], first["term id"]) == (str(firm.id), str(term.id))
    assert (second["amount"], second["takes back id"]) == ("-2", first["id"])


def test_what_was_taken_back_and_how_each_line_was_reckoned_goes_out(staff):
    invoice = make_invoice(make_firm(name="Kapok"), total=10000, tax_percent="21")
    actions.credit(invoice, "Charged twice")
    db.session.commit()
    (line,) = rows_of(staff, "invoice-lines")
    told = {"invoice": invoice.number, "net": "100.00", "formula": "60 FTE: band 51 to 125"}
    assert told.items() <= line.items()
    (taken,) = rows_of(staff, "credit-notes")
    told = {"invoice": invoice.number, "net": "100.00", "tax": "21.00", "total": "121.00",
            "line net": "100.00", "reason": "Charged twice", "firm": "Kapok"}  # fmt: skip
    assert told.items() <= taken.items()


def test_a_firm_that_changed_its_group_left_and_was_suspended_goes_out_with_all_of_it(staff):
    firm = make_firm(group=save(CorporateGroup(name="Old")))
    firm.group_memberships[0].until_on = date(2024, 12, 31)
    save(GroupMembership(organization=firm, group=CorporateGroup(name="New"),
                         from_on=date(2025, 1, 1)))  # fmt: skip
    make_tariff()
    held = make_membership(firm)
    body = Laying(OverlayKind.SUSPENSION, "Fees", business_day(), None, "vote", make_person())
    suspend(held, body, "Board")
    resign(held, business_day(), "Too dear", None)
    db.session.commit()
    assert [(one["group"], one["until on"]) for one in rows_of(staff, "groups")] == [
        ("Old", "2024-12-31"), ("New", ""),
    ]  # fmt: skip
    (left,) = rows_of(staff, "resignations")
    assert (left["firm"], left["reason"], left["taken back on"]) == (firm.name, "Too dear", "")
    (shut,) = rows_of(staff, "suspensions")
    assert (shut["scope"], shut["reason"], shut["lifted on"]) == ("vote", "Fees", "")


def test_money_is_for_finance_and_people_for_membership(browser):
    money = {n for n, one in exporting.EXPORTS.items() if one.permission is Permission.DUES_MANAGE}
    assert money == {
        "open-invoices", "invoices", "invoice-lines", "credit-notes", "refunds", "disputes",
        "bank-lines", "payers", "payments", "postings",
    }  # fmt: skip
    for role, hidden in (("finance", set(exporting.EXPORTS) - money), ("membership", money)):
        browser.sign_in(make_person(role))
        page = browser.get(DATA)
        for what in hidden:
            assert f'value="{what}"' not in page
            answer = browser.post(DATA, status=200, what=what, form="csv", purpose="x")
            assert answer.mimetype == "text/html"


def test_the_pages_of_data_are_linked_from_the_firms(staff):
    assert DATA in staff.get("/staff/members/")


@pytest.mark.slow  # it founds an association
def test_the_whole_demo_comes_back_and_changes_nothing(
    settings, database_url, kept_demo, tmp_path
):
    with another_database(database_url, tmp_path, "portal") as url, ExitStack() as stack:
        lay(kept_demo, tmp_path, "" if url.startswith("sqlite") else url)
        app = stack.enter_context(another_portal(settings, url, tmp_path))
        staff = Browser(app.test_client())
        admin = staff.sign_in(make_person("admin"))
        for what, kind in IMPORTED_AS.items():
            found = start(kind, what, exported(staff, what, "xlsx"), admin)
            db.session.commit()
            work()
            found = db.session.get(Import, found.id)
            assert found.total > 10 or what == "payers", what
            assert set(outcomes(found)) == {"skip"}, (what, lines(found)[:9])
        for what, one in exporting.EXPORTS.items():
            rows = list(one.rows())
            assert rows, what
            assert {len(row) for row in rows} == {len(one.head)}, what
