"""What every chart is made of: words, numbers, a table twin. All text is escaped here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup

Number = int | Decimal
Part = Markup | str

WIDTH = 420  # units; text of 12 to 13 of them stays 11 px or more on a phone
LETTER = 7.2  # units that a letter of size 13 takes at most, on average


@dataclass(frozen=True)
class Chart:
    """`svg` and `table` say the same; all three go to the `figure` macro."""

    svg: Markup
    table: Markup
    legend: Markup | None = None


@dataclass(frozen=True)
class Words:
    """`label` says what is drawn; `head` heads the table: the rows' name, then each number's."""

    label: str
    head: tuple[str, ...]
    empty: str = "No figures yet."


@dataclass(frozen=True)
class Point:
    """One number; `shown` is how it is written (`EUR 1,209.00`), its digits if left out."""

    text: str
    value: Number
    shown: str = ""
    kind: str = "k1"  # k1–k5 from strong to faint, kx needs somebody, kr is a loss

    def __str__(self) -> str:
        return self.shown or written(self.value)


@dataclass(frozen=True)
class Stack:
    """One bar of several numbers, in the order of the keys. `shown` writes their sum."""

    text: str
    values: Sequence[Number]
    shown: str = ""

    def __str__(self) -> str:
        return self.shown or written(sum(self.values))


@dataclass(frozen=True)
class Share:
    """`done` of `of` units, each a square."""

    text: str
    done: int
    of: int

    def __str__(self) -> str:
        return f"{self.done:,} of {self.of:,}"


@dataclass(frozen=True)
class Key:
    text: str
    kind: str


@dataclass(frozen=True)
class Limit:
    """A level that a line is held against; `amber` warns, `redline` is broken."""

    value: Number
    text: str
    kind: str = "redline"


def written(value: Number) -> str:
    return f"{value:,}"


def one_decimal(value: Number | Fraction | float) -> str:
    """A coordinate: `12` or `12.5`."""
    return f"{float(value):.1f}".removesuffix(".0")


def scaled(value: Number, largest: Number, room: int) -> Fraction:
    """`value` in units, `largest` filling the room; what is not nothing can be seen."""
    if not value:
        return Fraction(0)
    return max(Fraction(1), Fraction(value) * room / Fraction(largest))


def refuse_negative(values: Iterable[Number]) -> None:
    if any(value < 0 for value in values):
        raise ValueError("a bar cannot be shorter than nothing: show credits as a table")


def text(words: object, x: Number | Fraction | float, y: Number | Fraction | float,
         anchor: str = "", kind: str = "", size: int = 13) -> Markup:  # fmt: skip
    # six parameters: those of the SVG element, and its text
    return Markup('<text{}{} x="{}" y="{}" font-size="{}">{}</text>').format(
        Markup(' class="{}"').format(kind) if kind else "",
        Markup(' text-anchor="{}"').format(anchor) if anchor else "",
        one_decimal(x), one_decimal(y), size, words,
    )  # fmt: skip


def picture(parts: Iterable[Part], height: Number | float, label: str) -> Markup:
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, one_decimal(height), label, Markup("\n").join(parts))


def said(words: Words, pairs: Iterable[tuple[str, object]]) -> str:
    """The whole chart in a sentence, for those who hear it."""
    return f"{words.label}: {', '.join(f'{name} {number}' for name, number in pairs)}."


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    first, *others = head
    top = Markup("").join(
        Markup('<th scope="col" class="n">{}</th>').format(one) for one in others
    )
    body = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            name, Markup("").join(Markup('<td class="n">{}</td>').format(one) for one in numbers)
        )
        for name, *numbers in rows
    )
    return Markup(
        '<table><thead><tr><th scope="col">{}</th>{}</tr></thead><tbody>{}</tbody></table>'
    ).format(first, top, body)


def legend(keys: Iterable[tuple[str, str]]) -> Markup:
    items = (Markup('<li><i class="{}"></i>{}</li>').format(kind, name) for kind, name in keys)
    return Markup('<ul class="legend">{}</ul>').format(Markup("").join(items))


def nothing(words: Words) -> Chart:
    return Chart(Markup('<p class="meta">{}</p>').format(words.empty), Markup(""))
