"""A list of measures as words, `stage=committee&topic=tax`: told apart, followed, matched."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

NAMES = ("q", "jurisdiction", "level", "topic", "stage", "sponsor", "committee")
LONGEST = 600


@dataclass(frozen=True)
class Facts:
    """What a list asks of a measure. `places` are the slugs that it lies in, its own included."""

    places: frozenset[str]
    level: str
    topic: str
    stage: str
    sponsors: frozenset[str]
    committees: frozenset[str]
    text: str  # small, without accents


def canonical(asked: Mapping[str, str]) -> str:
    """The same words for the same list; "" of everything, and of what is too long to keep."""
    pairs = [(name, " ".join(asked.get(name, "").split())) for name in sorted(NAMES)]
    words = urlencode([pair for pair in pairs if pair[1]])
    return words if len(words) <= LONGEST else ""


def asked_by(words: str) -> dict[str, str]:
    return {name: value for name, value in parse_qsl(words) if name in NAMES}


def holds(asked: Mapping[str, str], words: list[str], facts: Facts) -> bool:
    """Whether the list has the measure; `words` are those of its `q`, folded."""
    plain = {"level": facts.level, "topic": facts.topic, "stage": facts.stage}
    many = {"jurisdiction": facts.places, "sponsor": facts.sponsors,
            "committee": facts.committees}  # fmt: skip
    return (
        all(asked.get(name, value) == value for name, value in plain.items())
        and all(name not in asked or asked[name] in held for name, held in many.items())
        and all(one in facts.text for one in words)
    )
