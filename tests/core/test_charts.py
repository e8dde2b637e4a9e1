"""Charts: the picture and the table say the same, whatever the numbers and names are."""

import re
from decimal import Decimal
from html import unescape

import pytest

from portal.core.charts import (
    Key,
    Limit,
    Point,
    Share,
    Stack,
    Tile,
    Words,
    bars,
    line,
    spark,
    stacked,
    tiles,
    units,
)

AGES = Words("Unpaid invoices by age", ("Age", "Invoices"))
UNPAID = [Point("Not yet due", 21, kind="k3"), Point("1–29 days", 17), Point("90 or more", 2)]
HOSTILE = '<script>alert("x")</script>&'


def words_of(svg):
    return [unescape(found) for found in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def cells_of(table):
    return [
        unescape(found) for found in re.findall(r"<t[hd](?: [^>]*)?>(?:<a[^>]*>)?([^<]*)", table)
    ]


def widths_of(svg):
    return [
        float(found) for found in re.findall(r'<rect class="k[^"]*"[^>]* width="([\d.]+)"', svg)
    ]


def label_of(svg):
    return unescape(re.search(r'aria-label="([^"]*)"', svg)[1])


def every_chart(name="Alder", number=7):
    return [
        bars([Point(name, number)], AGES),
        stacked([Stack(name, (number, 0))], [Key("Dues", "k1"), Key("Fees", "k2")],
                Words("Who paid", ("Group", "Dues", "Fees", "All"))),
        line([Point(name, number)], [Limit(15, "red from 15")], AGES),
        units([Share(name, number, number)], Words("Who took part", ("Class", "Did", "All"))),
        spark([Point(name, number)], AGES),
        tiles([Tile("PH", name, 0, 0, number, "/?place=ph", "some")], (1, 4, 10), "", AGES),
    ]  # fmt: skip


def test_bars_say_the_same_in_the_picture_the_table_and_the_label():
    chart = bars(UNPAID, AGES)
    assert words_of(chart.svg) == ["Not yet due", "21", "1–29 days", "17", "90 or more", "2"]
    assert cells_of(chart.table) == ["Age", "Invoices", *words_of(chart.svg)]
    spoken = "Unpaid invoices by age: Not yet due 21, 1–29 days 17, 90 or more 2."
    assert label_of(chart.svg) == spoken


def test_bars_are_as_long_as_their_numbers():
    longest, middle, shortest = widths_of(bars(UNPAID, AGES).svg)
    assert middle / longest == pytest.approx(17 / 21, abs=0.01)
    assert shortest / longest == pytest.approx(2 / 21, abs=0.01)


def test_an_amount_is_written_as_it_was_given():
    chart = bars([Point("Alder", 1505400, "EUR\xa015,054.00")], AGES)
    assert words_of(chart.svg)[-1] == cells_of(chart.table)[-1] == "EUR\xa015,054.00"


def test_long_names_go_above_their_bar_uncut():
    name = "Association of the contact centres of the northern provinces and their suppliers"
    chart = bars([Point(name, 3), Point("Short", 1)], AGES)
    assert " ".join(words_of(chart.svg)[:3]) == name
    assert cells_of(chart.table)[2] == name


def test_stacked_parts_add_up_to_the_bar_and_stand_in_the_table():
    keys = [Key("With a recusal", "kx"), Key("Without", "k1")]
    rows = [Stack("Adopted", (3, 6)), Stack("Split", (1, 0))]
    chart = stacked(rows, keys, Words("Positions", ("Result", "With", "Without", "All")))
    assert cells_of(chart.table)[4:] == ["Adopted", "3", "6", "9", "Split", "1", "0", "1"]
    assert words_of(chart.svg) == ["Adopted", "9", "Split", "1"]
    with_recusal, without, split = widths_of(chart.svg)
    assert (without + 1) / (with_recusal + 1) == pytest.approx(2, abs=0.01)
    assert (with_recusal + 1) / (split + 1) == pytest.approx(3, abs=0.01)
    assert "Adopted 9 (3 With a recusal; 6 Without)" in label_of(chart.svg)
    assert "With a recusal" in chart.legend


def test_a_stack_with_too_few_numbers_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        stacked([Stack("Adopted", (3,))], [Key("a", "k1"), Key("b", "k2")], AGES)


def test_a_line_names_its_points_and_its_limits():
    years = [Point("2025", Decimal("26.1"), "26.1 %"), Point("2026", Decimal("25.0"), "25.0 %")]
    chart = line(years, [Limit(15, "red from 15 %"), Limit(10, "amber from 10 %", "amber")], AGES)
    assert cells_of(chart.table)[2:] == ["2025", "26.1 %", "2026", "25.0 %"]
    assert {"2025", "26.1 %", "red from 15 %", "amber from 10 %"} <= set(words_of(chart.svg))
    assert words_of(chart.svg)[:4] == ["0", "10", "20", "30"]


def test_a_long_line_names_its_end_and_keeps_every_number_in_the_table():
    months = [Point(f"Month {n}", n) for n in range(1, 49)]
    chart = line(months, [], AGES)
    assert chart.svg.count("<circle") == 48
    named = [word for word in words_of(chart.svg) if word.startswith("Month")]
    assert named[-1] == "Month 48"
    assert 2 <= len(named) <= 8
    assert cells_of(chart.table)[2:] == [
        word for n in range(1, 49) for word in (f"Month {n}", f"{n}")
    ]


def test_units_are_squares_that_can_be_counted():
    classes = [Share("Front office", 6, 7), Share("Clients", 0, 1)]
    chart = units(classes, Words("Who took part", ("Class", "Took part", "Groups")))
    assert chart.svg.count('class="k1"') == 6
    assert chart.svg.count('class="k5"') == 2
    assert words_of(chart.svg) == ["Front office", "6 of 7", "Clients", "0 of 1"]
    assert cells_of(chart.table)[3:] == ["Front office", "6", "7", "Clients", "0", "1"]


def test_too_many_units_to_count_become_a_bar():
    chart = units([Share("Firms", 150, 600)], Words("Who took part", ("Class", "Did", "All")))
    assert chart.svg.count("<rect") == 2
    assert cells_of(chart.table)[4:] == ["Firms", "150", "450", "150 of 600"]


def test_a_spark_says_where_it_begins_and_ends():
    months = [Point("Dec", 62), Point("Apr", 70), Point("Nov", 49)]
    chart = spark(months, AGES)
    assert label_of(chart.svg) == "Unpaid invoices by age: Dec 62, Nov 49."
    assert cells_of(chart.table)[2:] == ["Dec", "62", "Apr", "70", "Nov", "49"]


def test_tiles_are_links_with_a_number_and_a_shade():
    cells = [
        Tile("US", "United States", 0, 1, 21, "/legislation/?place=us", "21 measures"),
        Tile("IE", "Ireland", 3, 0, 1, "/legislation/?place=ie&page=1", "1 measure"),
        Tile("AK", "Alaska", 0, 0, 0, "/legislation/?place=us-ak", "no measure"),
    ]
    chart = tiles(cells, (1, 4, 10), "IE", Words("Measures", ("Place", "Measures")))
    assert '<a class="q3" xlink:href="/legislation/?place=us" aria-label=' in chart.svg
    assert 'aria-label="US 21, United States: 21 measures"' in chart.svg
    assert (
        '<a class="q1 on" xlink:href="/legislation/?place=ie&amp;page=1" aria-current="true"'
        in chart.svg
    )
    assert 'aria-label="AK, Alaska: no measure"' in chart.svg
    assert words_of(chart.svg) == ["US", "21", "IE", "1", "AK"]
    assert cells_of(chart.table)[2:] == ["Ireland", "1", "United States", "21"]
    assert re.findall(r"</i>([^<]*)", chart.legend) == ["1–3", "4–9", "10 or more"]


def test_a_map_without_any_count_says_so_in_its_table():
    nobody = Words("Measures", ("Place", "Measures"), empty="No measure anywhere.")
    chart = tiles([Tile("PH", "Philippines", 0, 0, 0, "/", "no measure")], (1,), "", nobody)
    assert "No measure anywhere." in chart.table


@pytest.mark.parametrize("chart", every_chart(HOSTILE))
def test_names_are_escaped_everywhere(chart):
    for part in (chart.svg, chart.table):
        assert "<script" not in part
        assert 'alert("x")' not in part
    assert HOSTILE in cells_of(chart.table)


@pytest.mark.parametrize("number", [0, 1, 10**9, 10**18, 10**31])
def test_any_number_fits_and_is_the_same_in_both(number):
    for chart in every_chart(number=number)[:3]:
        assert f"{number:,}" in words_of(chart.svg)
        assert f"{number:,}" in cells_of(chart.table)
        assert all(0 <= width <= 420 for width in widths_of(chart.svg))


def test_nothing_to_draw_is_said_in_words():
    nobody = Words("Who paid", ("Group", "Dues"), empty="Nobody has paid yet.")
    empty = [
        bars([], nobody), stacked([], [], nobody), line([], [], nobody), units([], nobody),
        spark([], nobody), tiles([], (1,), "", nobody),
    ]  # fmt: skip
    for chart in empty:
        assert chart.svg == '<p class="meta">Nobody has paid yet.</p>'
        assert not chart.table
        assert chart.legend is None


def test_less_than_nothing_is_refused():
    with pytest.raises(ValueError, match="shorter than nothing"):
        bars([Point("Credit", -1)], AGES)


def test_no_chart_styles_itself():
    for chart in every_chart():
        assert " style=" not in chart.svg + chart.table
