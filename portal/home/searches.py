"""Which search an address means, and how what it finds is told from what it found before."""

from urllib.parse import parse_qsl, urlencode, urlsplit
from zlib import crc32

from werkzeug.datastructures import MultiDict

from portal.core.search import Hit, Query
from portal.home.finding import KINDS
from portal.library import asking

LIBRARY, EVERYTHING = "/library/", "/search"
KEPT = {LIBRARY: {"q", *asking.FACETS}, EVERYTHING: {"q", "kind"}}
LONGEST = 1000


def plain_address(text: str) -> str | None:
    """The address of a search, without its page and order; None where nothing is looked for."""
    path, args = _parts(text)
    pairs = [(name, value) for name, value in args if name in KEPT.get(path, ())]
    asks = any(value.strip() for name, value in pairs if name != "kind" or path == LIBRARY)
    made = f"{path}?{urlencode(pairs)}"
    return made if asks and len(made) <= LONGEST else None


def query_of(address: str, audiences: frozenset[str]) -> Query:
    path, pairs = _parts(address)
    args = MultiDict(pairs)
    if path == LIBRARY:
        return asking.query(args, audiences)
    kind = args.get("kind", "")
    kinds = frozenset({kind}) if kind in KINDS else None
    return Query(args.get("q", "").strip()[:300], audiences, kinds=kinds)


def words_of(address: str) -> str:
    """What it looks for, in words."""
    _, pairs = _parts(address)
    return ", ".join(value if name == "q" else f"{name}: {value}" for name, value in pairs)


def look_of(hit: Hit) -> int:
    """Changes when what a reader is told of the thing does, whether it is locked or not."""
    version = hit.stored.get("news", hit.stored.get("version"))
    told = (hit.title, hit.summary, str(hit.date), str(version))
    return crc32("\n".join(told).encode())


def _parts(text: str) -> tuple[str, list[tuple[str, str]]]:
    try:
        there = urlsplit(text)
    except ValueError:
        return "", []
    path = "" if there.scheme or there.netloc else there.path
    return path, parse_qsl(there.query)
