"""The prices again, from a second calculator as plain as can be."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from portal.dues.pricing import quote
from portal.dues.shapes import SHAPES
from tests.dues.books import FEE, SEATS, book, case, change, flat


def whole_days(first, last):
    return sum(1 for n in range((last - first).days + 1) if first + timedelta(n))


def rounded(exact):
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def slow_price(fte, joined, seats, up_on, up_to):
    def band(value):
        return next(
            price for upper, price in
            [(25, 120900), (50, 181600), (125, 241800), (250, 302500), (10**9, 362700)]
            if int((Decimal(value) + Decimal("0.5")).to_integral_value("ROUND_FLOOR")) <= upper
        )  # fmt: skip

    last, first = date(joined.year, 12, 31), date(joined.year, 1, 1)
    days = Decimal(whole_days(first, last))
    left = whole_days(joined, last)
    lines = [rounded(band(fte) * left / days), 25000]
    extra = 9500 * max(0, seats - 5)
    lines += [rounded(extra * left / days)] if extra else []
    more = band(up_to) - band(fte)
    lines += [rounded(more * whole_days(up_on, last) / days)] if more > 0 else []
    tax = rounded(sum(lines) * Decimal("0.21"))
    return lines, tax


@given(
    fte=st.decimals("1", "400", places=1), joined=st.dates(date(2024, 1, 1), date(2032, 12, 30)),
    seats=st.integers(0, 30), up_to=st.decimals("1", "400", places=1), data=st.data(),
)  # fmt: skip
def test_a_second_calculator_agrees(fte, joined, seats, up_to, data):
    up_on = data.draw(st.dates(joined, date(joined.year, 12, 31)))
    priced = book(*book()["rules"], FEE, SEATS, tax_percent="21")
    found = quote(
        priced,
        case(str(fte), joined_on=joined, seats=seats, changes=[change(str(up_on), str(up_to))]),
    )
    lines, tax = slow_price(fte, joined, seats, up_on, up_to)
    assert [line.net for line in found.lines] == lines
    assert found.tax == tax == sum(line.tax for line in found.lines)
    assert found.total == sum(lines) + tax


@given(
    price=st.integers(0, 10**13), currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    joined=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    kind=st.sampled_from([("months", 1), ("quarters", 3), ("halves", 6)]),
)  # fmt: skip
def test_parts_of_a_year_are_within_half_a_unit_of_the_exact_share(price, currency, joined, kind):
    proration, months = kind
    priced = book(flat(price), proration=proration, currency=currency)
    found = quote(priced, case(joined_on=joined)).net
    parts = 12 // months
    exact = Fraction(price * (parts - (joined.month - 1) // months), parts)
    assert abs(found - exact) <= Fraction(1, 2)


@given(
    tenths=st.integers(1, 4000), each=st.integers(1, 20_000), off=st.integers(0, 99),
    share=st.integers(1, 100), joined=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    least=st.integers(0, 500_000),
)  # fmt: skip
def test_a_second_calculator_rounds_once_whatever_is_taken_of_a_price(
    tenths, each, off, share, joined, least
):
    """Units in parts, an affiliate's share, a discount and a part of the year: one division."""
    price = {"kind": "per_unit", "classes": "*", "metric": "contact_centre_fte", "price": each,
             "min": least}  # fmt: skip
    less = {"kind": "discount", "classes": "*", "percent": off}
    priced = book(price, less, group={"kind": "affiliate_share", "percent": share})
    last, first = date(joined.year, 12, 31), date(joined.year, 1, 1)
    over = max(tenths * each, least * 10) * share * (100 - off) * whole_days(joined, last)
    under = 10 * 100 * 100 * whole_days(first, last)
    whole, rest = divmod(over, under)
    asked = case(f"{tenths // 10}.{tenths % 10}", joined_on=joined, is_affiliate=True)
    assert quote(priced, asked).net == whole + (2 * rest >= under)


def test_half_a_coin_is_not_rounded_before_the_part_of_the_year_is_taken():
    each = {"kind": "per_unit", "classes": "*", "metric": "contact_centre_fte", "price": 1}
    (line,) = quote(book(each), case("0.5", joined_on="2026-07-02")).lines  # 183 of 365 days
    assert line.net == 0  # 0.25 of a cent; a half rounded up first would have made 1
    assert line.inputs["price"] == "1/2"
    assert "about EUR\N{NO-BREAK SPACE}0.01 × 183/365" in line.formula


STEPS = ((25, 120900), (50, 181600), (125, 241800), (250, 302500), (10**9, 362700))


def slow_term(people, seats, joined, changes, tax_percent):
    """Day by day: what each day costs, and nothing but more is ever charged for it later."""
    last = date(joined.year, 12, 31)
    year = whole_days(date(joined.year, 1, 1), last)

    def dues(count):
        return [price for upper, price in STEPS if count <= upper][0]  # noqa: RUF015 - plain

    def part(minor, first):
        numerator = minor * whole_days(first, last)
        whole, rest = numerator // year, numerator % year
        return whole + (1 if rest * 2 >= year else 0)

    paid_dues, paid_seats = dues(people), 9500 * max(0, seats - 5)
    nets = [part(paid_dues, joined), 25000]
    nets += [part(paid_seats, joined)] if paid_seats else []
    for on, people_then, seats_then in changes:
        more_dues, more_seats = dues(people_then), 9500 * max(0, seats_then - 5)
        for before, after in ((paid_dues, more_dues), (paid_seats, more_seats)):
            nets += [part(after - before, on)] if after > before else []
        paid_dues, paid_seats = max(paid_dues, more_dues), max(paid_seats, more_seats)
    whole = Decimal(sum(nets)) * Decimal(tax_percent) / 100
    return nets, rounded(whole)


