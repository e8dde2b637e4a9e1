"""Money as Stripe counts it, both ways: its decimals are not always those of ISO 4217."""

from fractions import Fraction

from portal.core.money import Money, half_up
from portal.core.states import Refused

# Source: Stripe's page "Supported currencies" (docs.stripe.com/currencies).
NO_DECIMALS = frozenset({
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
})  # fmt: skip
THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# What an amount on the wire must be divisible by: KWD's last digit is 0, no part of a króna.
STEPS = dict.fromkeys(THREE_DECIMALS, 10) | {"ISK": 100, "UGX": 100}
USUAL = 2


def decimals_at_stripe(currency: str) -> int:
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else USUAL


def to_stripe(money: Money) -> int:
    """The whole number that Stripe is asked for; raises `Refused` where it cannot take that much.

    Nothing is ever rounded on its way to a card: what does not fit is paid by bank.
    """
    decimals = decimals_at_stripe(money.currency)
    if money.exponent > max(decimals, USUAL):
        raise Refused(f"{money.currency} cannot be paid by card: please use a bank transfer.")
    amount = Fraction(money.minor * 10**decimals, 10**money.exponent)
    step = STEPS.get(money.currency, 1)
    if amount % step:
        least = from_stripe(step, money.currency)
        raise Refused(
            f"Cards take {money.currency} in steps of {least}: for {money}, use a bank transfer, "
            "or end it with 0."
        )
    return int(amount)


def from_stripe(amount: int, currency: str) -> Money:
    """What Stripe told; a fee in parts of the smallest unit is rounded half up."""
    code = currency.upper()
    exponent = Money(0, code).exponent
    return Money(half_up(Fraction(amount * 10**exponent, 10 ** decimals_at_stripe(code))), code)
