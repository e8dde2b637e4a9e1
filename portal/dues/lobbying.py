"""The part of dues spent on lobbying: what was told to members against what was spent.

United States: notice at assessment or payment, else a proxy tax (IRC 6033(e)); other countries
have a neutral sentence or none. The rate is the caller's: it is law, and it changes.
"""

from dataclasses import dataclass
from fractions import Fraction

from portal.core.money import half_up


def part_for_lobbying(dues_minor: int, percent: Fraction) -> int:
    """The part of dues that is told, in minor units, half up; dues below zero have none."""
    return max(0, half_up(dues_minor * percent / 100))


@dataclass(frozen=True)
class Shortfall:
    """Minor units: what more was spent than told; its tax, or what next year carries."""

    minor: int
    tax: int
    carried_over: int


def shortfall(told: int, spent: int, tax_percent: int | Fraction) -> Shortfall:
    """Pay `tax`, or add `carried_over` to next year's estimate; nothing when told enough."""
    more = max(0, spent - told)
    return Shortfall(more, half_up(Fraction(more) * tax_percent / 100), more)
