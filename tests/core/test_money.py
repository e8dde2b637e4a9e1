"""Money: whole minor units, one rounding, sums that always match."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.money import MixedCurrencies, Money, decimals_of, half_up, parse, spread


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (120900, "EUR", "EUR\xa01,209.00"), (250, "JPY", "JPY\xa0250"), (5, "EUR", "EUR\xa00.05"),
        (365500, "KWD", "KWD\xa0365.500"), (-1, "EUR", "EUR\xa0-0.01"), (0, "JPY", "JPY\xa00"),
        (1_000_000_000_000_000, "INR", "INR\xa010,000,000,000,000.00"),
    ],
)  # fmt: skip
def test_each_currency_has_its_own_decimals(minor, currency, words):
    assert str(Money(minor, currency)) == words


# ISO 4217 list one, by minor unit; all other codes have two.
NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE, FOUR = "BHD IQD JOD KWD LYD OMR TND", "CLF UYW"
TWO = """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN
    BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
    GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP
    LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
    NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
    SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZMW
    ZWG"""
ISO = {
    code: n for n, codes in {0: NONE, 2: TWO, 3: THREE, 4: FOUR}.items() for code in codes.split()
}


def test_every_currency_has_the_decimals_of_iso_4217_not_those_of_price_tags():
    assert {code: decimals_of(code) for code in ISO} == ISO


@pytest.mark.parametrize("currency", sorted(ISO))
def test_what_is_shown_in_any_currency_is_read_as_the_same(currency):
    money = Money(1_234_567, currency)
    assert parse(money.figures, currency) == money


@pytest.mark.parametrize("minor", [1.0, "1", None, True])
def test_minor_units_are_whole_numbers(minor):
    with pytest.raises(TypeError):
        Money(minor, "EUR")


def test_a_currency_that_is_none_is_refused():
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, "XYZ")


def test_two_currencies_are_never_added_or_compared():
    for act in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a <= b):
        with pytest.raises(MixedCurrencies):
            act(Money(1, "EUR"), Money(1, "PHP"))


def test_sums_and_order():
    one, two = Money(150, "EUR"), Money(250, "EUR")
    assert one + two == Money(400, "EUR")
    assert one - two == Money(-100, "EUR")
    assert one < two
    assert not two <= one
    assert not Money(0, "EUR")


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [("2.5", 3), ("-2.5", -3), ("2.4999", 2), ("-2.4999", -2), ("0.5", 1), ("-0.5", -1), ("0", 0)],
)
def test_halves_go_away_from_zero(exact, rounded):
    assert half_up(Fraction(exact)) == rounded


def test_a_share_is_multiplied_first_and_rounded_once():
    assert Money(241800, "EUR").share(137, 365) == Money(90758, "EUR")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1209.50", "EUR", 120950), ("1,209.5", "EUR", 120950), (" 12 ", "EUR", 1200),
        ("1\xa0209", "JPY", 1209), ("0.001", "KWD", 1), ("-3", "EUR", -300),
    ],
)  # fmt: skip
def test_amounts_as_people_type_them(text, currency, minor):
    assert parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "EUR"), ("twelve", "EUR"), ("1.005", "EUR"), ("0.5", "JPY"), ("NaN", "EUR"),
        ("Infinity", "EUR"), ("1e30", "EUR"), ("9" * 20, "EUR"), ("1.2.3", "EUR"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused_in_words(text, currency):
    with pytest.raises(ValueError, match=r"^Enter an amount"):
        parse(text, currency)


@given(st.integers(0, 10**12), st.integers(1, 60))
def test_equal_parts_add_up_and_the_last_carries_the_rest(minor, parts):
    found = [one.minor for one in Money(minor, "EUR").split(parts)]
    assert sum(found) == minor
    assert set(found[:-1]) <= {minor // parts}
    assert found[-1] - minor // parts < parts


@given(
    st.integers(0, 10**12),
    st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any),
)
def test_what_is_spread_adds_up_and_nobody_is_off_by_a_unit(minor, weights):
    found = spread(minor, weights)
    assert sum(found) == minor
    for part, weight in zip(found, weights, strict=True):
        assert abs(Fraction(minor * weight, sum(weights)) - part) < 1


def test_ties_go_to_the_first_line():
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
