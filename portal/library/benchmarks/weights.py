"""No owner's weight above a share of the whole: weights lowered until that is so, or nothing."""

from collections.abc import Sequence
from fractions import Fraction

LEAST_UNCAPPED = 4  # fewer that count with their own weight, and the mean speaks of the capped


def capped(weights: Sequence[Fraction], max_share: Fraction) -> list[Fraction] | None:
    """The weights in their order, the largest lowered to `max_share` of the new total.

    Nothing when that has no solution or leaves fewer than four with their own weight.
    """
    ordered = sorted(weights, reverse=True)
    for lowered in range(len(ordered) - LEAST_UNCAPPED + 1):
        rest = sum(ordered[lowered:], Fraction(0))
        if lowered * max_share >= 1 or not rest:
            return None
        most = max_share * rest / (1 - lowered * max_share)  # what each lowered one weighs then
        if ordered[lowered] <= most:
            return [min(one, most) for one in weights]
    return None


def mean(values: Sequence[Fraction], weights: Sequence[Fraction]) -> Fraction:
    """The weighted mean; the weights are not all nothing."""
    pairs = zip(values, weights, strict=True)
    return sum((value * weight for value, weight in pairs), Fraction(0)) / sum(weights)
