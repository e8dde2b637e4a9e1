"""Charts over time: a line against its limits, and a sparkline."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup

from portal.core.charts.drawing import (
    LETTER,
    Chart,
    Limit,
    Number,
    Part,
    Point,
    Words,
    nothing,
    one_decimal,
    picture,
    refuse_negative,
    said,
    table,
    text,
)

TOP, FLOOR, HEIGHT, RIGHT = 30, 190, 224, 410
MOST_NUMBERS = 8  # more of them on the line run into one another


def line(points: Sequence[Point], limits: Sequence[Limit], words: Words) -> Chart:
    """Points in time order at equal steps, from nothing up; each limit a level in words."""
    values = [*(point.value for point in points), *(limit.value for limit in limits)]
    refuse_negative(values)
    if not points:
        return nothing(words)
    levels = _levels(max(values))
    left = int(max(len(_name(level)) for level in levels) * LETTER) + 14

    def up(value: Number) -> Fraction:
        return FLOOR - Fraction(value) / Fraction(levels[-1]) * (FLOOR - TOP)

    parts = [part for level in levels for part in _level(level, up(level), left)]
    parts += [part for limit in limits for part in _limit(limit, up(limit.value), left)]
    places = [(_along(n, len(points), left + 14), up(one.value)) for n, one in enumerate(points)]
    parts += _path(places)
    few = _few(points, left)
    for n, (point, (x, y)) in enumerate(zip(points, places, strict=True)):
        parts += _mark(point, x, y, is_numbered=few or n == len(points) - 1)
        parts += _name_below(point, x) if _is_named(n, points, left) else []
    pairs = [(point.text, str(point)) for point in points]
    return Chart(picture(parts, HEIGHT, said(words, pairs)), table(words.head, pairs))


def spark(points: Sequence[Point], words: Words) -> Chart:
    """A line without axes, for beside a number; its numbers stand in the table."""
    refuse_negative(point.value for point in points)
    if not points:
        return nothing(words)
    largest = max(point.value for point in points) or 1
    steps = max(1, len(points) - 1)
    places = [
        (2 + Fraction(116 * n, steps), 26 - Fraction(point.value) / Fraction(largest) * 24)
        for n, point in enumerate(points)
    ]
    path = _joined(places) or Markup("M2 {}h116").format(one_decimal(places[0][1]))
    pairs = [(point.text, str(point)) for point in points]
    ends = pairs if len(pairs) == 1 else [pairs[0], pairs[-1]]
    svg = Markup(
        '<svg class="chart spark" viewBox="0 0 120 28" role="img" aria-label="{}" width="120" '
        'height="28"><path class="line" d="{}"/></svg>'
    ).format(said(words, ends), path)
    return Chart(svg, table(words.head, pairs))


def _levels(largest: Number) -> list[Decimal]:
    """0 and round steps (1, 2 or 5 times a power of ten), five at most, to reach `largest`."""
    least = Decimal(largest) / 5 or Decimal("0.2")
    power = Decimal(10) ** least.adjusted()
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= least)
    needed = max(1, -(-Fraction(largest) // Fraction(step)))
    return [step * n for n in range(needed + 1)]


def _name(level: Decimal) -> str:
    return f"{level.normalize():,f}"


def _along(n: int, count: int, left: int) -> Fraction:
    if count == 1:
        return Fraction(left + RIGHT, 2)
    return left + Fraction(n * (RIGHT - 20 - left), count - 1)


def _fits(points: Sequence[Point], left: int) -> int:
    """How many names, or numbers, can stand side by side."""
    widest = max(max(len(point.text), len(str(point))) for point in points) * LETTER + 8
    return max(2, min(MOST_NUMBERS, int((RIGHT - left) / widest)))


def _few(points: Sequence[Point], left: int) -> bool:
    return len(points) <= _fits(points, left)


def _is_named(n: int, points: Sequence[Point], left: int) -> bool:
    """Whether this point says its name: all of a few, else the last and some before it."""
    every = -(-len(points) // _fits(points, left))
    last = len(points) - 1
    return n == last or (n % every == 0 and last - n >= every)


def _level(level: Decimal, y: Fraction, left: int) -> list[Part]:
    rule = Markup('<path class="grid" d="M{} {}H{}"/>').format(left, one_decimal(y), RIGHT)
    return [rule, text(_name(level), left - 6, y + 4, "end", "dim", 12)]


def _limit(limit: Limit, y: Fraction, left: int) -> list[Part]:
    rule = Markup('<path class="{}" stroke-width="2" d="M{} {}H{}"/>').format(
        limit.kind, left, one_decimal(y), RIGHT
    )
    below = 15 if limit.kind == "amber" else -6
    return [rule, text(limit.text, RIGHT, y + below, "end", size=12)]


def _joined(places: Sequence[tuple[Fraction, Fraction]]) -> str:
    """The path through the places; none through a single one."""
    if len(places) < 2:
        return ""
    return "M" + "L".join(f"{one_decimal(x)} {one_decimal(y)}" for x, y in places)


def _path(places: Sequence[tuple[Fraction, Fraction]]) -> list[Part]:
    path = _joined(places)
    return [Markup('<path class="line" d="{}"/>').format(path)] if path else []


def _mark(point: Point, x: Fraction, y: Fraction, *, is_numbered: bool) -> list[Part]:
    """A dot and its number; among many a small dot only: a line would run through words."""
    dot = Markup('<circle class="dot" cx="{}" cy="{}" r="{}"/>').format(
        one_decimal(x), one_decimal(y), 5 if is_numbered else 3
    )
    return [dot, text(point, x, y - 11, "middle", "b")] if is_numbered else [dot]


def _name_below(point: Point, x: Fraction) -> list[Part]:
    return [text(point.text, x, FLOOR + 24, "middle", "dim", 12)]
