"""Money: whole minor units and an ISO 4217 code. Never a float, never mixed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Self

from babel.numbers import get_currency_precision, list_currencies

CURRENCIES = frozenset(list_currencies())  # ISO 4217; made once, for every amount asks
# ISO 4217's decimals where Babel's (CLDR: how people write prices) are others.
# Source: ISO 4217 list one, "minor unit", of 2024-06-25; SLL and STD as they were on it.
ISO_DECIMALS = {
    "IQD": 3, "AFN": 2, "ALL": 2, "IRR": 2, "KPW": 2, "LAK": 2, "LBP": 2, "MGA": 2, "MMK": 2,
    "RSD": 2, "SLL": 2, "SOS": 2, "STD": 2, "SYP": 2, "YER": 2,
}  # fmt: skip


def decimals_of(currency: str) -> int:
    """How many decimals ISO 4217 gives the currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    found = ISO_DECIMALS.get(currency)
    return get_currency_precision(currency) if found is None else found


class MixedCurrencies(Exception):
    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other} cannot be added")


def half_up(exact: Fraction) -> int:
    """The nearest whole number, halves away from zero: the only rounding in the portal."""
    doubled = 2 * abs(exact.numerator) + exact.denominator
    size = doubled // (2 * exact.denominator)
    return size if exact >= 0 else -size


@dataclass(frozen=True, order=False)
class Money:
    """An exact amount: `Money(120900, "EUR")` is EUR 1,209.00, `Money(250, "JPY")` JPY 250."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError(f"minor units are whole numbers, not {self.minor!r}")
        if self.currency not in CURRENCIES:
            raise ValueError(f"{self.currency!r} is not an ISO 4217 currency")

    def _same(self, other: Self) -> None:
        if other.currency != self.currency:
            raise MixedCurrencies(self.currency, other.currency)

    def __add__(self, other: Self) -> Self:
        self._same(other)
        return type(self)(self.minor + other.minor, self.currency)

    def __sub__(self, other: Self) -> Self:
        return self + -other

    def __neg__(self) -> Self:
        return type(self)(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Self) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Self) -> bool:
        return not other < self

    @property
    def exponent(self) -> int:
        """Decimals of the currency: 2 for EUR, 0 for JPY, 3 for KWD."""
        return decimals_of(self.currency)

    @property
    def units(self) -> Decimal:
        return Decimal(self.minor).scaleb(-self.exponent)

    @property
    def figures(self) -> str:
        """`1,209.00`, for where the currency stands beside it."""
        return f"{self.units:,.{self.exponent}f}"

    def __str__(self) -> str:
        """`EUR 1,209.00`: the code, a no-break space, the amount with its own decimals."""
        return f"{self.currency}\N{NO-BREAK SPACE}{self.figures}"

    def share(self, part: int, whole: int) -> Self:
        """`part` of `whole`, multiplied first, rounded half up once."""
        return type(self)(half_up(Fraction(self.minor * part, whole)), self.currency)

    def split(self, parts: int) -> list[Self]:
        """Equal shares whose sum is exactly this; the last carries the odd units."""
        each, odd = divmod(self.minor, parts)
        amounts = [each] * (parts - 1) + [each + odd]
        return [type(self)(amount, self.currency) for amount in amounts]


def spread(minor: int, weights: Sequence[int]) -> list[int]:
    """`minor` over `weights`: floors first, then the largest fractions; ties to the first."""
    whole = sum(weights)
    floors = [minor * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda n: (-(minor * weights[n] % whole), n))
    for index in order[: minor - sum(floors)]:
        floors[index] += 1
    return floors


def parse(text: str, currency: str) -> Money:
    """What a person typed, `1,209.50` or `1209.5`; ValueError says in words what is wrong."""
    try:
        units = Decimal(text.replace(",", "").replace("\N{NO-BREAK SPACE}", "").strip())
    except InvalidOperation:
        raise ValueError("Enter an amount in figures, like 1209.50") from None
    minor = units.scaleb(decimals_of(currency)) if units.is_finite() else Decimal("NaN")
    if not minor.is_finite() or minor != minor.to_integral_value() or abs(minor) >= 10**15:
        raise ValueError(f"Enter an amount that {currency} can be paid in, like 1209")
    return Money(int(minor), currency)
