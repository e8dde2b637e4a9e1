"""What members were told of lobbying, against what was spent: on a page, and nothing is kept."""

import pytest

from portal.core.access import Role
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.dues import actions
from portal.dues.notes import Notes
from tests.dues.books import make_invoice
from tests.make import make_person

URL = "/staff/dues/reports/lobbying"
ASKED = "?year=2026+USD&spent=212500&tax_percent=21"


@pytest.fixture
def told(at, browser):
    """USD 180,000 told in 2026, by two invoices; a third was taken back."""
    at(2026, 12, 31, 9)
    for minor in (10000000, 8000000, 500000):
        last = make_invoice(total=90000000, currency="USD", notes=Notes(minor, "Told."))
    actions.credit(last, "It was wrong")
    db.session.commit()
    browser.sign_in(make_person(Role.FINANCE))
    return browser


def plain(page):
    return page.replace("\N{NO-BREAK SPACE}", " ")


def test_without_a_word_on_lobbying_nothing_is_compared(browser):
    browser.sign_in(make_person(Role.FINANCE))
    assert "No invoice names a part for lobbying" in browser.get(URL)


def test_g49_the_shortfall_is_taxed_or_added_to_next_years_estimate(told):
    before = db.session.query(AuditEvent).count()
    assert "180,000.00" in told.get(URL)
    page = plain(told.get(URL + ASKED))
    for words in ("USD 32,500.00 more was spent than told", "USD 6,825.00",
                  "added to next year’s estimate"):  # fmt: skip
        assert words in page, words
    assert db.session.query(AuditEvent).count() == before


def test_who_told_enough_owes_nothing(told):
    page = told.get(f"{URL}?year=2026+USD&spent=180000&tax_percent=21")
    assert "Members were told enough" in page


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("year=2026+USD&spent=much&tax_percent=21", "spent"),
        ("year=2026+USD&spent=&tax_percent=21", "spent"),
        ("year=2026+USD&spent=10&tax_percent=101", "tax_percent"),
        ("year=1999+USD&spent=10&tax_percent=21", "year"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(told, query, field):
    assert f'id="{field}-error"' in told.get(f"{URL}?{query}")
