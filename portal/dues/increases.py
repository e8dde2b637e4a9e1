"""When prices were last raised, and by how much: read from two tariffs, nothing claimed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from portal.core.money import half_up
from portal.dues.rules import Book, Rule
from portal.dues.shapes import SHAPES

Cell = tuple[str, str]


@dataclass(frozen=True)
class Increase:
    """`least` and `most` are the change of a price in per cent; below nothing it is a cut."""

    on: date
    least: Fraction
    most: Fraction

    @property
    def words(self) -> str:
        """`by 2.9 % to 3.0 %`."""
        least, most = one_decimal(self.least), one_decimal(self.most)
        return f"by {least} %" if least == most else f"by {least} % to {most} %"


def one_decimal(percent: Fraction) -> str:
    tenths = half_up(percent * 10)
    sign = "−" if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}"


def last_increase(books: Sequence[tuple[date, Book]]) -> Increase | None:
    """The latest change of a price that two tariffs have in common; `books` newest first."""
    for (on, new), (_, old) in pairwise(books):
        before, after = dict(_prices(old)), dict(_prices(new))
        changes = [
            Fraction((after[cell] - before[cell]) * 100, before[cell])
            for cell in before.keys() & after.keys() if before[cell]
        ]  # fmt: skip
        if any(changes):
            return Increase(on, min(changes), max(changes))
    return None


def _prices(book: Book) -> Iterable[tuple[Cell, int]]:
    """Every price of dues by its class and its place in the rule."""
    for rule in book.get("rules", []):
        if rule.get("kind") in SHAPES:
            classes = [rule["classes"]] if isinstance(rule["classes"], str) else rule["classes"]
            for place, minor in _places(rule):
                yield from (((one, place), minor) for one in classes if isinstance(minor, int))


def _places(rule: Rule) -> Iterable[tuple[str, int | None]]:
    for lower, upper, minor in rule.get("bands") or rule.get("tiers") or []:
        yield f"{rule['kind']} {lower}-{upper}", minor
    for name in ("amount", "base", "price", "min", "max"):
        if name in rule:
            yield f"{rule['kind']} {name}", rule[name]
