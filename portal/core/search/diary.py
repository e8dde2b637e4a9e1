"""What was looked for and opened, by nobody in particular: a line each in one file a day."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from portal.core.search.analyzer import words

KEPT = timedelta(days=90)
MOST_WORDS = 12
OPENED = "opened"  # in place of how much was found
FEWEST, SHARE = 3, 10  # searches that say something; one in so many that leads somewhere
# What looks like an address or a number of a person is not written down.
_PERSONAL = re.compile(r"\S*@\S*|\+?\d[\d ().-]{6,}\d")


@dataclass(frozen=True)
class Asked:
    """One text, over all the days asked about; `hits` is what it found last."""

    text: str
    times: int
    hits: int
    last_on: date
    opened: int = 0  # how often somebody went on to what it found

    @property
    def is_passed_over(self) -> bool:
        """It finds something, and hardly anybody wants to read that."""
        return self.hits > 0 and self.times >= FEWEST and self.opened * SHARE < self.times


def note(folder: Path, day: date, text: str, hits: int, milliseconds: int) -> None:
    """Append one search: its words folded, how much was found, how long the engine took."""
    _write(folder, day, text, str(hits), milliseconds)


def note_opened(folder: Path, day: date, text: str) -> None:
    """Append that something which this search had found was opened."""
    _write(folder, day, text, OPENED, 0)


def _write(folder: Path, day: date, text: str, what: str, milliseconds: int) -> None:
    plain = " ".join(words(_PERSONAL.sub(" ", text))[:MOST_WORDS])
    if plain:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{day.isoformat()}.tsv").open("a", encoding="utf-8") as file:
            file.write(f"{day.isoformat()}\t{plain}\t{what}\t{milliseconds}\n")


def asked(folder: Path, since: date) -> list[Asked]:
    """Every text since that day, those asked most often first."""
    times: Counter[str] = Counter()
    opened: Counter[str] = Counter()
    last: dict[str, tuple[date, int]] = defaultdict(lambda: (date.min, 0))
    for day, text, hits in _lines(folder, since):
        if hits is None:
            opened[text] += 1
            continue
        times[text] += 1
        last[text] = max(last[text], (day, hits), key=lambda one: one[0])
    return [
        Asked(text, n, last[text][1], last[text][0], opened[text])
        for text, n in sorted(times.items(), key=lambda one: (-one[1], one[0]))
    ]


def forget(folder: Path, today: date) -> None:
    """Remove what is older than it is kept."""
    for path in folder.glob("*.tsv"):
        if (day := _day(path.stem)) and day < today - KEPT:
            path.unlink(missing_ok=True)


def _lines(folder: Path, since: date) -> Iterator[tuple[date, str, int | None]]:
    """Day, text and how much was found; None where something found was opened."""
    for path in sorted(folder.glob("*.tsv")):
        day = _day(path.stem)
        if day is None or day < since:
            continue
        for line in path.read_text("utf-8", errors="replace").splitlines():
            parts = line.split("\t")
            if len(parts) == 4 and (parts[2].isdecimal() or parts[2] == OPENED):
                yield day, parts[1], None if parts[2] == OPENED else int(parts[2])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