@given(
    people=st.integers(1, 400), seats=st.integers(0, 30),
    joined=st.dates(date(2024, 1, 1), date(2032, 12, 30)),
    tax=st.sampled_from(["0", "7.7", "21", "19.5"]), data=st.data(),
)  # fmt: skip
def test_a_second_calculator_agrees_on_a_term_of_many_changes(people, seats, joined, tax, data):
    days = st.dates(joined, date(joined.year, 12, 31))
    one = st.tuples(days, st.integers(1, 400), st.integers(0, 30))
    changes = sorted(data.draw(st.lists(one, max_size=5, unique_by=lambda each: each[0])))
    priced = book(*book()["rules"], FEE, SEATS, tax_percent=tax)
    asked = [change(str(on), fte, seats=places) for on, fte, places in changes]
    found = quote(priced, case(people, joined_on=joined, seats=seats, changes=asked))
    nets, whole = slow_term(people, seats, joined, changes, tax)
    assert [line.net for line in found.lines] == nets
    assert found.tax == whole == sum(line.tax for line in found.lines)
    assert found.total == sum(nets) + whole


@given(
    currency=st.sampled_from(["EUR", "JPY", "KRW", "CLP", "KWD", "BHD", "TND"]),
    price=st.integers(0, 10**14), joined=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    tax=st.sampled_from(["0", "5", "19.25"]),
)  # fmt: skip
def test_a_currency_of_any_decimals_is_reckoned_in_its_own_smallest_coin(
    currency, price, joined, tax
):
    found = quote(book(flat(price), currency=currency, tax_percent=tax), case(joined_on=joined))
    last, first = date(joined.year, 12, 31), date(joined.year, 1, 1)
    left, whole = whole_days(joined, last), whole_days(first, last)
    net = (2 * price * left + whole) // (2 * whole)
    assert found.net == net
    assert found.tax == (net * int(Decimal(tax) * 100) * 2 + 10_000) // 20_000
    decimals = {"EUR": 2, "KWD": 3, "BHD": 3, "TND": 3}.get(currency, 0)
    shown = found.lines[0].formula.rpartition("\N{NO-BREAK SPACE}")[2]
    assert len(shown.partition(".")[2]) == decimals


def by_tiers(tenths, tiers):
    """Tenths of a coin for tenths of units, one by one, at the price of the tier each is in."""
    return sum(next(each for _, to, each in tiers if to is None or n < to * 10)
               for n in range(tenths))  # fmt: skip


def slow_shapes(tenths, each, base, included, tiers):
    """What each shape asks before its limits, in tenths of the smallest coin."""
    reached = next(each for _, to, each in tiers if to is None or tenths <= to * 10)
    return {
        "flat": base * 10, "bands": reached * 10, "per_unit": tenths * each,
        "base_plus": base * 10 + max(0, tenths - included * 10) * each,
        "graduated": by_tiers(tenths, tiers), "volume": tenths * reached,
    }  # fmt: skip


@given(
    kind=st.sampled_from(sorted(SHAPES)), tenths=st.integers(1, 2000), each=st.integers(0, 9000),
    base=st.integers(0, 500_000), included=st.integers(0, 50), share=st.integers(1, 100),
    prices=st.lists(st.integers(0, 9000), min_size=3, max_size=3), off=st.integers(0, 99),
    least=st.none() | st.integers(0, 600_000), more=st.none() | st.integers(0, 600_000),
    cap=st.none() | st.integers(0, 600_000), joined=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
)  # fmt: skip
def test_a_second_calculator_keeps_the_limits_of_every_shape_before_group_cap_and_discount(
    *, kind, tenths, each, base, included, share, prices, off, least, more, cap, joined
):
    tiers = [[0, 20, prices[0]], [20, 70, prices[1]], [70, None, prices[2]]]
    most = None if more is None else (least or 0) + more
    rule = {"kind": kind, "classes": "*", "metric": "contact_centre_fte", "amount": base,
            "bands": tiers, "tiers": tiers, "price": each, "base": base, "included": included,
            "min": least, "max": most}  # fmt: skip
    priced = book(
        rule, {"kind": "discount", "classes": "*", "percent": off},
        group={"kind": "affiliate_share", "percent": share},
    )  # fmt: skip
    fee = slow_shapes(tenths, each, base, included, tiers)[kind]
    fee = max(fee, (least or 0) * 10)
    fee = fee if most is None else min(fee, most * 10)
    fee = fee * share  # now in thousandths
    fee = fee if cap is None else min(fee, cap * 1000)
    last, first = date(joined.year, 12, 31), date(joined.year, 1, 1)
    over, under = fee * (100 - off) * whole_days(joined, last), 100_000 * whole_days(first, last)
    whole, rest = divmod(over, under)
    asked = case(f"{tenths // 10}.{tenths % 10}", joined_on=joined, is_affiliate=True, cap=cap)
    assert quote(priced, asked).net == whole + (2 * rest >= under)


def test_a_price_at_its_limit_says_from_where_it_was_moved_there():
    table = book()["rules"][0]
    for limit, words in (
        ({"max": 200000}, "lowered from EUR\xa02,418.00 to the maximum of EUR\xa02,000.00"),
        ({"min": 250000}, "raised from EUR\xa02,418.00 to the minimum of EUR\xa02,500.00"),
    ):
        (line,) = quote(book(table | limit), case(60)).lines
        assert f"band 51 to 125, {words}; " in line.formula
        assert [line.net] == list(limit.values())
    (line,) = quote(book(table | {"min": 241800, "max": 241800}), case(60)).lines
    assert "minimum" not in line.formula
    assert "maximum" not in line.formula
