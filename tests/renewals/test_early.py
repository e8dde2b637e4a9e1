"""A renewal that costs less when it is paid early says so where the firm pays it."""

from datetime import date, timedelta

import pytest

from tests.dues.test_early import EARLY
from tests.renewals.making import adopt, issue, make_life, person_of


@pytest.mark.parametrize(("days", "asked"), [(14, "1,725.20"), (15, "1,816.00")])
def test_the_membership_page_asks_for_what_settles_the_renewal(at, browser, days, asked):
    day = date(2026, 11, 2)
    at(day.year, day.month, day.day, 12)
    term = make_life(tariff=adopt(EARLY))
    issue(term)
    later = day + timedelta(days=days)
    at(later.year, later.month, later.day, 12)
    browser.sign_in(person_of(term))
    page = browser.get("/firm/membership").replace("\N{NO-BREAK SPACE}", " ")
    assert f"Pay EUR {asked}" in page
    assert ("90.80 less" in page) is (days == 14)
