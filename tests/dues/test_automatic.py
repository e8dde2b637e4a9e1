"""The days on which a kept card is charged: dates alone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.dues.automatic import SHORTEST, STEPS, Plan, Try, early_plan, notice, plan

DUE = date(2026, 3, 31)
LONG_AGO = date(2026, 1, 1)


def day(n):
    return DUE + timedelta(days=n)


@pytest.mark.parametrize(
    ("tries", "planned"),
    [
        ([], Plan("0", DUE)),
        ([Try("0", DUE)], Plan("1", day(1))),
        ([Try("0", DUE), Try("1", day(1))], Plan("7", day(7))),
        ([Try("0", DUE), Try("1", day(1)), Try("7", day(7))], Plan("14", day(14))),
        ([Try("0", DUE), Try("1", day(1)), Try("7", day(7)), Try("14", day(14))], None),
        ([Try("0", DUE), Try("card:4", day(3))], Plan("1", day(4))),
        ([Try("early", day(-9))], Plan("0", DUE)),
        ([Try("early", DUE)], Plan("0", day(1))),
        ([Try("0", day(5)), Try("1", day(20))], Plan("7", day(21))),
    ],
    ids=["first", "a day later", "a week later", "two weeks later", "then a person",
         "another card between", "declined early", "early and due",
         "never two on a day"],
)  # fmt: skip
def test_a_declined_card_is_tried_again_after_1_7_and_14_days_and_then_no_more(tries, planned):
    assert plan(DUE, LONG_AGO, tries) == planned


@pytest.mark.parametrize(
    ("announced", "on"),
    [(day(-30), DUE), (day(-3), DUE), (day(-1), day(2)), (day(10), day(13))],
)
def test_a_charge_follows_its_first_announcement_by_three_days_at_least(announced, on):
    assert plan(DUE, announced, []) == Plan("0", on)


@pytest.mark.parametrize(
    ("announced", "tries", "planned"),
    [(day(-30), [], Plan("early", DUE)), (day(-3), [], Plan("early", DUE)), (day(-2), [], None),
     (day(-30), [Try("card:4", day(-9))], None)],
)  # fmt: skip
def test_the_less_is_charged_once_on_its_last_day_if_that_can_be_announced(
    announced, tries, planned
):
    assert early_plan(DUE, announced, tries) == planned


@pytest.mark.parametrize(
    ("ahead", "told", "due"),
    [(31, set(), None), (30, set(), 30), (29, {30}, None), (20, set(), 30), (7, {30}, 7),
     (7, set(), 7), (3, set(), 7), (6, {7}, None), (0, {30, 7}, None), (-5, {30}, 7)],
)  # fmt: skip
def test_a_charge_is_announced_30_and_7_days_ahead_or_as_soon_as_can_be(ahead, told, due):
    assert notice(day(ahead), DUE, told) == due


@given(st.lists(st.integers(0, 40), max_size=len(STEPS), unique=True), st.integers(-60, 60))
def test_no_plan_is_sooner_than_its_announcement_or_on_the_day_of_another_try(days, announced):
    tries = [Try(str(step), day(n)) for step, n in zip(STEPS, sorted(days), strict=False)]
    found = plan(DUE, day(announced), tries)
    if found:
        assert found.on >= day(announced) + SHORTEST
        assert all(found.on > one.on for one in tries)
    else:
        assert len(tries) == len(STEPS)
