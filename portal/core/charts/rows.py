"""Charts that lie: bars, stacked bars, units; a row each, its words before it or above it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from textwrap import wrap
from typing import Any

from markupsafe import Markup

from portal.core.charts.drawing import (
    LETTER,
    WIDTH,
    Chart,
    Key,
    Part,
    Point,
    Share,
    Stack,
    Words,
    legend,
    nothing,
    one_decimal,
    picture,
    refuse_negative,
    said,
    scaled,
    table,
    text,
)

BAR, LINE, GAP = 18, 17, 10
LETTERS_A_LINE, NUMBER_LETTERS = 40, 17
SQUARE, STEP = 20, 24
MOST_UNITS = 60  # more squares than this nobody counts

Row = Point | Stack | Share
Drawn = tuple[Markup, float]  # what is drawn of a row, and where it ends


@dataclass(frozen=True)
class Layout:
    """Where bars begin and how long they may be; long words go above their bar."""

    above: bool
    left: int
    room: int

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Layout":
        longest = int(max(len(row.text) for row in rows) * LETTER) + 10
        number = int(max(len(str(row)) for row in rows) * LETTER) + 12
        if longest > 170 or longest + number > 280:
            return cls(above=True, left=0, room=WIDTH)
        return cls(above=False, left=longest, room=WIDTH - longest - number)


def bars(rows: Sequence[Point], words: Words) -> Chart:
    """One bar a number, in the order given."""
    refuse_negative(row.value for row in rows)
    if not rows:
        return nothing(words)
    layout, largest = Layout.of(rows), max(row.value for row in rows)

    def draw(row: Point, y: int) -> Drawn:
        width = scaled(row.value, largest, layout.room)
        return _rect(row.kind, layout.left, y, width), float(layout.left + width)

    pairs = [(row.text, str(row)) for row in rows]
    return Chart(_draw(rows, layout, draw, said(words, pairs)), table(words.head, pairs))


def stacked(rows: Sequence[Stack], keys: Sequence[Key], words: Words) -> Chart:
    """A bar of parts for each row, in the keys' order; the head names rows, keys and the sum."""
    refuse_negative(value for row in rows for value in row.values)
    if not rows:
        return nothing(words)
    layout, largest = Layout.of(rows), max(sum(row.values) for row in rows)

    def draw(row: Stack, y: int) -> Drawn:
        x, parts = float(layout.left), []
        for key, value in zip(keys, row.values, strict=True):
            width = float(scaled(value, largest, layout.room))
            # a unit of paper between neighbours, so that faint ones can be told apart
            parts += [_rect(key.kind, x, y, max(width - 1, 0.5))] if width else []
            x += width
        return Markup("").join(parts), x

    spoken = [(row.text, f"{row}{_parts(row, keys)}") for row in rows]
    lines = [(row.text, *(f"{value:,}" for value in row.values), str(row)) for row in rows]
    names = legend((key.kind, key.text) for key in keys)
    return Chart(_draw(rows, layout, draw, said(words, spoken)), table(words.head, lines), names)


def units(rows: Sequence[Share], words: Words) -> Chart:
    """A square for each unit, filled when it is done; the head names rows, done, all."""
    if not rows:
        return nothing(words)
    if max(row.of for row in rows) > MOST_UNITS:
        keys = (Key(words.head[1], "k1"), Key("The others", "k5"))
        parts = [Stack(row.text, (row.done, row.of - row.done), str(row)) for row in rows]
        head = (words.head[0], *(key.text for key in keys), "Sum")
        return stacked(parts, keys, Words(words.label, head))
    layout = Layout.of(rows)
    in_a_line = max(1, layout.room // STEP)

    def draw(row: Share, y: int) -> Drawn:
        squares = [
            _rect("k1" if n < row.done else "k5", layout.left + n % in_a_line * STEP,
                  y + n // in_a_line * (BAR + 4), SQUARE)
            for n in range(row.of)
        ]  # fmt: skip
        return Markup("\n").join(squares), float(layout.left + min(row.of, in_a_line) * STEP)

    def height(row: Share) -> int:
        return max(0, -(-row.of // in_a_line) - 1) * (BAR + 4)

    label = said(words, [(row.text, str(row)) for row in rows])
    lines = [(row.text, f"{row.done:,}", f"{row.of:,}") for row in rows]
    return Chart(_draw(rows, layout, draw, label, height), table(words.head, lines))


def _draw(rows: Sequence[Any], layout: Layout, draw: Callable[[Any, int], Drawn],
          label: str, extra: Callable[[Any], int] = lambda row: 0) -> Markup:  # fmt: skip
    parts: list[Part] = []
    y = 4
    for row in rows:
        if layout.above:
            y = _words_above(row, y, parts)
        drawn, end = draw(row, y)
        parts.append(drawn)
        if not layout.above:
            parts.append(text(row.text, layout.left - 8, y + 14, "end"))
            parts.append(text(row, end + 7, y + 14, kind="b"))
        y += BAR + GAP + extra(row)
    return picture(parts, y - GAP + 4, label)


def _words_above(row: Row, y: int, parts: list[Part]) -> int:
    """Long words in lines, the number at the end of the last or under it; where the bar begins."""
    lines = wrap(row.text, LETTERS_A_LINE) or [""]
    if len(str(row)) > NUMBER_LETTERS:
        lines.append("")
    for line in lines:
        y += LINE
        parts += [text(line, 0, y - 4)] if line else []
    parts.append(text(row, WIDTH, y - 4, "end", "b"))
    return y


def _rect(kind: str, x: float, y: float, width: Fraction | float) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, one_decimal(x), one_decimal(y), one_decimal(width), BAR
    )


def _parts(row: Stack, keys: Sequence[Key]) -> str:
    named = (f"{value:,} {key.text}" for key, value in zip(keys, row.values, strict=True) if value)
    return f" ({'; '.join(named)})" if any(row.values) else ""
