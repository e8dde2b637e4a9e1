"""The lines that should have been charged, beside those that were: what is missing, what is wrong.

Pure. An invoice is only ever credited whole, so one wrong line takes its invoice back, and what
was right on it is charged again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, order=True)
class Charge:
    """What makes two lines the same: kind of income, days, rule and amount (minor units)."""

    income: str
    first: date
    last: date
    rule: str
    minor: int


@dataclass(frozen=True)
class Difference:
    missing: tuple[Charge, ...]
    wrong: tuple[int, ...]  # invoices to be credited

    @property
    def is_nothing(self) -> bool:
        return not self.missing and not self.wrong


def difference(should: Iterable[Charge], issued: Mapping[int, Sequence[Charge]]) -> Difference:
    """Compare with the lines of each invoice that stands; applied once, the next is nothing."""
    wanted = Counter(one for one in should if one.minor)
    wrong: list[int] = []
    for invoice_id in sorted(issued):
        lines = Counter(one for one in issued[invoice_id] if one.minor)
        if all(wanted[line] >= count for line, count in lines.items()):
            wanted -= lines
        else:
            wrong.append(invoice_id)
    return Difference(tuple(sorted(wanted.elements())), tuple(wrong))
