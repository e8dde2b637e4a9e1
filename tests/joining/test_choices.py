"""What an applicant adds to the dues: chapters of the tariff, and a gift; both on the invoice."""

import pytest

from portal.core.db import db
from portal.dues import actions as dues
from portal.joining import actions, quoting
from portal.joining.choices import Choices, chosen
from portal.joining.models import Application
from portal.members.models import Term
from portal.renewals import actions as renewals
from tests.dues.books import book, make_tariff
from tests.joining.applying import DECLARATION, make_application
from tests.make import make_person

CHAPTERS = [
    {"kind": "chapter_fee", "classes": "*", "chapter": "Manila", "amount": 20000},
    {"kind": "chapter_fee", "classes": ["recruiter"], "chapter": "Agencies", "amount": 9000},
]
GIFT = {"kind": "donation", "classes": "*"}
RULES = [*book()["rules"], *CHAPTERS, GIFT]


def incomes(invoice):
    return [(line.income, line.net_minor) for line in invoice.lines][1:]


def test_only_what_the_tariff_has_for_the_class_is_taken():
    told = {"chapters": ["Manila", "Agencies", "Nowhere"], "gift": "100.50"}
    the_book = book(*RULES)
    assert chosen(told, the_book, "provider_front", "EUR") == Choices(("Manila",), 10050)
    assert chosen(told, book(), "provider_front", "EUR") == Choices()
    assert chosen({}, the_book, "provider_front", "EUR") == Choices()
    assert chosen({"gift": "500"}, the_book, "provider_front", "JPY").gift_minor == 500


def test_both_are_on_the_first_invoice_and_the_chapter_is_charged_again(at):
    at(2026, 1, 5)
    make_tariff(book=book(*RULES, proration="none"))
    application = make_application(upto="under_review")
    application.answers = {
        **application.answers,
        "choices": {"chapters": ["Manila"], "gift": "100.50"},
    }
    db.session.commit()
    invoice = actions.approve(application, make_person("membership"))
    db.session.commit()
    assert incomes(invoice) == [("dues", 20000), ("gift", 10050)]
    assert application.organization.priced_by == {"chapters": ["Manila"]}
    dues.record_transfer(invoice, invoice.total, invoice.issued_on)
    db.session.commit()
    found = renewals.compare(db.session.query(Term).one().membership)
    assert not found.missing
    assert not found.wrong


@pytest.mark.view
def test_an_applicant_ticks_a_chapter_gives_and_sees_both_before_sending(browser, at):
    at(2026, 1, 5)
    make_tariff(book=book(*RULES, proration="none"))
    application = make_application(upto="draft")
    where = f"/join/a/{application.token}/declaration"
    page = browser.get(where)
    assert "Manila" in page
    assert "Agencies" not in page
    bad = browser.post(where, status=200, **DECLARATION, chapters="Manila", gift="a lot").text
    assert "Enter an amount in figures" in bad
    assert 'value="a lot"' in bad
    browser.post(where, **DECLARATION, chapters="Manila", gift="100.50")
    check = browser.get(f"/join/a/{application.token}/check")
    assert "Chapter fee" in check
    assert "100.50" in check
    browser.post(where, **DECLARATION, gift="")
    db.session.expire_all()
    assert db.session.get(Application, application.id).choices == {"chapters": [], "gift": ""}
    assert "Chapter fee" not in browser.get(f"/join/a/{application.token}/check")


def test_a_gift_changes_the_reference_of_the_quote(at):
    at(2026, 1, 5)
    tariff = make_tariff(book=book(*RULES))
    application = make_application(upto="draft")
    plain = quoting.price(tariff, quoting.facts_of(application), tariff.effective_from)
    application.answers = {**application.answers, "choices": {"gift": "5"}}
    given = quoting.price(tariff, quoting.facts_of(application), tariff.effective_from)
    assert plain.reference != given.reference
    assert given.quote.net - plain.quote.net == 500
