"""The items of a checklist as its text has them; how far one is; what a new version changes."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from portal.core.blocks import Block, blocks

NESTED = {"bullet_list", "ordered_list", "footnote_ref"}
ALIKE = 0.6  # of the letters: the same question in other words
MOST_COMPARED = 60  # on each side: beyond that it is another checklist


@dataclass(frozen=True)
class Item:
    """`key` depends on its own words and those above it, never on the items beside it."""

    key: str
    text: str
    section: str


@dataclass(frozen=True)
class Progress:
    done: int
    of: int
    no: int

    @property
    def words(self) -> str:
        said = f"{self.done} of {self.of}"
        return f"{said}, {self.no} no" if self.no else said


@dataclass(frozen=True)
class Change:
    """What becomes of the items when a run goes over to another version."""

    kept: tuple[Item, ...]
    reworded: tuple[tuple[Item, Item], ...]  # before, after
    new: tuple[Item, ...]
    gone: tuple[Item, ...]


def items(body: str) -> tuple[Item, ...]:
    """The task-list items of Markdown, in order; the same words under one heading count up."""
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for section, path in _paths(blocks(body)):
        seen[path] += 1
        words = "\n".join([*path, *([str(seen[path])] if seen[path] > 1 else [])])
        key = hashlib.sha256(words.encode()).hexdigest()[:16]
        found.append(Item(key, path[-1], section))
    return tuple(found)


def _paths(nodes: Iterable[Block]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Of every task its section; and the headings and items over it, with its own words."""
    headings: dict[int, str] = {}
    for node in nodes:
        if node["kind"] == "heading":
            headings = {level: text for level, text in headings.items() if level < node["level"]}
            headings[node["level"]] = _words(node)
        else:
            above = tuple(headings.values())
            yield from ((above[-1] if above else "", path) for path in _in(node, above))


def _in(node: Block, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if node["kind"] == "list_item":
        words = _words(node)
        if node["box"]:
            yield (*above, words)
        above = (*above, words)
    for child in node.get("children", ()):
        yield from _in(child, above)


def _words(node: Block) -> str:
    if node["kind"] in {"softbreak", "hardbreak"}:
        return " "
    if "text" in node:
        return str(node["text"])
    inner = (_words(one) for one in node.get("children", ()) if one["kind"] not in NESTED)
    return " ".join("".join(inner).split()) if node["kind"] == "list_item" else "".join(inner)


def progress(found: Sequence[Item], answers: Mapping[str, str]) -> Progress:
    """`answers` by key; those to items that are not there any more do not count."""
    said = [answers.get(one.key, "open") for one in found]
    return Progress(sum(one != "open" for one in said), len(said), said.count("no"))


def change(before: Sequence[Item], after: Sequence[Item]) -> Change:
    """Matched by key; of the others the most alike, each once, are the same in other words."""
    old, new = {one.key for one in before}, {one.key for one in after}
    left = [one for one in before if one.key not in new]
    added = [one for one in after if one.key not in old]
    pairs = sorted(
        (
            (_likeness(a, b), n, m)
            for n, a in enumerate(left[:MOST_COMPARED])
            for m, b in enumerate(added[:MOST_COMPARED])
        ),
        key=lambda one: (-one[0], one[1], one[2]),
    )
    twins: dict[int, int] = {}
    for alike, n, m in pairs:
        if alike >= ALIKE and n not in twins.values() and m not in twins:
            twins[m] = n
    reworded = tuple((left[twins[m]], added[m]) for m in sorted(twins))
    return Change(
        kept=tuple(one for one in after if one.key in old),
        reworded=reworded,
        new=tuple(one for m, one in enumerate(added) if m not in twins),
        gone=tuple(one for n, one in enumerate(left) if n not in twins.values()),
    )


def _likeness(a: Item, b: Item) -> float:
    matcher = SequenceMatcher(None, a.text.casefold(), b.text.casefold(), autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0
