"""What differs between two texts, line by line, as a reader sees it."""

from collections.abc import Iterator
from difflib import SequenceMatcher


def changed_lines(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Lines that differ, in order: "del" is only in `old`, "ins" only in `new`."""
    before, after = old.strip().splitlines(), new.strip().splitlines()
    for what, a, b, c, d in SequenceMatcher(None, before, after).get_opcodes():
        if what != "equal":
            yield from (("del", line) for line in before[a:b] if line)
            yield from (("ins", line) for line in after[c:d] if line)
