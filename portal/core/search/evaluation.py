"""How well the ranking does on a foreign collection whose answers people have judged."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import log2
from pathlib import Path
from statistics import fmean

from portal.core.search.document import Document, Engine, Progress, Query
from portal.core.states import Refused

READER = frozenset({"public"})
DEPTH, PAGE = 100, 10
_OPERATOR = re.compile(r'"|:|(?<!\w)-')

Grades = Mapping[str, int]  # of one query: how good each judged document is
Judged = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Report:
    """Means over the queries that have a good answer at all."""

    queries: int
    ndcg_at_10: float
    mrr_at_10: float
    recall_at_100: float
    queries_per_second: float


def ndcg(found: Sequence[str], grades: Grades, depth: int = PAGE) -> float:
    """Gains of the grades as they are, each discounted by log2 of its place plus one."""
    best = sorted(grades.values(), reverse=True)
    return _gain(grades.get(one, 0) for one in found[:depth]) / _gain(iter(best[:depth]))


def _gain(grades: Iterator[int]) -> float:
    return sum(max(grade, 0) / log2(place + 1) for place, grade in enumerate(grades, 1))


def reciprocal_rank(found: Sequence[str], grades: Grades, depth: int = PAGE) -> float:
    good = (place for place, one in enumerate(found[:depth], 1) if grades.get(one, 0) > 0)
    return 1 / next(good, float("inf"))


def recall(found: Sequence[str], grades: Grades, depth: int = DEPTH) -> float:
    good = {one for one, grade in grades.items() if grade > 0}
    return len(good.intersection(found[:depth])) / len(good)


def documents(path: Path) -> Iterator[Document]:
    for row in _rows(path, {"id", "title", "body"}):
        yield Document(
            key=str(row["id"]), kind="document", title=str(row["title"] or ""),
            body=str(row["body"] or ""), url="", audience=READER,
        )  # fmt: skip


def queries(path: Path) -> dict[str, str]:
    return {str(row["id"]): str(row["text"]) for row in _rows(path, {"id", "text"})}


def judgements(path: Path) -> Judged:
    """Lines of query, document and grade with tabs between; a heading is passed over."""
    found: Judged = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        parts = line.split("\t")
        try:
            query, document, grade = parts[0], parts[-2], int(parts[-1])
        except (ValueError, IndexError):
            if number == 1 or not line.strip():
                continue
            raise Refused(f"{path.name}, line {number}: query, document and grade.") from None
        found.setdefault(query, {})[document] = grade
    return found


def run(engine: Engine, asked: Mapping[str, str], judged: Judged) -> Report:
    """Ask every query that has a good answer; raises `Refused` where none has."""
    wanted = [one for one in asked if any(grade > 0 for grade in judged.get(one, {}).values())]
    if not wanted:
        raise Refused("No query has a document that was judged above 0.")
    began = time.perf_counter()
    found = {one: _answers(engine, asked[one]) for one in wanted}
    seconds = time.perf_counter() - began

    def mean(measure: Callable[[Sequence[str], Grades], float]) -> float:
        return round(fmean(measure(found[one], judged[one]) for one in wanted), 4)

    return Report(
        len(wanted), mean(ndcg), mean(reciprocal_rank), mean(recall),
        round(len(wanted) / seconds, 1),
    )  # fmt: skip


def parts(asked: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The queries to tune the ranking with, and those kept apart to judge it by.

    A query falls to its part by its own name, whatever others there are: adding some moves none.
    """
    found: dict[str, dict[str, str]] = {"tuning": {}, "kept_apart": {}}
    for one, text in asked.items():
        found["kept_apart" if sha256(one.encode()).digest()[0] % 2 else "tuning"][one] = text
    return found


def index(engine: Engine, path: Path, progress: Progress) -> int:
    engine.rebuild(documents(path), progress)
    return engine.count()


def _answers(engine: Engine, text: str) -> list[str]:
    """The text as plain words: those of a stranger's collection know nothing of our language."""
    query = Query(_OPERATOR.sub(" ", text), READER, page_size=DEPTH, is_whole=True)
    return [hit.key for hit in engine.search(query).hits]


def _rows(path: Path, needed: set[str]) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line) if line.strip() else None
            except ValueError:
                raise Refused(f"{path.name}, line {number}: not JSON.") from None
            if row is None:
                continue
            if not isinstance(row, dict) or not needed <= set(row):
                raise Refused(f"{path.name}, line {number}: needs {', '.join(sorted(needed))}.")
            yield row
