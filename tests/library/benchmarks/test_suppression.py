"""What may be shown of a survey: the worked example, and that nothing withheld can be found."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from portal.library.benchmarks.ages import publishable_from
from portal.library.benchmarks.suppression import (
    ALL,
    Given,
    Rules,
    band_of,
    contributors,
    derivable,
    passing_mean,
    published,
)
from portal.library.benchmarks.weights import capped

RULES = Rules()
QUARTER = Fraction(1, 4)
CELL = ("Voice", "Visayas")
SITES, REGIONS = ("Voice", "Chat"), ("Visayas", "India", "Poland")
HIRES = (400, 260, 180, 120, 90, 50)
RATES = (30, 22, 35, 18, 28, 40)


def answers(values, weights, cell=CELL, first=1):
    pairs = enumerate(zip(values, weights, strict=True), first)
    return [Given(cell, n, Fraction(value), Fraction(weight)) for n, (value, weight) in pairs]


def lines(given, rules=RULES):
    found = published(given, SITES, REGIONS, rules)
    return {(one.site_type, one.region): one for one in found}


def test_the_two_largest_are_lowered_together_and_the_mean_is_shown_as_a_band():
    lowered = capped([Fraction(one) for one in HIRES], QUARTER)
    assert lowered == [220, 220, 180, 120, 90, 50]
    assert [round(float(one / sum(lowered)) * 100, 1) for one in lowered] == [
        25.0, 25.0, 20.5, 13.6, 10.2, 5.7,
    ]  # fmt: skip
    value = passing_mean(answers(RATES, HIRES), RULES)
    assert value == Fraction("27.75")
    assert band_of(value, 5, 100) == (25, 30)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([20] * 5, [20] * 5),  # a fifth each
        ([30] * 4, [30] * 4),  # a quarter each: the floor refuses it, not the cap
        ([90, 20, 20, 20], None),  # three would remain
        ([100, 100, 10, 10, 10], None),
        ([1000, 10, 10, 10, 10], [Fraction(40, 3), 10, 10, 10, 10]),
        ([], None),
        ([5], None),
    ],
)
def test_where_fewer_than_four_keep_their_own_weight_there_is_no_solution(weights, expected):
    assert capped([Fraction(one) for one in weights], QUARTER) == expected


def test_five_firms_of_which_two_have_one_owner_are_four():
    owners = contributors([(1, [7]), (2, [7]), (3, [8]), (4, [9]), (5, [10])])
    assert len(set(owners.values())) == 4
    given = [
        replace(one, contributor=owners[one.contributor]) for one in answers([9] * 5, [9] * 5)
    ]
    assert passing_mean(given, RULES) is None
    assert passing_mean(answers([9] * 5, [9] * 5), RULES) == 9


def test_an_owner_of_either_day_makes_firms_one_contributor():
    now_and_then = contributors([(5, [1, 2]), (3, [4]), (9, [2, 4]), (6, [])])
    assert len({now_and_then[firm] for firm in (5, 3, 9)}) == 1
    assert now_and_then[6] != now_and_then[5]


@pytest.mark.parametrize(
    ("end", "months", "expected"),
    [
        (date(2026, 8, 31), 3, date(2026, 12, 1)),
        (date(2026, 8, 15), 3, date(2026, 11, 16)),
        (date(2026, 11, 29), 3, date(2027, 3, 1)),
        (date(2026, 12, 31), 12, date(2028, 1, 1)),
        (date(2026, 8, 31), 0, date(2026, 9, 1)),
    ],
)
def test_a_period_is_shown_when_it_is_full_months_old(end, months, expected):
    assert publishable_from(end, months) == expected


def test_a_subtotal_beside_a_withheld_cell_is_withheld_and_one_that_tells_nothing_is_not():
    given = answers(RATES, HIRES) + answers([50, 60], [10, 10], ("Voice", "India"))
    given += answers([10] * 5, [9] * 5, ("Chat", "Visayas"))
    found = lines(given)
    assert found[CELL].low == 25
    assert not found["Voice", "India"].is_shown
    assert not found["Voice", ALL].is_shown
    assert not found[ALL, "India"].is_shown
    assert not found[ALL, ALL].is_shown  # less the shown cells it is Voice in India
    assert found["Chat", ALL].low == 10
    assert found[ALL, "Visayas"].is_shown
    assert not found["Chat", "Poland"].is_answered


def test_the_total_stands_beside_withheld_cells_that_together_would_pass():
    given = answers([20] * 8, [10] * 8)
    given += answers([50, 60, 40], [10] * 3, ("Voice", "India"), 20)
    given += answers([50, 60, 40], [10] * 3, ("Chat", "Poland"), 30)
    assert (lines(given)[ALL, ALL].low, lines(given)[ALL, ALL].high) == (30, 40)
    assert not lines(given)["Voice", ALL].is_shown
    given[-1] = replace(given[-1], weight=Fraction(60))  # more than a quarter of what is withheld
    assert not lines(given)[ALL, ALL].is_shown


def test_a_total_near_the_end_of_the_scale_would_tell_and_is_withheld():
    given = answers([9] * 8, [100] * 8)
    given += answers([1] * 3, [10] * 3, ("Voice", "India"), 20)
    given += answers([1] * 3, [10] * 3, ("Chat", "Poland"), 30)
    assert lines(given)[ALL, ALL].is_shown
    given[:8] = answers([Fraction("10.6")] * 8, [100] * 8)  # the total is 9.93: all others near 0
    assert passing_mean(given, RULES) < 10
    assert not lines(given)[ALL, ALL].is_shown


def test_the_largest_possible_value_is_in_the_last_band():
    assert band_of(Fraction(100), 5, 100) == (95, 100)
    assert band_of(Fraction(100), 30, 100) == (90, 120)
    assert band_of(Fraction(100), 5, None) == (100, 105)
    assert band_of(Fraction(30), 5, 100) == (30, 35)


numbers = st.integers(0, 100).map(Fraction)
one_answer = st.builds(
    Given, st.tuples(st.sampled_from(SITES), st.sampled_from(REGIONS)), st.integers(1, 12),
    numbers, st.integers(1, 60).map(Fraction),
)  # fmt: skip
surveys = st.lists(one_answer, max_size=70)


@settings(max_examples=60, deadline=None, derandomize=True)
@drawn(surveys, st.lists(numbers, min_size=70, max_size=70))
def test_other_values_in_withheld_cells_change_nothing_but_the_total_of_everything(given, other):
    found = lines(given)
    changed = [
        one if found[one.cell].is_shown else replace(one, value=value)
        for one, value in zip(given, other, strict=False)
    ]
    again = lines(changed)
    without = {name: line for name, line in found.items() if name != (ALL, ALL)}
    assert without == {name: line for name, line in again.items() if name != (ALL, ALL)}


@settings(max_examples=60, deadline=None, derandomize=True)
@drawn(surveys)
def test_a_total_leaves_every_withheld_cell_open_by_more_than_a_band(given):
    found = lines(given)
    total = found[ALL, ALL]
    hidden = [cell for cell in {one.cell for one in given} if not found[cell].is_shown]
    if not total.is_shown or not hidden:
        return
    weight = {cell: sum(one.weight for one in given if one.cell == cell) for cell in hidden}
    known = sum(one.value * one.weight for one in given if one.cell not in hidden)
    everything = sum(one.weight for one in given)
    for cell in hidden:
        open_to = []
        others = sum(weight.values()) - weight[cell]
        for quarter in range(401):  # is there a table with this mean in the cell, and this total?
            value = Fraction(quarter, 4)
            least = (known + value * weight[cell]) / everything
            largest = least + 100 * others / everything
            if least <= total.high and largest >= total.low:
                open_to.append(value)
        assert max(open_to) - min(open_to) >= RULES.band - Fraction(1, 2), cell  # a grid


@settings(max_examples=60, deadline=None, derandomize=True)
@drawn(surveys)
def test_no_line_is_shown_of_too_few_or_of_one_too_large(given):
    for (site_type, region), line in lines(given).items():
        rows = [
            one for one in given
            if site_type in {ALL, one.cell[0]} and region in {ALL, one.cell[1]}
        ]  # fmt: skip
        if line.is_shown:
            assert len({one.contributor for one in rows}) >= RULES.min_contributors
            assert line.high - line.low == (10 if line.is_total else 5)


@settings(max_examples=100, deadline=None, derandomize=True)
@drawn(st.lists(st.integers(1, 500).map(Fraction), min_size=1, max_size=15))
def test_no_lowered_weight_is_above_the_share_and_none_is_raised(weights):
    lowered = capped(weights, QUARTER)
    if lowered is not None:
        assert max(lowered) <= QUARTER * sum(lowered)
        assert all(new <= old for new, old in zip(lowered, weights, strict=True))
        assert sum(new == old for new, old in zip(lowered, weights, strict=True)) >= 4


def test_what_can_be_derived_is_what_the_band_allows():
    hidden = [answers([50], [10], ("Voice", "India")), answers([50], [10], ("Chat", "Poland"))]
    ranges = derivable(Fraction(25), answers([20], [80]), hidden, RULES)
    assert ranges == [(0, 100), (0, 100)]
    ranges = derivable(Fraction(5), answers([10], [80]), hidden, RULES)
    assert ranges == [(0, 20), (0, 20)]
