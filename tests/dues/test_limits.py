"""The minimum and the maximum of a price, as a tariff's form and a tariff brought in say them."""

import pytest

from portal.core.db import db
from portal.dues.rule_kinds import Unreadable, read_book
from tests.dues.books import book, flat
from tests.dues.test_tariffs import RULES, make_draft
from tests.make import make_person


@pytest.fixture
def finance(browser):
    browser.sign_in(make_person("finance"))


COUNTED = ("bands", "per_unit", "base_plus", "graduated", "volume")


@pytest.mark.parametrize("kind", COUNTED)
def test_a_maximum_below_the_minimum_is_told_at_its_field(browser, finance, kind):
    draft = make_draft(book(rules=[]))
    url = f"/staff/dues/tariffs/draft/{draft.id}/rules/{kind}"
    answer = browser.post(url, status=200, **RULES[kind] | {"min": "600", "max": "599.99"})
    assert "Enter an amount that is not below: at least" in answer.text
    assert 'value="599.99"' in answer.text
    browser.post(url, **RULES[kind] | {"min": "600", "max": "600"})
    db.session.refresh(draft)
    (rule,) = draft.book["rules"]
    assert (rule["min"], rule["max"]) == (60000, 60000)


@pytest.mark.parametrize(("told", "words"), [
    ({"min": 2, "max": 1}, "a maximum that is below its minimum"),
    ({"min": "much"}, "minimum is not decided"),
    ({"max": -1}, "maximum is not decided"),
])  # fmt: skip
def test_a_tariff_brought_in_with_limits_that_cannot_be_is_refused(told, words):
    for rule in (flat(100), book()["rules"][0]):
        with pytest.raises(Unreadable, match=words):
            read_book(book(rule | told))
