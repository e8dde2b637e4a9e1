"""The tax of an invoice or a credit note by rate, as papers and the tax return show it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from portal.core.money import half_up

Rate = str | None  # percent; None on lines from before rates were kept by line


@dataclass(frozen=True)
class Taxed:
    """Minor units of one rate; `rate` is None where the invoice's own tax text says it."""

    rate: Rate
    net: int
    tax: int


def on_each(nets: Mapping[Any, int]) -> dict[Any, int]:
    """The tax on each rate's net, in minor units: reckoned once for a rate, half up."""
    return {rate: half_up(net * Fraction(rate or 0) / 100) for rate, net in nets.items()}


def by_rate(text: str, tax: int, nets: Mapping[Rate, int], *, is_mixed: bool) -> list[Taxed]:
    """Each rate's net with its tax, half up; what that leaves of `tax` is the first one's.

    `text` is the invoice's tax text, `is_mixed` whether its lines have more rates than one.
    """
    if len(nets) <= 1:
        rate = next(iter(nets), None)
        return [Taxed(_named(text, rate, is_mixed=is_mixed), sum(nets.values()), tax)]
    found = on_each(nets)
    first = next(iter(found))
    found[first] += tax - sum(found.values())
    return [Taxed(_named(text, rate, is_mixed=True), nets[rate], found[rate]) for rate in nets]


def _named(text: str, rate: Rate, *, is_mixed: bool) -> Rate:
    """The rate where it must be said; "VAT 21 %" says 21, words without a percentage say 0."""
    if rate is None or not is_mixed:
        return None
    is_said = f"{rate} %" in text or ("%" not in text and not Fraction(rate))
    return None if is_said else rate
