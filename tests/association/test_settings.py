"""The association's settings, its jobs and its record, and who may see them."""

from datetime import timedelta

import pytest

from portal.association.forms import is_iban
from portal.association.models import Association
from portal.core import audit, clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.jobs import Job
from tests.make import make_person

PAGE = "/staff/association/"
FACTS = {
    "name": "Callhall", "tagline": "Those who answer", "address": "2 Quay", "country": "NL",
    "tax_id": "NL1", "contact_name": "Amara", "contact_email": "amara@callhall.example",
    "bank_name": "Bank", "iban": "NL91ABNA0417164300", "bic": "ABNANL2A",
    "zone": "Asia/Manila", "currency": "PHP", "invoice_series": "CH", "credit_series": "CC",
    "due_days": "14", "decision_days": "10",
}  # fmt: skip


@pytest.fixture
def admin(browser):
    return browser.sign_in(make_person(Role.ADMIN))


def home():
    return db.session.get(Association, 1)


def test_everything_an_officer_may_change_is_kept_and_recorded(browser, admin):
    browser.post(PAGE, **FACTS)
    kept = {name: str(getattr(home(), name)) for name in FACTS}
    assert kept == FACTS
    page = browser.get("/staff/association/audit?verb=association.changed")
    assert "Testhall" in page
    assert "Callhall" in page


def test_the_limit_for_one_person_is_an_amount_or_nothing(browser, admin):
    for typed, minor in (("2,500.00", 250000), ("0", 0), ("", None)):
        browser.post(PAGE, **FACTS, approval_above=typed)
        db.session.expire_all()
        assert home().approval_above_minor == minor
    browser.post(PAGE, **FACTS, approval_above="2500.50")
    assert 'value="2,500.50"' in browser.get(PAGE)


def test_years_by_country_are_kept_in_order_or_not_at_all(browser, admin):
    browser.post(PAGE, **FACTS, years_barred="ph 10, NL 5")
    assert home().barred_after == {"NL": 5, "PH": 10}
    assert 'value="NL 5, PH 10"' in browser.get(PAGE)
    browser.post(PAGE, **FACTS, years_barred="")
    db.session.expire_all()
    assert home().barred_after == {}


def test_nothing_changed_is_nothing_recorded(browser, admin):
    browser.post(PAGE, **FACTS)
    browser.post(PAGE, **FACTS)
    rows = db.session.query(audit.AuditEvent).filter_by(verb="association.changed")
    assert rows.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Enter the name"),
        ("iban", "NL91ABNA0417164301", "figures does not fit"),
        ("iban", "NL91", "figures does not fit"),
        ("bic", "ABN", "like ABNANL2A"),
        ("contact_email", "amara", "Enter an e-mail address"),
        ("zone", "Mars/Olympus", "Choose one of these"),
        ("currency", "XYZ", "Choose one of these"),
        ("invoice_series", "C-1", "1 to 8 letters"),
        ("years_barred", "NL", "with 1 to 50 years"),
        ("years_barred", "Mars 5", "with 1 to 50 years"),
        ("years_barred", "NL 5, XX 3", "with 1 to 50 years"),
        ("years_barred", "NL 0", "with 1 to 50 years"),
        ("approval_above", "much", "Enter an amount in figures"),
        ("approval_above", "-1", "Enter an amount of 0 or more"),
        ("credit_series", "CH", "numbered apart"),
        ("due_days", "0", "1 to 365"),
        ("due_days", "soon", "Enter a whole number"),
        ("decision_days", "121", "1 to 120"),
        ("tagline", "x" * 161, "160 characters"),
    ],
)
def test_a_bad_value_is_answered_at_its_field_and_nothing_is_lost(
    browser, admin, field, value, sentence
):
    page = browser.post(PAGE, status=200, **FACTS | {field: value}).text
    assert sentence in page
    assert "There is a problem" in page
    assert 'value="Those who answer"' in page or field == "tagline"
    assert home().name == "Testhall"


def test_an_iban_typed_with_spaces_is_the_same_iban(browser, admin):
    browser.post(PAGE, **FACTS | {"iban": "nl91 abna 0417 1643 00"})
    assert home().iban == "NL91ABNA0417164300"


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("GB82WEST12345698765432", True), ("DE89370400440532013000", True),
        ("GB82WEST12345698765423", False), ("GB", False), ("", False),
        ("gb82west12345698765432", False),
    ],
)  # fmt: skip
def test_check_digits_of_an_iban(text, is_right):
    assert is_iban(text) is is_right


@pytest.mark.parametrize("role", [Role.FINANCE, Role.MEMBERSHIP, Role.EDITOR])
def test_other_staff_do_not_change_the_association(browser, role):
    browser.sign_in(make_person(role))
    browser.get(PAGE, status=403)


def test_a_job_that_failed_is_shown_with_its_trouble_and_taken_again(browser, admin):
    now = clock.now()
    job = Job(
        key="mail:1", handler="portal.core.mail.deliver", arguments={}, attempts=8,
        due_at=now + timedelta(days=1), error="the mail server refused",
    )  # fmt: skip
    db.session.add(job)
    db.session.commit()
    page = browser.get("/staff/association/jobs?state=failed")
    assert "the mail server refused" in page
    browser.post(f"/staff/association/jobs/{job.id}/again", page="/staff/association/jobs")
    assert db.session.get(Job, job.id).due_at <= clock.now()


def test_the_record_is_filtered_by_act_and_by_thing(browser, admin):
    audit.record("invoice.issued", "invoice:7", number="TH-2026-000007")
    audit.record("person.signed_in", "person:3")
    db.session.commit()
    page = browser.get("/staff/association/audit?verb=invoice.")
    assert "TH-2026-000007" in page
    assert "person.signed_in" not in page
    page = browser.get("/staff/association/audit?subject=person:3")
    assert "person.signed_in" in page
    assert "TH-2026-000007" not in page
    assert "No row matches" in browser.get("/staff/association/audit?verb=nothing")
