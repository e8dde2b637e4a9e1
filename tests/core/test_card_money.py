"""Money on its way to Stripe and back: two tables of decimals, and nothing lost between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.card_money import from_stripe, to_stripe
from portal.core.money import Money
from portal.core.states import Refused
from portal.demo.sandbox import currencies as sandbox


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (120900, "EUR", 120900), (250, "JPY", 250), (365500, "KWD", 365500),
        (5, "ISK", 500), (5, "UGX", 500), (250_000, "MGA", 2500), (140551, "RSD", 140551),
        (4_500_050, "HUF", 4_500_050), (140_030, "TWD", 140_030), (99, "CLP", 99),
        (1_500, "IDR", 1_500), (0, "BHD", 0),
    ],
)  # fmt: skip
def test_stripe_is_asked_in_its_own_decimals(minor, currency, amount):
    assert to_stripe(Money(minor, currency)) == amount
    assert from_stripe(amount, currency.lower()) == Money(minor, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "step"),
    [
        (365501, "KWD", "KWD\xa00.010"), (5144, "OMR", "OMR\xa00.010"),
        (250_050, "MGA", "MGA\xa01.00"),
    ],
)  # fmt: skip
def test_what_does_not_fit_a_card_is_refused_never_rounded(minor, currency, step):
    with pytest.raises(Refused, match=f"in steps of {step}: for {currency}"):
        to_stripe(Money(minor, currency))


def test_a_fee_in_parts_of_a_krona_is_the_nearest_krona():
    assert from_stripe(1450, "isk") == Money(15, "ISK")
    assert from_stripe(-1450, "isk") == Money(-15, "ISK")


@given(currency=st.sampled_from(sorted(sandbox.SUPPORTED)), units=st.integers(1, 999_999))
def test_whole_units_of_all_that_stripe_takes_go_out_and_come_back(currency, units):
    money = Money(units * 10 ** Money(0, currency.upper()).exponent, currency.upper())
    amount = to_stripe(money)
    assert from_stripe(amount, currency) == money
    assert amount == units * 10 ** sandbox.digits(currency)
    sandbox.check_step(amount, currency, "amount")
