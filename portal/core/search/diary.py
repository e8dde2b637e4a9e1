"""What was looked for, by nobody in particular: a line a search in one file a day."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from portal.core.search.analyzer import words

KEPT = timedelta(days=90)
MOST_WORDS = 12
# What looks like an address or a number of a person is not written down.
_PERSONAL = re.compile(r"\S*@\S*|\+?\d[\d ().-]{6,}\d")


@dataclass(frozen=True)
class Asked:
    """One text, over all the days asked about; `hits` is what it found last."""

    text: str
    times: int
    hits: int
    last_on: date


def note(folder: Path, day: date, text: str, hits: int, milliseconds: int) -> None:
    """Append one search: its words folded, how much was found, how long the engine took."""
    plain = " ".join(words(_PERSONAL.sub(" ", text))[:MOST_WORDS])
    if plain:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{day.isoformat()}.tsv").open("a", encoding="utf-8") as file:
            file.write(f"{day.isoformat()}\t{plain}\t{hits}\t{milliseconds}\n")


def asked(folder: Path, since: date) -> list[Asked]:
    """Every text since that day, those asked most often first."""
    times: Counter[str] = Counter()
    last: dict[str, tuple[date, int]] = defaultdict(lambda: (date.min, 0))
    for day, text, hits in _lines(folder, since):
        times[text] += 1
        last[text] = max(last[text], (day, hits), key=lambda one: one[0])
    return [
        Asked(text, n, last[text][1], last[text][0])
        for text, n in sorted(times.items(), key=lambda one: (-one[1], one[0]))
    ]


def forget(folder: Path, today: date) -> None:
    """Remove what is older than it is kept."""
    for path in folder.glob("*.tsv"):
        if (day := _day(path.stem)) and day < today - KEPT:
            path.unlink(missing_ok=True)


def _lines(folder: Path, since: date) -> Iterator[tuple[date, str, int]]:
    for path in sorted(folder.glob("*.tsv")):
        day = _day(path.stem)
        if day is None or day < since:
            continue
        for line in path.read_text("utf-8", errors="replace").splitlines():
            parts = line.split("\t")
            if len(parts) == 4 and parts[2].isdecimal():
                yield day, parts[1], int(parts[2])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
