"""Which five practices to read next: pure, over those whose titles the reader may see."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

MOST = 5
FACETS = ("theme", "stage", "service", "kind")


class Candidate(Protocol):
    @property
    def ref(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def outcome(self) -> str | None: ...


T = TypeVar("T", bound=Candidate)


def likeness(one: Candidate, other: Candidate) -> float:
    """Shared facets, and the share of words that title and summary have in common (below one)."""
    shared = sum(getattr(one, name) == getattr(other, name) for name in FACETS)
    mine, theirs = _words(one), _words(other)
    return shared + len(mine & theirs) / max(1, len(mine | theirs))


def _words(one: Candidate) -> set[str]:
    return {word for word in f"{one.title} {one.summary}".casefold().split() if len(word) > 3}


def chosen(of: T, curated: Sequence[str], candidates: Sequence[T]) -> list[T]:
    """Curated ones first, in their order; a showcase never.

    The last gives way so that not all are of one kind and, beside a case that went one way,
    stands one that went another, where such are among the candidates.
    """
    place = {ref: number for number, ref in enumerate(curated)}
    ranked = sorted(
        (one for one in candidates if one.kind != "showcase" and one.ref != of.ref),
        key=lambda one: (place.get(one.ref, len(place)), -likeness(of, one), one.ref),
    )
    best, rest = ranked[:MOST], ranked[MOST:]
    others = [one for one in ranked if of.outcome and one.outcome not in {None, of.outcome}]
    if others and others[0] not in best:
        best[-1] = others[0]
    varied = [one for one in rest if one.kind != best[0].kind]
    if varied and len({one.kind for one in best}) == 1:
        best[-2 if best[-1] in others[:1] else -1] = varied[0]
    return best
