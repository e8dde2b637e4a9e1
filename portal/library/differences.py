"""What differs between two texts, or two front matters, as a reader sees it; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

LONGEST = 1500  # words of one changed passage that are compared one by one
AROUND = 1  # lines shown on either side of a change
SYSTEM = {"status", "version", "change_note", "created", "published", "updated", "attachments"}

Part = tuple[str, str]  # "same", "del" (only in the old one) or "ins" (only in the new one)


@dataclass(frozen=True)
class Passage:
    """Lines that are alike, of which `skipped` are left out; or a changed passage, in parts."""

    parts: tuple[Part, ...]
    skipped: int = 0


def passages(old: str, new: str) -> list[Passage]:
    """The two texts from end to end: what is alike is shortened, what changed is shown by word."""
    before, after = old.strip().splitlines(), new.strip().splitlines()
    found: list[Passage] = []
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            lines, is_last = [line for line in before[a:b] if line], b == len(before)
            found += _alike(lines, is_first=a == 0, is_last=is_last)
        else:
            parts = changed_words("\n".join(before[a:b]), "\n".join(after[c:d]))
            found += [Passage(tuple(parts))] if any(text.strip() for _, text in parts) else []
    return found


def _alike(lines: list[str], *, is_first: bool, is_last: bool) -> list[Passage]:
    head = [] if is_first else lines[:AROUND]
    rest = lines[len(head) :]
    tail = [] if is_last else rest[len(rest) - AROUND :] if rest else []
    skipped = len(rest) - len(tail)
    shown = [Passage((("same", line),)) for line in head]
    return [
        *shown, *([Passage((), skipped)] if skipped else []),
        *(Passage((("same", line),)) for line in tail),
    ]  # fmt: skip


def changed_words(old: str, new: str) -> list[Part]:
    """Word by word; passages that are very long are shown as taken out and put in."""
    before, after = re.findall(r"\s+|\w+|[^\w\s]", old), re.findall(r"\s+|\w+|[^\w\s]", new)
    if max(len(before), len(after)) > LONGEST:
        return [part for part in (("del", old), ("ins", new)) if part[1]]
    found: list[Part] = []
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(("same", "".join(before[a:b])))
        else:
            taken, put = "".join(before[a:b]), "".join(after[c:d])
            found += [part for part in (("del", taken), ("ins", put)) if part[1]]
    return found


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, list[Part]]]:
    """Keys of front matter that differ, in words, each with its parts."""
    names = [key for key in {**old, **new} if key not in SYSTEM]
    pairs = [(key, in_words(old.get(key)), in_words(new.get(key))) for key in names]
    return [
        (key.replace("_", " ").capitalize(), changed_words(one, other))
        for key, one, other in pairs
        if one != other
    ]


def in_words(value: Any) -> str:
    """Front matter as one reads it: lists with commas, maps as "key: value"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {in_words(one)}" for key, one in value.items() if one)
    if isinstance(value, list):
        apart = "\n" if any(isinstance(one, Mapping) for one in value) else ", "
        return apart.join(map(in_words, value))
    return "" if value is None else str(value)
