"""What of a survey may be shown: cells that pass the floor and the cap, and totals that tell no
cell that did not.

A total by site type or by region is shown only when every answered cell in it is: it then
depends on nothing that is withheld. The total of everything is shown beside withheld cells only
when these, taken together, would pass as a cell of their own, and when its band leaves each of
them open by more than a band, even to somebody who knows every weight and every shown value.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from portal.library.benchmarks.weights import capped, mean

Cell = tuple[str, str]  # site type, region
ALL = ""  # of every site type, or of every region


@dataclass(frozen=True)
class Given:
    """One value in one cell; `contributor` is whoever owns the firm in the end."""

    cell: Cell
    contributor: int
    value: Fraction
    weight: Fraction


@dataclass(frozen=True)
class Rules:
    min_contributors: int = 5
    max_share: Fraction = Fraction(1, 4)
    band: int = 5
    total_band: int = 10
    most: int | None = 100  # no value can be larger; nothing where there is no such limit


@dataclass(frozen=True)
class Line:
    """A published line: a band from `low` to below `high`, or none because it is withheld."""

    site_type: str
    region: str
    low: int | None = None
    high: int | None = None
    is_answered: bool = True

    @property
    def is_shown(self) -> bool:
        return self.low is not None

    @property
    def is_total(self) -> bool:
        return ALL in {self.site_type, self.region}


def contributors(owners: Iterable[tuple[int, Iterable[int]]]) -> dict[int, int]:
    """Of each firm one number of whoever owns it: firms that share any owner are one contributor.

    Each firm comes with its groups, at the end of the period and on the day of publishing.
    """
    of_firm: dict[int, int] = {}
    of_group: dict[int, int] = {}
    for firm, groups in owners:
        own = list(groups)
        known = {of_group[one] for one in own if one in of_group} | {firm}
        first = min(known)
        for names in (of_firm, of_group):
            names.update({name: first for name, number in names.items() if number in known})
        of_group.update(dict.fromkeys(own, first))
        of_firm[firm] = first
    return of_firm


def passing_mean(given: Iterable[Given], rules: Rules) -> Fraction | None:
    """The weighted mean over owners, the largest capped; nothing when too few or too large."""
    values, weights = _by_contributor(given)
    if len(weights) < rules.min_contributors:
        return None
    lowered = capped(weights, rules.max_share)
    return None if lowered is None else mean(values, lowered)


def _by_contributor(given: Iterable[Given]) -> tuple[list[Fraction], list[Fraction]]:
    weights: dict[int, Fraction] = defaultdict(Fraction)
    sums: dict[int, Fraction] = defaultdict(Fraction)
    for one in given:
        weights[one.contributor] += one.weight
        sums[one.contributor] += one.value * one.weight
    return [sums[one] / weights[one] for one in weights], list(weights.values())


def published(
    given: Sequence[Given], site_types: Sequence[str], regions: Sequence[str], rules: Rules
) -> list[Line]:
    """Every cell and every total, site type by site type; the total of everything comes last."""
    of_cell: dict[Cell, list[Given]] = defaultdict(list)
    for one in given:
        of_cell[one.cell].append(one)
    means = {cell: passing_mean(rows, rules) for cell, rows in of_cell.items()}
    lines: list[Line] = []
    for site_type in site_types:
        cells = [(site_type, region) for region in regions]
        lines += [_line(cell, means.get(cell), rules, cell in means) for cell in cells]
        if len(regions) > 1:
            lines.append(_subtotal((site_type, ALL), cells, of_cell, rules))
    if len(site_types) > 1:
        for region in regions:
            cells = [(site_type, region) for site_type in site_types]
            lines.append(_subtotal((ALL, region), cells, of_cell, rules))
    return [*lines, _line((ALL, ALL), _overall(of_cell, means, rules), rules, bool(given))]


def _line(name: Cell, value: Fraction | None, rules: Rules, is_answered: bool) -> Line:  # noqa: FBT001 - of one row
    if value is None:
        return Line(*name, is_answered=is_answered)
    return Line(
        *name, *band_of(value, rules.total_band if ALL in name else rules.band, rules.most)
    )


def band_of(value: Fraction, width: int, most: int | None) -> tuple[int, int]:
    """From, and to below; the largest possible value is in the last band."""
    low = int(value // width) * width
    if most is not None and low >= most:
        low = max(0, (most - 1) // width * width)
    return low, low + width


def _subtotal(
    name: Cell, cells: Sequence[Cell], of_cell: dict[Cell, list[Given]], rules: Rules
) -> Line:
    """Withheld as soon as one of its answered cells is."""
    answered = [cell for cell in cells if cell in of_cell]
    if any(passing_mean(of_cell[cell], rules) is None for cell in answered):
        return Line(*name)
    rows = [one for cell in answered for one in of_cell[cell]]
    return _line(name, passing_mean(rows, rules), rules, bool(rows))


def _overall(
    of_cell: dict[Cell, list[Given]], means: dict[Cell, Fraction | None], rules: Rules
) -> Fraction | None:
    value = passing_mean([one for rows in of_cell.values() for one in rows], rules)
    hidden = [rows for cell, rows in of_cell.items() if means[cell] is None]
    if value is None or not hidden:
        return value
    shown = [one for cell, rows in of_cell.items() if means[cell] is not None for one in rows]
    together = [one for rows in hidden for one in rows]
    is_open = _would_pass(together, rules) and len(hidden) > 1
    ranges = derivable(value, shown, hidden, rules)
    return value if is_open and all(_is_wide(one, rules) for one in ranges) else None


def _would_pass(rows: Sequence[Given], rules: Rules) -> bool:
    """What a total minus the shown cells is: it must pass with its own weights, none lowered."""
    _values, weights = _by_contributor(rows)
    return (
        len(weights) >= rules.min_contributors
        and max(weights) <= rules.max_share * sum(weights)
    )  # fmt: skip


def derivable(
    value: Fraction, shown: Sequence[Given], hidden: Sequence[Sequence[Given]], rules: Rules
) -> list[tuple[Fraction, Fraction]]:
    """Of each withheld cell the least and the largest mean that the band of the total allows,
    to somebody who knows all weights and all that is shown exactly.
    """
    low, high = band_of(value, rules.total_band, rules.most)
    known = sum((one.value * one.weight for one in shown), Fraction(0))
    weights = [sum((one.weight for one in rows), Fraction(0)) for rows in hidden]
    total = sum((one.weight for one in shown), Fraction(0)) + sum(weights)
    found = []
    for weight in weights:
        others = sum(weights) - weight
        rest = rules.most * others if rules.most is not None else None
        least = (low * total - known - rest) / weight if rest is not None else Fraction(0)
        largest = (high * total - known) / weight
        limit = largest if rules.most is None else min(largest, Fraction(rules.most))
        found.append((max(least, Fraction(0)), limit))
    return found


def _is_wide(one: tuple[Fraction, Fraction], rules: Rules) -> bool:
    least, largest = one
    return largest - least > rules.band
