"""The tax of an invoice or a credit note by rate, as papers and the tax return show it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from portal.core.money import half_up

Rate = str | None  # percent; None on lines from before rates were kept by line


class Sort(NamedTuple):
    """Of which tax a line is: its rate, and by adopted rules its outcome and their words."""

    rate: Rate
    outcome: str = ""
    text: str = ""


@dataclass(frozen=True)
class Taxed:
    """Minor units of one rate; `rate` is None where words say it, the invoice's or its own."""

    rate: Rate
    net: int
    tax: int
    outcome: str = ""
    text: str = ""


def on_each(nets: Mapping[Any, int]) -> dict[Any, int]:
    """The tax on each rate's net, in minor units: reckoned once for a rate, half up."""
    return {rate: half_up(net * Fraction(rate or 0) / 100) for rate, net in nets.items()}


def by_rate(text: str, tax: int, nets: Mapping[Rate, int], *, is_mixed: bool) -> list[Taxed]:
    """Each rate's net with its tax, half up; what that leaves of `tax` is the highest one's.

    `text` is the invoice's tax text, `is_mixed` whether its lines have more rates than one.
    """
    if len(nets) <= 1:
        rate = next(iter(nets), None)
        return [Taxed(_named(text, rate, is_mixed=is_mixed), sum(nets.values()), tax)]
    found = on_each(nets)
    highest = max(found, key=lambda rate: Fraction(rate or 0))
    found[highest] += tax - sum(found.values())
    return [Taxed(_named(text, rate, is_mixed=True), nets[rate], found[rate]) for rate in nets]


def by_sort(text: str, tax: int, nets: Mapping[Sort, int], *, is_mixed: bool) -> list[Taxed]:
    """As `by_rate`, with lines of different outcomes told apart even where they have one rate."""
    if not any(one.text for one in nets):
        rates = dict.fromkeys((one.rate for one in nets), 0)
        for one, net in nets.items():
            rates[one.rate] += net
        return by_rate(text, tax, rates, is_mixed=is_mixed)
    found = {one: half_up(net * Fraction(one.rate or 0) / 100) for one, net in nets.items()}
    highest = max(found, key=lambda one: Fraction(one.rate or 0))
    found[highest] += tax - sum(found.values())
    return [
        Taxed(None if one.text else one.rate, nets[one], found[one], one.outcome, one.text)
        for one in nets
    ]


def _named(text: str, rate: Rate, *, is_mixed: bool) -> Rate:
    """The rate where it must be said; "VAT 21 %" says 21, words without a percentage say 0."""
    if rate is None or not is_mixed:
        return None
    is_said = f"{rate} %" in text or ("%" not in text and not Fraction(rate))
    return None if is_said else rate
