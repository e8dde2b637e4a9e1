"""Who belonged when: spells, years, cohorts, and the page that shows them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.access import Role
from portal.members.models import MembershipClass
from portal.members.spells import Spell, cohorts, members_on, spells, years
from tests.make import business_day, make_firm, make_membership, make_person


def year(n):
    return date(n, 1, 1), date(n, 12, 31)


def test_terms_that_follow_on_one_another_are_one_spell():
    found = spells([(1, *year(2025)), (1, *year(2024)), (2, *year(2024)), (1, *year(2027))])
    assert found == [
        Spell(1, date(2024, 1, 1), date(2025, 12, 31)), Spell(1, *year(2027)),
        Spell(2, *year(2024)),
    ]  # fmt: skip


def test_grace_that_reaches_into_the_next_term_is_no_second_spell():
    late = (1, date(2024, 1, 1), date(2025, 1, 30))
    assert spells([late, (1, *year(2025))]) == [Spell(1, date(2024, 1, 1), date(2025, 12, 31))]


def test_a_year_counts_who_came_who_left_and_who_stayed():
    known = [
        Spell(1, date(2024, 3, 1), date(2030, 1, 1)),
        Spell(2, date(2024, 5, 1), date(2025, 6, 30)),
        Spell(3, date(2025, 2, 1), date(2025, 12, 31)),
    ]  # fmt: skip
    found = {one.year: one for one in years(known, 2024, date(2026, 6, 1))}
    assert (found[2024].at_start, found[2024].joined, found[2024].left) == (0, 2, 0)
    assert (found[2025].at_start, found[2025].joined, found[2025].left) == (2, 1, 1)
    assert (found[2026].at_start, found[2026].kept, found[2026].left) == (2, 1, 1)


def test_a_cohort_is_followed_and_who_comes_back_is_there_again():
    known = [
        Spell(1, *year(2024)),
        Spell(1, *year(2026)),
        Spell(2, date(2024, 6, 1), date(2026, 12, 31)),
    ]
    assert cohorts(known, date(2026, 11, 1))[0].kept == (2, 1, 2)


DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))
TERMS = st.lists(st.tuples(st.integers(1, 5), DAYS, st.integers(0, 900)), max_size=20)


@given(TERMS, DAYS)
def test_spells_cover_the_same_days_as_the_terms(facts, day):
    terms = [(firm, first, first + timedelta(days=length)) for firm, first, length in facts]
    plain = len({firm for firm, first, last in terms if first <= day <= last})
    assert members_on(spells(terms), [day]) == [plain]


@given(TERMS)
def test_who_stayed_and_who_came_are_all_that_are_there(facts):
    known = spells((firm, first, first + timedelta(days=length)) for firm, first, length in facts)
    for one in years(known, 2020, date(2026, 6, 30)):
        end = min(date(one.year, 12, 31), date(2026, 6, 30))
        assert [one.kept + one.joined] == members_on(known, [end])
        assert one.kept + one.left == one.at_start


def test_the_page_agrees_with_the_register(browser):
    browser.sign_in(make_person(Role.MEMBERSHIP))
    assert "No firm was ever a member" in browser.get("/staff/members/report")
    today = business_day()
    for headcount in (10, 60, 600):
        make_membership(make_firm(country="PH", headcount=headcount))
    make_membership(make_firm(country="JM"), kind=MembershipClass.CONSULTANT)
    gone = today - timedelta(days=400)
    make_membership(make_firm(country="KE"), start=gone - timedelta(days=300), end=gone)
    page = browser.get("/staff/members/report")
    assert "4 firms belong" in page
    for words in ("Front-office provider", "Consultant", "Philippines", "51 to 125", "not told"):
        assert words in page
    assert "Kenya" not in page
    assert page.index("1 to 25") < page.index("51 to 125") < page.index("over 250")
    assert "Membership over time" in browser.get("/staff/members/")


@pytest.mark.parametrize("many", [3, 40])
def test_the_page_asks_few_questions_of_any_number(browser, statements, many):
    browser.sign_in(make_person(Role.MEMBERSHIP))
    for _ in range(many):
        make_membership()
    statements.clear()
    browser.get("/staff/members/report")
    assert len(statements) <= 11
