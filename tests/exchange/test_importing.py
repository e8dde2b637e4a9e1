"""A file comes in: checked without a trace, written whole or not at all, taken back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from portal.accounts.models import Person
from portal.core import audit, clock, jobs
from portal.core.db import db
from portal.dues.models import Declaration, Invoice, Posting
from portal.dues.queries import balance, ledger_faults
from portal.exchange.models import ExternalId, Import, ImportRow, ImportStatus
from portal.members.models import (
    Affiliation,
    CorporateGroup,
    Membership,
    Organization,
    Overlay,
)
from portal.members.queries import state_of
from tests import tables
from tests.dues.books import make_invoice
from tests.exchange.bringing import (
    DATA,
    as_csv,
    checked,
    imported,
    lines,
    outcomes,
    page_of,
    send,
    sentences,
    world,
)
from tests.make import make_contact, make_firm, make_membership, make_person, make_place

HEAD = ("Member no", "Name", "Country", "Registration number", "Invoice email")
FIRMS = as_csv(
    HEAD,
    ("A1", "Kapok Voice", "PH", "00123", "pay@kapok.example"),
    ("A2", "Marula Contact", "South Africa", "ZA-9", ""),
)


@pytest.fixture
def staff(browser):
    browser.sign_in(make_person("admin"))
    return browser


def firm_named(name):
    return db.session.scalars(select(Organization).filter_by(name=name)).one()


def test_a_dry_run_writes_nothing(staff):
    before = world()
    found = checked(staff, "firms", FIRMS)
    assert found.status is ImportStatus.CHECKED
    assert outcomes(found) == ["create", "create"]
    assert tables.changed(before, world()) == set()


def test_firms_come_in_with_their_numbers_and_groups(staff):
    found = imported(staff, "firms", FIRMS)
    assert found.status is ImportStatus.DONE
    kapok = firm_named("Kapok Voice")
    assert (kapok.country, kapok.registration_no) == ("PH", "00123")
    assert kapok.billing_email == "pay@kapok.example"
    assert firm_named("Marula Contact").country == "ZA"
    assert db.session.scalar(select(ExternalId.subject_id).filter_by(value="A1")) == kapok.id
    assert kapok.group_memberships[0].group.name == "Kapok Voice"
    assert "2</dd>" in staff.get(page_of(found))
    verbs = set(db.session.scalars(select(audit.AuditEvent.verb)))
    assert {"import.started", "import.done", "organization.imported"} <= verbs


def test_the_same_file_again_changes_nothing(staff):
    imported(staff, "firms", FIRMS)
    found = checked(staff, "firms", FIRMS)
    assert outcomes(found) == ["skip", "skip"]
    page = staff.post(f"{page_of(found)}/run", page=page_of(found), status=200, mode="whole")
    assert "No row of this file would change anything" in page.text


def test_a_changed_cell_is_shown_field_by_field_and_written(staff):
    imported(staff, "firms", FIRMS)
    file = as_csv(HEAD, ("A1", "Kapok Voices", "PH", "00123", ""))
    found = checked(staff, "firms", file)
    page = staff.get(page_of(found))
    assert "<del>Kapok Voice</del>" in page
    assert "<ins>Kapok Voices</ins>" in page
    imported(staff, "firms", file)
    assert firm_named("Kapok Voices").billing_email == "pay@kapok.example"  # empty says nothing


def test_each_column_may_replace_fill_or_change_nothing(staff):
    make_firm(registration_no="R-1", country="PH", name="Old", website="", tax_id="T1")
    head = ("Registration number", "Country", "Name", "Website", "VAT number")
    file = as_csv(head, ("R-1", "PH", "New", "https://new.example", "T2"))
    found = checked(staff, "firms", file)
    said = {"policy-2": "never", "policy-3": "fill", "policy-4": "fill"}
    staff.post(f"{page_of(found)}/columns", page=page_of(found), **said)
    jobs.work()
    staff.post(f"{page_of(found)}/run", page=page_of(found), mode="whole")
    jobs.work()
    db.session.rollback()
    firm = firm_named("Old")
    assert (firm.website, firm.tax_id) == ("https://new.example", "T1")


def test_a_heading_nobody_knows_is_named_and_can_be_mapped_and_is_remembered(staff):
    file = as_csv(("Naam", "Country"), ("Linden", "NL"))
    found = checked(staff, "firms", file)
    assert outcomes(found) == ["error"]
    assert "Not known, and left alone: Naam." in staff.get(page_of(found))
    staff.post(f"{page_of(found)}/columns", page=page_of(found), **{"field-0": "name"})
    jobs.work()
    assert outcomes(found) == ["create"]
    again = checked(staff, "firms", as_csv(("Naam", "Country"), ("Elm", "NL")))
    assert outcomes(again) == ["create"]


def test_all_or_nothing_is_nothing_with_one_bad_row(staff):
    file = as_csv(HEAD, ("A1", "Kapok", "PH", "1", ""), ("A2", "Marula", "Nowhere", "2", ""))
    found = checked(staff, "firms", file)
    assert lines(found)[1] == (
        3,
        "error",
        ["Country “Nowhere” is no country: write its code, like PH."],
    )
    page = staff.post(f"{page_of(found)}/run", page=page_of(found), status=200, mode="whole")
    assert "Rows with a problem: 1." in page.text
    assert db.session.scalars(select(Organization)).all() == []


def test_the_good_rows_alone_come_in_when_that_is_chosen(staff):
    file = as_csv(HEAD, ("A1", "Kapok", "PH", "1", ""), ("A2", "Marula", "Nowhere", "2", ""))
    found = imported(staff, "firms", file, mode="rows")
    assert found.status is ImportStatus.DONE
    assert db.session.scalars(select(Organization.name)).all() == ["Kapok"]
    result = staff.get(f"{page_of(found)}/result.csv")
    assert "3,error," in result
    assert "Marula" in result


def test_what_changed_since_the_check_stops_the_whole(staff):
    found = checked(staff, "firms", FIRMS)
    make_firm(name="Kapok Voice", country="PH", registration_no="123")
    staff.post(f"{page_of(found)}/run", page=page_of(found), mode="whole")
    jobs.work()
    db.session.expire_all()
    assert found.status is ImportStatus.REFUSED
    assert "Nothing was written" in staff.get(page_of(found))
    assert db.session.scalar(select(func.count()).select_from(Organization)) == 1


def test_conflicts_are_told_in_a_sentence(staff):
    make_firm(name="Kapok", country="PH", registration_no="00123")
    other = make_firm(name="Elm", country="NL", registration_no="9")
    file = as_csv(
        ("id", "Name", "Country", "Registration number"),
        ("", "Kapok", "PH", "123"), ("", "Elm", "NL", ""), (other.id, "Yew", "PH", "00123"),
        ("9999", "Ash", "NL", "7"), ("", "Oak", "NL", "8"), ("", "Oak", "NL", "8"),
    )  # fmt: skip
    found = checked(staff, "firms", file)
    assert outcomes(found) == ["conflict"] * 4 + ["create", "conflict"]
    told = sentences(found)
    assert "leading zeros were lost or added" in told[0]
    assert f"number {other.id}" in told[1]
    assert "Elm by one column and Kapok by another" in told[2]
    assert "There is no firm 9999 here" in told[3]
    assert "Line 6 of this file is about the same" in told[4]


def test_an_import_is_undone_whole(staff):
    kept = make_firm(
        registration_no="00123", country="PH", name="Kapok", billing_email="old@k.example"
    )
    before = world()
    found = imported(staff, "firms", FIRMS)
    assert kept.billing_email == "pay@kapok.example"
    assert "Undo the import" in staff.get(f"{page_of(found)}/undo")
    staff.post(f"{page_of(found)}/undo")
    jobs.work()
    db.session.expire_all()
    assert found.status is ImportStatus.UNDONE
    assert tables.changed(before, world()) == set()


def test_an_import_on_which_something_newer_depends_is_not_undone(staff):
    found = imported(staff, "firms", FIRMS)
    make_membership(firm_named("Marula Contact"))
    before = world()
    staff.post(f"{page_of(found)}/undo")
    jobs.work()
    db.session.expire_all()
    assert found.status is ImportStatus.DONE
    assert "Something newer depends on the" in staff.get(page_of(found))
    assert tables.changed(before, world()) == set()


def test_what_was_edited_since_is_not_undone(staff):
    kept = make_firm(
        registration_no="00123", country="PH", name="Kapok", billing_email="old@k.example"
    )
    found = imported(staff, "firms", FIRMS)
    kept.name = "Kapok and Sons"
    db.session.commit()
    staff.post(f"{page_of(found)}/undo")
    jobs.work()
    assert "its name changed since" in staff.get(page_of(found))


def test_after_seven_days_nothing_is_undone(staff, at):
    found = imported(staff, "firms", FIRMS)
    soon = clock.now() + timedelta(days=7, minutes=1)
    at(soon.year, soon.month, soon.day, soon.hour, soon.minute)
    staff.sign_in(make_person("admin"))
    assert "Undo this import" not in staff.get(page_of(found))
    staff.post(f"{page_of(found)}/undo", status=409)


def test_people_come_in_with_their_roles_and_nobody_is_told(staff, sent):
    firm = make_firm(name="Kapok", registration_no="R1", country="PH")
    file = as_csv(
        ("E-mail", "Name", "Phone", "Firm", "Roles", "Job title", "From", "Until"),
        ("Rosa@Kapok.example", "Rosa Cruz", "+63 917 123", "Kapok", "delegate; roster manager",
         "CEO", "", ""),
        ("rosa@kapok.example", "Rosa Cruz", "", "Kapok", "staff", "", "2015-01-01", "2019-12-31"),
        ("leo@kapok.example", "Leo Tan", "", "", "", "", "", ""),
    )  # fmt: skip
    found = imported(staff, "people", file)
    assert found.status is ImportStatus.DONE, lines(found)
    rosa = db.session.scalars(select(Person).filter_by(email="rosa@kapok.example")).one()
    held = db.session.scalars(select(Affiliation).order_by(Affiliation.until_on)).all()
    assert [(one.person, one.organization) for one in held] == [(rosa, firm)] * 2
    assert {tuple(one.roles) for one in held} == {("delegate", "roster_manager"), ("staff",)}
    assert (rosa.phone, rosa.password_hash) == ("+63917123", None)
    assert sent() == []
    assert outcomes(checked(staff, "people", file)) == ["skip"] * 3


def test_roles_that_one_person_holds_stay_with_one(staff):
    firm = make_firm(name="Kapok", registration_no="R1", country="PH")
    make_contact(firm, "delegate", "roster_manager", email="old@kapok.example")
    file = as_csv(
        ("Email", "Name", "Firm registration no", "Roles"),
        ("new@kapok.example", "New", "R1", "delegate"),
        ("old@kapok.example", "Old", "R1", "staff"),
        ("a@kapok.example", "A", "R1", "alternate"), ("b@kapok.example", "B", "R1", "alternate"),
        ("c@kapok.example", "C", "R2", "staff"), ("d@kapok.example", "D", "R1", "king"),
    )  # fmt: skip
    found = checked(staff, "people", file)
    assert outcomes(found) == ["conflict", "conflict", "create", "conflict", "conflict", "error"]
    told = sentences(found)
    assert "Kapok has another delegate" in told[0]
    assert "no roster manager left" in told[1]
    assert "takes the same role" in told[2]
    assert "There is no firm “R2” here" in told[3]


def test_an_address_that_someone_signs_in_with_is_never_changed(staff):
    person = make_person(email="rosa@kapok.example")
    file = as_csv(("id", "Email", "Name"), (person.id, "thief@evil.example", "Rosa"))
    found = checked(staff, "people", file)
    assert outcomes(found) == ["conflict"]
    assert "people change theirs themselves" in sentences(found)[0]


def test_terms_come_in_with_their_history(staff, sent):
    firm = make_firm(name="Kapok", registration_no="R1", country="PH")
    file = as_csv(
        ("Firm", "Class", "Start", "End", "Price", "Currency", "Membership ended"),
        ("Kapok", "Front-office provider", "2015-01-01", "2015-12-31", "1.209,00", "EUR",
         "2015-12-31"),
        ("Kapok", "provider_front", "2025-01-01", "2025-12-31", "1209", "EUR", ""),
        ("Kapok", "provider_front", "2026-01-01", "2026-12-31", "1,209.50", "EUR", ""),
    )  # fmt: skip
    found = imported(staff, "terms", file)
    assert found.status is ImportStatus.DONE, lines(found)
    held = db.session.scalars(select(Membership).order_by(Membership.since_on)).all()
    assert [one.ended_on for one in held] == [date(2015, 12, 31), None]
    assert held[1].since_on == date(2025, 1, 1)
    assert held[1].terms[1].price_snapshot == {
        "imported": True,
        "seats": None,
        "currency": "EUR",
        "total": 120950,
    }
    assert held[1].terms[1].grace_until_on == date(2027, 1, 30)
    assert state_of(firm, date(2026, 6, 1)).words == "Member until 31 Dec 2026"
    assert sent() == []
    assert outcomes(checked(staff, "terms", file)) == ["skip"] * 3


def test_terms_older_than_the_membership_are_undone_to_what_it_was(staff):
    firm = make_firm(name="Kapok")
    make_membership(firm, start=date(2026, 7, 1), end=date(2027, 6, 30))
    before = world()
    years = [("Kapok", "provider_front", f"{y}-01-01", f"{y}-12-31") for y in (2024, 2023, 2025)]
    found = imported(staff, "terms", as_csv(("Firm", "Class", "Start", "End"), *years))
    assert firm.memberships[0].since_on == date(2023, 1, 1)
    staff.post(f"{page_of(found)}/undo")
    jobs.work()
    db.session.expire_all()
    assert (found.status, found.note) == (ImportStatus.UNDONE, "")
    assert tables.changed(before, world()) == set()


def test_a_term_is_never_edited_and_never_overlaps(staff):
    firm = make_firm(name="Kapok")
    make_membership(firm, start=date(2026, 1, 1), end=date(2026, 12, 31))
    head = ("Firm", "Class", "Start", "End")
    rows = [
        ("Kapok", "provider_front", "2026-01-01", "2027-12-31"),
        ("Kapok", "provider_front", "2026-06-01", "2027-05-31"),
        ("Kapok", "recruiter", "2026-01-01", "2026-12-31"),
        ("Kapok", "recruiter", "2026-12-31", "2027-12-30"),
        ("Kapok", "recruiter", "2030-12-31", "2030-01-01"),
    ]
    found = checked(staff, "terms", as_csv(head, *rows))
    assert outcomes(found) == ["conflict", "conflict", "create", "conflict", "error"]
    told = sentences(found)
    assert "Terms are never edited: here it says 2026-12-31" in told[0]
    assert "has a term from 2026-01-01 to 2026-12-31 already" in told[1]
    assert "Line 4 has a term on some of these days" in told[2]
    assert "before the first" in told[3]


def test_declared_numbers_come_in_signed_and_stay(staff, sent):
    firm = make_firm(name="Kapok")
    make_contact(firm, "signatory", email="rosa@kapok.example")
    head = ("Firm", "Metric", "Value", "From", "Until", "Signed by", "Signed")
    year = ("2025-01-01", "2025-12-31")
    file = as_csv(
        head,
        ("Kapok", "headcount", "1,250", *year, "rosa@kapok.example", "2026-01-07"),
        ("Kapok", "headcount", "1260.5", *year, "rosa@kapok.example", "2026-02-07"),
    )
    found = imported(staff, "declarations", file)
    assert found.status is ImportStatus.DONE, lines(found)
    first, second = db.session.scalars(select(Declaration).order_by(Declaration.id))
    assert (first.value, second.value, second.prior) == (1250, Decimal("1260.5"), first)
    assert second.signed_at.date() == date(2026, 2, 7)
    assert sent() == []
    assert outcomes(checked(staff, "declarations", file)) == ["skip", "skip"]
    assert "Undo this import" not in staff.get(page_of(found))
    wrong = as_csv(head, ("Kapok", "headcount", "many", *year, "x@kapok.example", "2026-01-07"))
    assert "is no number" in sentences(checked(staff, "declarations", wrong))[0]
    row = (first.id, "Kapok", "headcount", "9", *year, "rosa@kapok.example", "2026-01-07")
    edited = checked(staff, "declarations", as_csv(("id", *head), row))
    assert "never edited" in sentences(edited)[0]


INVOICES = as_csv(
    ("Invoice no", "Firm", "Issued", "Due", "Currency", "Net", "Tax", "Total", "Description"),
    ("2024/0071", "Kapok", "2024-03-01", "2024-03-31", "EUR", "100.00", "21.00", "121.00",
     "Dues 2024"),
    ("2024/0090", "Kapok", "2024-09-01", "2024-09-30", "USD", "", "", "50", "Dues 2024, rest"),
)  # fmt: skip


def test_open_invoices_keep_their_number_and_are_posted_and_held(staff, sent):
    firm = make_firm(name="Kapok")
    make_invoice(firm)
    found = imported(staff, "invoices", INVOICES)
    assert found.status is ImportStatus.DONE, lines(found)
    one = db.session.scalars(select(Invoice).filter_by(number="2024/0071")).one()
    assert (one.series, one.sequence, one.issued_on) == ("IMPORTED", 1, date(2024, 3, 1))
    assert balance(one).minor == 12100
    posted = select(func.sum(Posting.minor)).where(Posting.invoice_id == one.id)
    assert db.session.scalar(posted) == 0
    assert list(ledger_faults()) == []
    held = db.session.scalars(select(Overlay).filter_by(subject_id=one.id)).one()
    assert (held.kind.value, held.until_on) == ("hold", None)
    assert sent() == []
    assert "2024/0071" in staff.get(f"/staff/dues/{one.id}")
    assert outcomes(checked(staff, "invoices", INVOICES)) == ["skip", "skip"]


def test_an_import_of_invoices_is_undone_by_credit_notes_that_nobody_is_mailed(staff, sent):
    make_firm(name="Kapok")
    found = imported(staff, "invoices", INVOICES)
    staff.post(f"{page_of(found)}/undo")
    assert sent() == []
    db.session.expire_all()
    assert found.status is ImportStatus.UNDONE
    one = db.session.scalars(select(Invoice).filter_by(number="2024/0071")).one()
    assert balance(one).minor == 0
    assert list(ledger_faults()) == []
    assert outcomes(checked(staff, "invoices", INVOICES)) == ["skip", "skip"]


def test_claims_that_cannot_be_are_refused_in_words(staff):
    firm = make_firm(name="Kapok")
    ours = make_invoice(firm)
    head = ("Number", "Firm", "Issued on", "Due on", "Currency", "Total", "Tax", "Net", "Open")
    file = as_csv(
        head,
        ("X1", "Kapok", "2024-03-01", "2024-03-31", "EUR", "100", "21", "100", ""),
        ("X2", "Kapok", "2024-03-01", "2024-03-31", "EUR", "100", "", "", "60"),
        ("X3", "Kapok", "2024-03-31", "2024-03-01", "EUR", "100", "", "", ""),
        ("X4", "Nobody", "2024-03-01", "2024-03-31", "EUR", "100", "", "", ""),
        ("TH-2030-000001", "Kapok", "2024-03-01", "2024-03-31", "EUR", "100", "", "", ""),
        (ours.number, "Kapok", ours.issued_on, ours.due_on, "EUR", "1", "", "", ""),
        ("X5", "Kapok", "2024-03-01", "2024-03-31", "JPY", "10.50", "", "", ""),
    )
    found = checked(staff, "invoices", file)
    assert outcomes(found) == ["error"] * 3 + ["conflict", "error", "conflict", "error"]
    told = " ".join(sentences(found))
    for words in ("do not add up", "still owed as its total", "due before", "no firm “Nobody”",
                  "own series", "never changed: here it says 2,418.00", "JPY"):  # fmt: skip
        assert words in told, (words, told)


def test_finance_brings_in_money_and_membership_brings_in_members(browser):
    make_firm(name="Kapok")
    browser.sign_in(make_person("membership"))
    assert "Open invoices" not in browser.get(f"{DATA}import")
    assert "Choose" in send(browser, "invoices", INVOICES, status=200).text
    browser.sign_in(make_person("finance"))
    found = checked(browser, "invoices", INVOICES)
    browser.sign_in(make_person("membership"))
    browser.get(page_of(found), status=403)
    browser.sign_in(make_person("editor"))
    browser.get(DATA, status=403)


def test_a_bad_file_is_answered_in_a_sentence_and_the_choice_is_kept(staff):
    for body, words in (
        (b"", "no rows under its headings"), (b"\0\0\0", "no text"), (b"PK\x03\x04x", "damaged"),
        (as_csv(("x", "y"), ("1", "2")), "None of the headings is known"),
    ):  # fmt: skip
        page = send(staff, "terms", body, status=200).text
        assert words in page
        assert 'value="terms" checked' in page
    assert db.session.scalars(select(Import)).all() == []


def test_the_rows_can_be_narrowed_to_those_with_a_problem(staff):
    rows = [(f"A{n}", f"Firm {n}", "PH", f"R{n}", "") for n in range(30)]
    found = checked(staff, "firms", as_csv(HEAD, *rows, ("B", "Bad", "Nowhere", "1", "")))
    assert "Page 1 of 2" in staff.get(page_of(found))
    page = staff.get(f"{page_of(found)}?show=problems")
    assert "Nowhere" in page
    assert "Firm 1" not in page


def test_the_page_shows_how_far_it_is_and_can_be_left(staff):
    there = send(staff, "firms", FIRMS).location
    page = staff.get(there)
    assert "0 of 2 rows" in page
    assert "come back" in page
    jobs.work()
    assert "Import 2 rows" in staff.get(there)


def test_lookups_do_not_grow_with_the_rows(staff, statements):
    make_place(slug="ph", name="Philippines")

    def cost(many):
        rows = [(f"A{n}", f"Firm {n}", "PH", f"R{n}", "") for n in range(many)]
        statements.clear()
        checked(staff, "firms", as_csv(HEAD, *rows))
        return sum(one.startswith("SELECT") for one in statements)

    cost(10)
    few = cost(20)
    assert cost(400) == few


def test_groups_are_shared_when_the_file_says_so(staff):
    file = as_csv(
        ("Name", "Country", "Group"), ("Kapok A", "PH", "Kapok"), ("Kapok B", "NL", "Kapok")
    )
    imported(staff, "firms", file)
    group = db.session.scalars(select(CorporateGroup)).one()
    assert group.name == "Kapok"


def test_what_the_rows_said_is_forgotten_after_sixty_days(staff, at):
    found = imported(staff, "firms", FIRMS)
    later = clock.now() + timedelta(days=61)
    at(later.year, later.month, later.day)
    jobs.work()
    staff.sign_in(make_person("admin"))
    assert "Kapok" not in staff.get(page_of(found))
    assert "2,create" in staff.get(f"{page_of(found)}/result.csv")
    assert firm_named("Kapok Voice")


def test_good_rows_go_on_after_the_last_part_that_was_kept(staff):
    found = checked(staff, "firms", FIRMS)
    first = db.session.scalars(select(ImportRow).filter_by(line=2)).one()
    first.written_at = clock.now()  # the worker was killed after this part
    db.session.commit()
    staff.post(f"{page_of(found)}/run", page=page_of(found), mode="rows")
    jobs.work()
    db.session.expire_all()
    assert found.status is ImportStatus.DONE
    assert db.session.scalars(select(Organization.name)).all() == ["Marula Contact"]


def test_the_language_of_invoices_comes_in_and_one_that_is_not_spoken_is_told(staff):
    firm = make_firm()
    head = ["registration no", "country", "language"]
    row = [firm.registration_no, "PH", "es"]
    imported(staff, "firms", as_csv(head, row))
    db.session.refresh(firm)
    assert firm.language == "es"
    found = checked(staff, "firms", as_csv(head, [*row[:2], "xx"]))
    assert "written in one of these: en, es" in " ".join(lines(found)[0][2])
