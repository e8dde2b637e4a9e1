"""A size that is told when the next term is sold already: kept there too, from its first day."""

from datetime import date

import pytest

from portal.accounts.models import Person
from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions as dues
from portal.dues.models import CreditNote, Invoice
from portal.dues.queries import balance, ledger_faults
from portal.members.models import Term
from portal.renewals import actions, queries
from portal.renewals.models import TermChange
from tests.make import make_person
from tests.renewals.making import fte, issue, make_life, next_of, pay, person_of
from tests.renewals.test_races import at_once

CHANGE = "/firm/membership/change"


@pytest.fixture
def term(at):
    """Renewed early: the next term is paid, both at 40 people."""
    at(2026, 12, 1, 9)
    made = make_life(headcount=40)
    pay(issue(made))
    return made


def change(term, many):
    made = actions.change(term, fte(many), "They told.", None)
    db.session.commit()
    return made


def plain(page):
    return str(page).replace("\N{NO-BREAK SPACE}", " ")


def agrees(term):
    """Of the next term, which was sold here; nobody billed the running one."""
    found = actions.compare(term.membership)
    return not found.wrong and {one.covers_from.year for one in found.missing} <= {2026}


def test_a_smaller_size_costs_nothing_and_the_term_after_the_paid_one_has_it(at, term):
    made = change(term, 20)
    assert [(one.term, one.on, one.invoice) for one in made] == [
        (term, date(2026, 12, 1), None), (next_of(term), date(2027, 1, 1), None),
    ]  # fmt: skip
    assert (db.session.query(CreditNote).count(), agrees(term)) == (0, True)
    at(2027, 11, 5, 9)
    assert issue(next_of(term)).net_minor == 120900


def test_more_is_charged_for_the_days_left_and_for_the_whole_term_that_is_paid(at, term):
    now, ahead = (one.invoice for one in change(term, 60))
    assert now.net_minor == 5113, "60200 × 31/365"
    (line,) = ahead.lines
    assert (line.net_minor, line.covers_from, line.covers_to) == (
        60200, date(2027, 1, 1), date(2027, 12, 31),
    )  # fmt: skip
    assert ahead.due_on >= date(2026, 12, 31)
    assert agrees(term)
    at(2027, 11, 5, 9)
    assert issue(next_of(term)).net_minor == 241800
    assert list(ledger_faults()) == []


def test_growing_back_after_less_was_told_costs_nothing_twice(term):
    change(term, 20)
    assert [one.invoice for one in change(term, 40)] == [None, None]
    assert [one.invoice.net_minor for one in change(term, 60)] == [5113, 60200]


def test_sent_twice_it_is_refused_and_kept_once(term):
    change(term, 60)
    with pytest.raises(Refused, match="nothing changes"):
        change(term, 60)
    assert db.session.query(TermChange).count() == 2


def test_pressed_at_one_moment_it_is_charged_once(app, term):
    term_id = term.id

    def press():
        try:
            actions.change(db.session.get(Term, term_id), fte(60), "Pressed twice.", None)
            db.session.commit()
        except Refused as refused:
            return str(refused)
        return "kept"

    assert at_once(app, press).count("kept") == 1
    assert (db.session.query(TermChange).count(), db.session.query(Invoice).count()) == (2, 3)


def test_told_while_the_renewal_is_being_paid_the_size_is_in_the_next_term(app, at):
    at(2026, 12, 1, 9)
    term = make_life(headcount=40)
    old_id, term_id, staff_id = issue(term).id, term.id, make_person("finance").id
    acts = ["tell", "pay"]

    def press():
        if acts.pop() == "tell":
            actions.change(db.session.get(Term, term_id), fte(20), "They told.", None)
        else:
            found = db.session.get(Invoice, old_id)
            if whole := balance(found):  # else it was made anew meanwhile
                staff = db.session.get(Person, staff_id)
                dues.record_transfer(found, whole, found.issued_on, by=staff)
        db.session.commit()

    at_once(app, press, count=2)
    last = next_of(term) or term
    assert actions.numbers_now(last) == fte(20)
    assert list(ledger_faults()) == []


def test_numbers_that_the_next_term_has_already_are_not_told_to_it_again(at):
    at(2026, 12, 1, 9)
    term = make_life(headcount=40)
    change(term, 20)
    pay(issue(term))
    assert [one.term for one in change(term, 40)] == [term, next_of(term)]
    assert [one.term for one in change(term, 20)] == [term, next_of(term)]


def test_the_page_says_from_which_day_it_counts_and_what_each_term_costs_more(browser, term):
    browser.sign_in(person_of(term))
    page = plain(browser.get(f"{CHANGE}?metric_contact_centre_fte=60"))
    for words in (
        "This term, from 1 Dec 2026 until 31 Dec 2026", "EUR 51.13</strong> now",
        "The term from 1 Jan 2027 until 31 Dec 2027, renewed already",
        "EUR 602.00</strong> more for the whole term",
    ):  # fmt: skip
        assert words in page, words
    page = plain(browser.get(f"{CHANGE}?metric_contact_centre_fte=20"))
    assert "it counts from the term from 1 Jan 2028 on" in page
    assert "Nothing more, and nothing is given back." in page


def test_sent_it_names_both_invoices_and_the_second_time_it_says_that_nothing_changes(
    browser, term
):
    browser.sign_in(person_of(term))
    answer = browser.post(CHANGE, metric_contact_centre_fte="60")
    now, ahead = db.session.query(Invoice).order_by(Invoice.id).all()[-2:]
    assert answer.location.endswith(f"/invoices/{now.id}")
    page = plain(browser.get(answer.location))
    assert f"{ahead.number} is for the whole term from 1 Jan 2027." in page
    again = browser.post(CHANGE, status=200, metric_contact_centre_fte="60").text
    assert "nothing changes" in again
    assert db.session.query(Invoice).count() == 3


def test_less_that_is_sent_says_from_which_term_on_it_counts(browser, term):
    browser.sign_in(person_of(term))
    answer = browser.post(CHANGE, metric_contact_centre_fte="20")
    assert "it counts from the term from 1 Jan 2028 on" in plain(browser.get(answer.location))


def test_who_leaves_before_the_paid_term_is_charged_for_no_growth_in_it(term):
    _now, ahead = (one.invoice for one in change(term, 60))
    actions.resign(term.membership, date(2026, 8, 1), "Sold.", None, last=date(2026, 12, 31))
    db.session.commit()
    assert (balance(ahead).minor, next_of(term)) == (0, None)
    assert agrees(term)


def test_growth_of_a_paid_term_is_never_taken_for_its_renewal(term):
    _now, ahead = (one.invoice for one in change(term, 60))
    assert queries.invoice_for(term, date(2027, 1, 1)) is None
    assert ahead.net_minor == 60200


def test_staff_read_once_that_less_waits_for_the_term_that_is_not_sold(term):
    change(term, 20)
    assert [one.from_on for one in queries.deferred(date(2026, 12, 1))] == [date(2028, 1, 1)]


def test_staff_read_in_which_term_each_change_counts(browser, term):
    change(term, 60)
    browser.sign_in(make_person("membership"))
    page = plain(browser.get(f"/staff/members/{term.membership.organization_id}/life"))
    assert "Changed: contact centre FTE 60<" in page
    assert "Changed: contact centre FTE 60, in the term from 1 Jan 2027" in page
