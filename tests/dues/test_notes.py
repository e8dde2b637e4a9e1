"""What papers of dues say beside their sum: the part for lobbying, and the way out."""

from datetime import date

import pytest

from portal.core import documents
from portal.core.db import db
from portal.dues import actions, papers
from portal.dues.languages import WORDS
from portal.dues.notes import NONE, Notes, notes_of, sentences
from portal.dues.queries import bill
from portal.joining import actions as joining
from portal.members.leaving import Leaving, next_leaving
from portal.members.policy import Policy
from tests.dues.books import book, make_invoice, make_tariff
from tests.joining.applying import make_application
from tests.make import make_firm, make_person
from tests.renewals.making import adopt, issue, make_life

OUT = Leaving(date(2026, 8, 31), date(2026, 12, 31))
YEAR = date(2026, 12, 31)
TOLD = Notes(43524, "", date(2026, 8, 31), YEAR)


@pytest.mark.parametrize(("told_on", "until", "last"), [
    ((2026, 1, 5), (2026, 8, 31), (2026, 12, 31)),
    ((2026, 8, 31), (2026, 8, 31), (2026, 12, 31)),
    ((2026, 9, 1), (2027, 8, 31), (2027, 12, 31)),
])  # fmt: skip
def test_a_year_s_term_is_left_by_the_day_that_the_class_names(told_on, until, last):
    found = next_leaving(Policy(), date(*told_on), YEAR, date(2020, 1, 1))
    assert found == Leaving(date(*until), date(*last))


def test_nobody_leaves_in_the_first_year_where_the_class_says_so():
    policy = Policy(stays_first_year=True)
    found = next_leaving(policy, date(2026, 3, 10), YEAR, date(2026, 3, 10))
    assert found == Leaving(date(2027, 8, 31), date(2027, 12, 31))


def test_a_rolling_term_is_left_so_many_days_before_its_end():
    end, since = date(2027, 1, 14), date(2024, 1, 15)
    assert next_leaving(Policy(), date(2026, 12, 15), end, since).notice_until_on == date(
        2026, 12, 15
    )
    late = next_leaving(Policy(), date(2026, 12, 16), end, since)
    assert late == Leaving(date(2027, 12, 15), date(2028, 1, 14))


def test_a_monthly_term_is_left_a_month_later_and_one_of_three_years_three_years_later():
    since, told = date(2026, 1, 31), date(2028, 3, 10)
    monthly = next_leaving(Policy(), told, date(2028, 3, 30), since, 1, since)
    assert monthly == Leaving(date(2028, 3, 30), date(2028, 4, 29))
    since = date(2024, 4, 1)
    long = next_leaving(Policy(), date(2027, 3, 20), date(2027, 3, 31), since, 36, since)
    assert long.leaves_on == date(2030, 3, 31)


def test_a_month_that_ends_with_the_year_is_left_like_any_other_month():
    since = date(2026, 1, 1)
    found = next_leaving(Policy(), date(2026, 11, 20), date(2026, 12, 31), since, 1, since)
    assert found == Leaving(date(2026, 12, 1), date(2026, 12, 31))


def test_nobody_leaves_in_the_first_year_of_a_year_that_ends_in_march_either():
    policy, since = Policy(stays_first_year=True), date(2026, 1, 10)
    found = next_leaving(policy, date(2026, 1, 20), date(2026, 3, 31), since)
    assert found.leaves_on == date(2027, 3, 31)


def test_the_part_for_lobbying_is_of_the_dues_alone_and_never_below_nothing():
    told = book(lobbying_percent="18")
    assert notes_of(told, 241800, OUT) == TOLD
    assert notes_of(told, -500, None) == notes_of(book(), 241800, None) == NONE


def test_a_country_s_own_sentence_stands_in_the_place_of_ours():
    own = notes_of(
        book(lobbying_percent="18", lobbying_text="Not deductible: {amount}."), 100, None
    )
    assert sentences(own, "USD", "en") == ["Not deductible: USD\N{NO-BREAK SPACE}0.18."]


@pytest.mark.parametrize("speaks", list(WORDS))
def test_every_language_says_both_with_the_sum_and_the_days(speaks):
    lobbying, leaving = sentences(TOLD, "EUR", speaks)
    assert "435" in lobbying
    assert "31" in leaving
    assert "{" not in lobbying + leaving


def test_an_invoice_of_before_says_nothing_of_it():
    assert make_invoice().said == []


def test_the_first_invoice_says_it_in_the_language_of_the_firm(at):
    at(2026, 3, 2)
    make_tariff(book=book(lobbying_percent="18"))
    application = make_application(upto="under_review")
    invoice = joining.approve(application, make_person("membership"))
    db.session.commit()
    assert (invoice.lobbying_minor, invoice.notice_until_on) == (36369, date(2026, 8, 31))
    facts = papers.of_invoice(bill(invoice)).facts
    assert facts["said"] == invoice.said
    assert "363.69" in facts["said"][0]
    assert documents.pdf("invoice", facts).startswith(b"%PDF")


def test_a_renewal_says_the_way_out_of_the_term_that_it_pays(at):
    at(2026, 10, 5)
    term = make_life(tariff=adopt(lobbying_percent="10"), language="de")
    invoice = issue(term)
    assert (invoice.notice_until_on, invoice.leaves_on) == (date(2027, 8, 31), date(2027, 12, 31))
    assert invoice.lobbying_minor == 18160
    assert invoice.said[1].startswith("Wer mit dem")


@pytest.mark.view
def test_the_page_and_the_quote_show_the_same_sentences(browser, at):
    at(2026, 3, 2)
    tariff = make_tariff(book=book(lobbying_percent="18"))
    found = browser.get("/join/?kind=provider_front&metric_contact_centre_fte=60&country=PH")
    firm = make_firm(language="es")
    notes = notes_of(tariff.book, 241800, OUT)
    invoice = make_invoice(firm, notes=notes)
    page = browser.get(f"/pay/{actions.pay_link(invoice).token}")
    assert "is spent on lobbying" in found
    assert "tell us by 31\N{NO-BREAK SPACE}Aug\N{NO-BREAK SPACE}2026" in found
    assert "se destinan a la representación" in page
