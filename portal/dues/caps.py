"""The dues cap: no group pays more than a share of all dues. Pure, over yearly table fees."""

from collections.abc import Sequence
from dataclasses import dataclass


class NoCap(Exception):
    """Fewer payers than the share allows for. The text says the smallest share that works."""


@dataclass(frozen=True)
class Cap:
    """Minor units; `fees` are the table fees, clipped, in the order that they were given."""

    minor: int
    fees: tuple[int, ...]
    clipped: int  # how many groups pay the cap
    gap: int  # what clipping costs the budget

    @property
    def total(self) -> int:
        return sum(self.fees)


def cap_of(fees: Sequence[int], num: int, den: int) -> Cap:
    """Clip the fees of groups so that none is above `num`/`den` of what all pay together.

    Solves total = sum of min(fee, share of total), exactly, then steps down to whole minor units.
    Raises `NoCap` when there are too few groups for the share.
    """
    if num <= 0 or den <= 0 or num >= den:
        raise ValueError("a share lies between nothing and everything")
    order = sorted(fees, reverse=True)
    clipped = 0
    while True:
        if clipped * num >= den or clipped == len(order):
            raise NoCap(
                f"{len(order)} groups cannot each stay within {num}/{den}: "
                f"the smallest share that works is 1/{max(1, len(order))}."
            )
        rest = sum(order[clipped:])
        above = den - clipped * num
        # The cap line is rest × num / above; compared without dividing.
        now = sum(fee * above > rest * num for fee in order)
        if now == clipped:
            break
        clipped = now
    cap = rest * num // above if clipped else max(order, default=0)
    while clipped and cap * den > num * (rest + clipped * cap):
        cap -= 1
    found = tuple(min(fee, cap) for fee in fees)
    return Cap(cap, found, clipped, sum(fees) - sum(found))
