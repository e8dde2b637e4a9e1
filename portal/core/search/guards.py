"""What a list of synonyms may not hold: groups that would find what nobody meant."""

from collections.abc import Iterator

from portal.core.search.analyzer import stem, words
from portal.core.search.synonyms import ONE_WAY

MOST_LINES, MOST_TERMS, MOST_WORDS = 300, 15, 6
LONGEST = 20_000
# Two senses that must not find one another; and a short name that is two bodies.
APART = (("agent", "staffing agency"), ("agent", "recruiter"), ("churn", "attrition"))
SENSES = {"ccma": "it is the short name of two bodies: give each its country"}


def faults(text: str) -> list[str]:
    """Each in a sentence that names its line; none when the list can be kept."""
    lines = text.splitlines()
    if len(text) > LONGEST or len(lines) > MOST_LINES:
        return [f"The list may have {MOST_LINES} lines and {LONGEST} letters."]
    found = []
    for number, line in enumerate(lines, 1):
        plain = line.split("#")[0].partition("|")[0].replace("→", ONE_WAY)
        found += [f"Line {number}: {fault}." for fault in _faults(plain) if plain.strip()]
    return found


def _faults(line: str) -> Iterator[str]:
    first, arrow, rest = line.partition(ONE_WAY)
    terms = [term.strip() for part in (first, rest) for term in part.split(",")]
    kept = [term for term in terms if words(term)]
    if ONE_WAY in rest or (arrow and not (words(first) and words(rest))):
        yield "one arrow, with a term on each side"
    elif len(kept) < 2:
        yield "a group needs two terms or more, with commas between"
    if len(kept) > MOST_TERMS:
        yield f"a group has {MOST_TERMS} terms at most"
    for term in kept:
        if len("".join(words(term))) == 1:
            yield f"“{term}” is a single letter, which stands for nothing"
        if len(words(term)) > MOST_WORDS:
            yield f"“{term}” is longer than {MOST_WORDS} words"
        if len(words(term)) == 1 and words(term)[0] in SENSES:
            yield f"“{term}” cannot stand alone, {SENSES[words(term)[0]]}"
    yield from _mixed(kept)


def _mixed(terms: list[str]) -> Iterator[str]:
    found = {tuple(stem(word) for word in words(term)) for term in terms}
    for one, other in APART:
        pair = {tuple(stem(word) for word in words(term)) for term in (one, other)}
        if pair <= found:
            yield f"“{one}” and “{other}” are two things"
