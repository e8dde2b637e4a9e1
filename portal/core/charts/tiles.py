"""Tile-grid maps: a square link for each place, all of one size, a number in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from portal.core.charts.drawing import Chart, Words, legend, nothing

SIDE, STEP = 41, 44
FEWEST_COLUMNS = 8  # a small map would otherwise have squares as large as a hand


@dataclass(frozen=True)
class Tile:
    """`column` and `row` count from 0; `words` says the count: `5 measures`, `no measure`."""

    code: str
    name: str
    column: int
    row: int
    count: int
    url: str
    words: str


def tiles(cells: Sequence[Tile], steps: Sequence[int], place: str, words: Words) -> Chart:
    """A map in three shades: `steps` (1, 4, 10) are 1–3, 4–9, 10 or more; `place` is chosen."""
    return _drawn(tuple(cells), tuple(steps), place, words)


@lru_cache(maxsize=256)
def _drawn(cells: tuple[Tile, ...], steps: tuple[int, ...], place: str, words: Words) -> Chart:
    """Of the same numbers the same picture: many ask for it between two changes."""
    if not cells:
        return nothing(words)
    columns = max(FEWEST_COLUMNS, *(cell.column + 1 for cell in cells))
    rows = max(cell.row for cell in cells) + 1
    drawn = Markup("\n").join(_tile(cell, steps, cell.code == place) for cell in cells)
    svg = Markup(
        '<svg class="tiles" viewBox="-2 -2 {} {}" role="group" aria-label="{}">{}</svg>'
    ).format(columns * STEP + 1, rows * STEP + 1, words.label, drawn)
    return Chart(svg, _table(cells, words), legend(_steps_in_words(steps)))


def shade(count: int, steps: Sequence[int]) -> str:
    """`q0` to `q3`: how many steps the count has reached."""
    return f"q{sum(count >= step for step in steps)}"


def _tile(cell: Tile, steps: Sequence[int], is_chosen: bool) -> Markup:  # noqa: FBT001 - private
    x, y = cell.column * STEP, cell.row * STEP
    number = Markup("")
    if cell.count:
        number = Markup(' <text class="num" x="{}" y="{}">{}</text>').format(
            x + 20.5, y + 33, f"{cell.count:,}"
        )
    said = f"{cell.code} {cell.count:,}" if cell.count else cell.code
    # xlink, because scripts that read a plain href of a link inside a picture get no address
    return Markup(
        '<a class="{}{}" xlink:href="{}"{} aria-label="{}, {}: {}"><rect x="{}" y="{}" width="{}" '
        'height="{}" rx="2"/><text class="code" x="{}" y="{}">{}</text>{}</a>'
    ).format(
        shade(cell.count, steps), " on" if is_chosen else "", cell.url,
        Markup(' aria-current="true"') if is_chosen else "", said, cell.name, cell.words,
        x, y, SIDE, SIDE, x + 20.5, y + (18 if cell.count else 25), cell.code, number,
    )  # fmt: skip


def _steps_in_words(steps: Sequence[int]) -> list[tuple[str, str]]:
    found = []
    for n, step in enumerate(steps, 1):
        if n == len(steps):
            words = f"{step:,} or more"
        else:
            last = steps[n] - 1
            words = f"{step:,}" if last == step else f"{step:,}–{last:,}"
        found.append((f"q{n}", words))
    return found


def _table(cells: Sequence[Tile], words: Words) -> Markup:
    """The places that have any, by name."""
    some = sorted((cell for cell in cells if cell.count), key=lambda cell: cell.name)
    head = Markup('<th scope="col">{}</th><th scope="col" class="n">{}</th>').format(*words.head)
    body = Markup("").join(
        Markup('<tr><th scope="row"><a href="{}">{}</a></th><td class="n">{}</td></tr>').format(
            cell.url, cell.name, f"{cell.count:,}"
        )
        for cell in some
    )
    if not some:
        body = Markup('<tr><td colspan="2">{}</td></tr>').format(words.empty)
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)
