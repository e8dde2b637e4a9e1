"""What a Whoosh index keeps of our own tokens, and its writer."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from whoosh.fields import FieldType
from whoosh.formats import Existence, Positions
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from portal.core.search.rows import BETWEEN
from portal.core.search.whoosh_mapping import Codec

Posting = tuple[bytes, int, float, bytes]  # a token, how often (as a weight too), its places


class Terms(FieldType):
    """Which tokens a document has, and how often."""

    def __init__(self) -> None:
        super().__init__(Existence(), None)

    def index(self, value: list[str], **_: Any) -> Iterator[Posting]:
        for token, count in Counter(value).items():
            yield token.encode(), count, count, b""


class Places(FieldType):
    """Where tokens stand as well, as machine words: an index never leaves its machine."""

    def __init__(self) -> None:
        super().__init__(Positions(), None)

    def index(self, value: list[str], **_: Any) -> Iterator[Posting]:
        places: dict[str, array[int]] = defaultdict(lambda: array("I"))
        for place, token in enumerate(value):
            if token != BETWEEN:
                places[token].append(place)
        for token, found in places.items():
            yield token.encode(), 1, 1, found.tobytes()


def places_of(value: bytes) -> Sequence[int]:
    return array("I", value)


def new_writer(index: FileIndex, memory_mb: int) -> SegmentWriter:
    return SegmentWriter(index, codec=Codec(), limitmb=memory_mb)
