"""The books made to agree where the lines that are missing are no usual invoice."""

from datetime import date

import pytest

from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues.actions import LineDraft
from portal.dues.models import Invoice
from portal.renewals import actions
from tests.dues.books import make_invoice
from tests.make import make_person
from tests.renewals.making import next_of, pay
from tests.renewals.test_trials import admit, adopt, term_now


@pytest.fixture
def overcharged(at):
    """G23, but the invoice in force forgot what was left of the trial; returns the membership."""
    at(2026, 4, 1, 12)
    adopt(tax_percent="0")
    pay(admit())
    at(2026, 7, 1, 12)
    term = term_now()
    invoice = actions.convert(term)
    pay(invoice)
    next_of(term)
    whole = max(invoice.lines, key=lambda one: one.net_minor)
    fee = [one for one in invoice.lines if one.income == "entry"]
    lines = [
        LineDraft(
            one.rule, one.text, one.net_minor, one.income, covers_from=one.covers_from,
            covers_to=one.covers_to, membership_id=one.membership_id,
        )
        for one in (whole, *fee)
    ]  # fmt: skip
    dues.credit(invoice, "By mistake")
    pay(make_invoice(term.membership.organization, lines=lines))
    db.session.expire_all()
    return term.membership


def test_what_comes_to_less_than_nothing_is_refused_in_words(overcharged):
    found = actions.compare(overcharged)
    assert [line.net for line in found.missing] == [-24885]
    assert found.wrong == []
    before = db.session.query(Invoice).count()
    with pytest.raises(Refused, match=r"248\.85 less than nothing.*credit note"):
        actions.reconcile(overcharged, "The trial was forgotten")
    assert db.session.query(Invoice).count() == before


def test_the_staff_page_says_so_in_place(overcharged, browser):
    browser.sign_in(make_person("finance"))
    where = f"/staff/members/{overcharged.organization_id}/reconcile"
    assert "To be issued" in browser.get(where)
    page = browser.post(where, page=where, status=200, reason="The trial was forgotten.").text
    assert "less than nothing" in page
    assert overcharged.since_on == date(2026, 4, 1)
