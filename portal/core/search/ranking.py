"""How documents are ordered: the plan that a query becomes, BM25 over it, and its bonuses."""

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import NamedTuple, Protocol

from portal.core.search.analyzer import STOP_WORDS, stem
from portal.core.search.document import PAID
from portal.core.search.query import Parsed
from portal.core.search.synonyms import Synonyms

K1 = 1.2
B = 0.75
PHRASE_BONUS = 0.3  # all words of the query in a row
TITLE_BONUS = 1.0  # all words of the query in the title
OTHER_WORD = 0.6  # a synonym, or an ending guessed while typing, against the word itself
EXACT = 1000.0  # the title or a code, whole
FRESHNESS = 0.10  # at most, for what was written or reviewed today; half of it a year later
POPULARITY = 0.05  # at most, for what many found useful; half of it at `MANY`
OVERDUE = 0.05  # taken from what should have been reviewed by now
MANY = 10
YEAR = 365

Scores = dict[int, float]


@dataclass(frozen=True)
class Clause:
    """One word, or several in a row, that adds to the score in each of its fields."""

    words: tuple[str, ...]
    weight: float = 1.0
    fields: tuple[str, ...] = ("title", "body")


@dataclass(frozen=True)
class Plan:
    clauses: tuple[Clause, ...] = ()  # any of them makes a document match
    main: tuple[str, ...] = ()  # the query's own stems, for the bonuses
    exact: frozenset[str] = frozenset()
    also_searched: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # about what is searched as well
    marked_words: frozenset[str] = frozenset()  # unstemmed ones to mark as well

    def words(self) -> frozenset[str]:
        """All that is looked for: stems, or words as they are written."""
        return frozenset(word for clause in self.clauses for word in clause.words)

    def stems(self) -> frozenset[str]:
        stemmed = (clause for clause in self.clauses if "words" not in clause.fields)
        return frozenset(word for clause in stemmed for word in clause.words)


def plan(
    parsed: Parsed, synonyms: Synonyms, endings: Iterable[str] = (),
    chosen: Collection[str] = frozenset(),
) -> Plan:  # fmt: skip
    """`endings` are words that the last one may become; `chosen` values of filters."""
    quoted = [word for phrase in parsed.phrases for word in phrase]
    asked = (*parsed.words, *quoted)
    main = _stems(asked)
    if not main:  # nothing but stop words: then they are what is meant
        clauses = tuple(Clause((word,), fields=("words",)) for word in dict.fromkeys(asked))
        return Plan(clauses, (), _exact(asked), marked_words=frozenset(asked))
    meanings = synonyms.expand(parsed.words, chosen)
    others = [_stems(one.words) for one in meanings]
    others += [(stem(word),) for word in (*endings, *parsed.joined)]
    own = {(word,) for word in main}
    clauses = tuple(Clause((one,)) for one in main)
    # A longer name would outweigh the short one it stands for: its words share one weight.
    clauses += tuple(
        Clause(one, OTHER_WORD / len(one))
        for one in dict.fromkeys(others)
        if one and one not in own
    )
    also = tuple(one.text for one in meanings)
    notes = tuple(dict.fromkeys(one.note for one in meanings if one.note))
    return Plan(clauses, main, _exact(asked), also, notes, frozenset(quoted))


def _stems(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem(word) for word in words if word not in STOP_WORDS))


def _exact(words: Iterable[str]) -> frozenset[str]:
    words = tuple(words)
    return frozenset({" ".join(words), "".join(words)}) - {""}


class Postings(NamedTuple):
    """Documents with a word, in one part of an index."""

    first: int  # number of the part's first document
    documents: Sequence[int]  # counted from there, rising
    counts: Sequence[float]
    lengths: Sequence[int]  # of every document of the part
    average: float  # length in the whole index


class Index(Protocol):
    """What scoring has to know; an engine answers from its own store."""

    def size(self) -> int: ...
    def frequency(self, field: str, word: str) -> int: ...
    def postings(self, field: str, word: str) -> Iterator[Postings]: ...
    def with_all(self, field: str, words: tuple[str, ...]) -> Container[int]: ...
    def in_a_row(self, words: tuple[str, ...]) -> Container[int]: ...
    def exactly(self, text: str) -> Iterable[int]: ...
    def is_late(self) -> bool: ...


def idf(total: int, having: int) -> float:
    """How much a word tells; never negative, unlike the textbook's, for common words."""
    return log(1 + (total - having + 0.5) / (having + 0.5))


def standing(
    boost: float, date: int, reviewed: int, useful: int, due: int, today: int
) -> float:  # fmt: skip
    """What a document's score is multiplied by today; days are ordinals, 0 for none.

    What was paid for gains nothing.
    """
    if is_paid(boost):
        return boost
    last = max(date, reviewed)
    gain = FRESHNESS * 0.5 ** (max(today - last, 0) / YEAR) if last else 0.0
    gain += POPULARITY * useful / (useful + MANY)
    return boost * (1 + gain - (OVERDUE if 0 < due < today else 0.0))


def is_paid(boost: float) -> bool:
    return boost < 2 * PAID  # an index keeps it in fewer digits


class _Part(NamedTuple):
    weight: float
    field: str
    word: str
    only: Container[int] | None  # the documents it counts for, if not for all


def score(plan: Plan, index: Index) -> Scores:
    """Every matching document's score; when time runs out, by the most telling word at least."""
    scores: Scores = {}
    for text in plan.exact:
        for document in index.exactly(text):
            scores[document] = scores.get(document, 0.0) + EXACT
    # Whole words, the rare ones first, before phrases and bonuses.
    parts = sorted(_parts(plan, index), key=lambda part: (part.only is not None, -part.weight))
    for n, part in enumerate(parts):
        if n and index.is_late():
            break
        _add(scores, part, index)
    return scores


def _parts(plan: Plan, index: Index) -> Iterator[_Part]:
    clauses = [
        (clause, index.in_a_row(clause.words) if len(clause.words) > 1 else None)
        for clause in plan.clauses
    ]
    if len(plan.main) > 1:
        clauses.append((Clause(plan.main, PHRASE_BONUS), index.in_a_row(plan.main)))
    if plan.main:
        in_title = Clause(plan.main, TITLE_BONUS, ("title",))
        clauses.append((in_title, index.with_all("title", plan.main)))
    for clause, only in clauses:
        for field in clause.fields:
            for word in clause.words:
                having = index.frequency(field, word)
                if having:
                    weight = clause.weight * idf(index.size(), having)
                    yield _Part(weight, field, word, only)


def _add(scores: Scores, part: _Part, index: Index) -> None:
    weight, only = part.weight * (K1 + 1), part.only
    for first, documents, counts, lengths, average in index.postings(part.field, part.word):
        base, slope = K1 * (1 - B), K1 * B / (average or 1)
        known = scores.get
        for number, count in zip(documents, counts, strict=True):
            document = number + first
            if only is None or document in only:
                gain = weight * count / (count + base + slope * lengths[number])
                scores[document] = known(document, 0.0) + gain
