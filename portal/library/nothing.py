"""What to say where nothing was found: what of the search stood in the way, and what is near."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from portal.core.search import Query
from portal.core.search.index import found

MOST_TRIED = 6
NEAREST = 10
_PART = re.compile(r'-?(?:\w+:)?(?:"[^"]*"|\S+)')

Address = Callable[..., str]
Names = Callable[[str, str], str]


@dataclass(frozen=True)
class Way:
    """Another search, and how much it finds."""

    text: str
    url: str
    count: int


@dataclass(frozen=True)
class Help:
    without_word: Way | None
    without_filters: list[Way]
    nearest: list[tuple[str, str]]  # title and address
    is_near: bool  # or else they are only the newest


def help_for(asked: Query, address: Address, name: Names) -> Help:
    """`address` is that of the same search without a filter, or with another text."""
    near = _titles(replace(asked, text=_plain(asked.text), filters={}, while_typing=True))
    return Help(
        _without_word(asked, address), _without_filters(asked, address, name),
        near or _titles(replace(asked, text="", filters={})), bool(near),
    )  # fmt: skip


def _without_word(asked: Query, address: Address) -> Way | None:
    """The one part of the text, rarest first, without which something is found."""
    parts = [one[0] for one in _PART.finditer(asked.text)][:MOST_TRIED]
    ways = []
    for n, part in enumerate(parts if len(parts) > 1 else ()):
        text = " ".join([*parts[:n], *parts[n + 1 :]])
        count = _count(replace(asked, text=text))
        ways.append(Way(f"without {part}", address(asked, text=text), count))
    return max((way for way in ways if way.count), key=lambda way: way.count, default=None)


def _without_filters(asked: Query, address: Address, name: Names) -> list[Way]:
    ways = []
    for group, values in list(asked.filters.items())[:MOST_TRIED]:
        for value in values:
            kept = {**asked.filters, group: tuple(one for one in values if one != value)}
            fewer = replace(asked, filters={name: some for name, some in kept.items() if some})
            way = Way(name(group, value), address(asked, (group, value)), _count(fewer))
            ways += [way] if way.count else []
    return ways


def _plain(text: str) -> str:
    return re.sub(r'["-]', " ", text)


def _count(asked: Query) -> int:
    return found(replace(asked, page=1, page_size=1)).total


def _titles(asked: Query) -> list[tuple[str, str]]:
    near = found(replace(asked, page=1, page_size=NEAREST))
    return [(hit.title, hit.url) for hit in near.hits]
