"""The declaration page compares with what holds now: changes, seats and trials inside a term."""

from datetime import date

import pytest

from portal.core.db import db
from portal.dues import actions as dues
from portal.dues import queries as books
from portal.renewals import actions
from portal.renewals.models import Renewal
from portal.renewals.prices import quote_next
from tests.dues.test_declarations import ANSWERS, declare
from tests.make import make_person
from tests.renewals.making import fte, make_life, pay, person_of
from tests.renewals.test_trials import admit, term_now
from tests.renewals.test_trials import adopt as adopt_trials


@pytest.fixture
def term(at):
    """40 full-time people in 2026; it is 17 August."""
    at(2026, 8, 17, 9)
    return make_life(headcount=40)


def firm_of(term):
    return term.membership.organization


def now(term):
    """The numbers that count, and what the next term costs with them."""
    asked = books.asked_of(firm_of(term))
    return asked.now["contact_centre_fte"], books.dues_with(asked, asked.now).total.minor


def test_an_upgrade_inside_the_term_is_what_counts_now(term):
    assert now(term) == ("40", 181600)
    actions.change(term, fte(60), "They grew.", None)
    db.session.commit()
    assert now(term) == ("60", 241800)


def test_less_inside_the_term_counts_from_the_next_and_is_now_too(term):
    actions.change(term, fte(20), "They shrank.", None)
    db.session.commit()
    assert now(term) == ("20", 120900)


def test_what_was_declared_after_the_change_counts_and_what_came_before_does_not(term, at):
    declare(firm_of(term), "30")
    assert now(term) == ("30", 181600)
    at(2026, 9, 1, 9)
    actions.change(term, fte(60), "They grew.", None)
    db.session.commit()
    assert now(term) == ("60", 241800)
    at(2026, 10, 1, 9)
    declare(firm_of(term), "130")
    assert now(term) == ("130", 302500)


def test_seats_bought_inside_the_term_are_paid_for_in_the_next(term):
    for _one in range(2):
        invoice = dues.order_seats(term, 4, dues.price_of_seats(term, 4))
        pay(invoice)
    found = quote_next(Renewal(term=term))
    assert now(term) == ("40", found.total)
    assert found.total > 181600


def test_the_page_shows_both_with_the_change_in_them(browser, term):
    actions.change(term, fte(60), "They grew.", None)
    db.session.commit()
    browser.sign_in(person_of(term))
    page = browser.get("/firm/declaration")
    assert "Now: 60" in page
    page = browser.post("/firm/declaration", page="/firm/declaration", status=200,
                        **ANSWERS | {"value_contact_centre_fte": "130"}).text  # fmt: skip
    table = page[page.index("By the numbers now") :]
    assert table.index("2,418.00") < table.index("3,025.00")
    browser.sign_in(make_person("finance"))
    assert "2,418.00" in browser.get(f"/staff/dues/declarations/{firm_of(term).id}")


def test_a_trial_that_became_a_membership_asks_for_the_term_after_that(at):
    at(2026, 4, 1, 12)
    adopt_trials()
    pay(admit())
    trial = term_now()
    asked = books.asked_of(firm_of(trial))
    assert asked.starts_on == date(2026, 10, 1)
    assert books.dues_with(asked, asked.now).total.minor == quote_next(Renewal(term=trial)).total
    at(2026, 7, 1, 12)
    pay(actions.convert(trial))
    asked = books.asked_of(firm_of(trial))
    assert asked.starts_on == date(2027, 1, 1)
    found = books.dues_with(asked, asked.now)
    assert found.total.minor == 292578, "VAT 21 % of 2,418.00 is 507.78"
