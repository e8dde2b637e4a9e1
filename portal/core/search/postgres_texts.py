"""Our own words as PostgreSQL's text search takes them: no parser and no dictionary of its own."""

from collections.abc import Iterable, Iterator

from portal.core.search.rows import BETWEEN, Row

LAST_PLACE = 16_383  # PostgreSQL counts no further: all later words stand here
MOST_PLACES = 255  # of one word
MOST_BYTES = 1_000_000  # of one document's words and places; 2**20 are refused

Placed = tuple[str, str]  # a word and where it stands, the title's marked with an A


def lexemes_of_stems(row: Row) -> str:
    """The stems where they stand; hyphened words as one after all others, in a row with none."""
    placed = list(_placed(row["row"], "A"))
    texts = _split(row["row"])
    place = len(row["row"]) + 1
    for stems, mark, whole in (
        (texts[0], "A", row["title"]), (texts[1] + texts[2], "", row["body"])
    ):  # fmt: skip
        for stem in whole[len(stems) :]:
            place += 2
            placed.append((stem, f"{min(place, LAST_PLACE)}{mark}"))
    return _joined(placed)


def lexemes_of_words(row: Row) -> str:
    return _joined(_placed(row["words"], ""))


def query(words: Iterable[str], joined: str = " & ", mark: str = "") -> str:
    """Words of ours as a `tsquery`: all of them, or with `joined` any or in a row."""
    return joined.join(f"'{word}'{mark}" for word in words)


def in_a_row(words: Iterable[str]) -> str:
    return f"({query(words, ' <-> ')})"


def storable(value: str | list[str]) -> str | list[str]:
    """Without what no database keeps: it finds nothing then, rather than being refused."""
    if isinstance(value, list):
        return [_storable(text) for text in value]
    return _storable(value)


def _storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _split(words: list[str]) -> list[list[str]]:
    texts: list[list[str]] = [[]]
    for word in words:
        if word == BETWEEN:
            texts.append([])
        else:
            texts[-1].append(word)
    return texts


def _placed(words: list[str], mark: str) -> Iterator[Placed]:
    """`mark` is for those of the first text, which is the title."""
    for place, word in enumerate(words, 1):
        if word == BETWEEN:
            mark = ""
        else:
            yield word, f"{min(place, LAST_PLACE)}{mark}"


def _joined(placed: Iterable[Placed]) -> str:
    places: dict[str, list[str]] = {}
    room = MOST_BYTES
    for word, place in placed:
        known = places.get(word)
        cost = 2 if known else len(word.encode()) + 6
        if room < cost or (known and len(known) >= MOST_PLACES):
            continue
        room -= cost
        places.setdefault(word, []).append(place)
    return " ".join(f"'{word}':{','.join(found)}" for word, found in places.items())
