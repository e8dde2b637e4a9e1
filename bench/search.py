"""`make bench-search`: both engines on 1,000 and 10,000 documents; SIZES="100000" for more.

Each size and engine has a process of its own, so that its memory is its own. PostgreSQL's own
work is counted beside ours, from the processes of its server.
"""

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import accumulate
from pathlib import Path

import psutil

from bench.hardship import READER, killed, searched_while_indexed
from bench.timing import say
from portal.core.search import Document, Engine, PostgresEngine, Query, WhooshEngine
from portal.core.search.index import SYNONYMS
from portal.core.search.synonyms import from_file
from tests.postgres import running_postgres

SIZES = (1_000, 10_000)
QUERIES, BATCH = 200, 100
# Milliseconds of our processor at p95, megabytes of memory: what SEARCH allows.
BUDGETS = {10_000: (25.0, None), 100_000: (120.0, 400.0)}


class Shelf:
    """Documents and questions of invented words, as rare as in real texts: the nth in one of n."""

    def __init__(self, seed: int = 7) -> None:
        self._chance = random.Random(seed)
        self._words = ["".join(self._chance.choices("aeioulnrst", k=self._chance.randint(4, 9)))
                       for _ in range(20_000)]  # fmt: skip
        self._weights = list(accumulate(1 / (n + 20) for n in range(len(self._words))))

    def text(self, length: int) -> str:
        return " ".join(self._chance.choices(self._words, cum_weights=self._weights, k=length))

    def documents(self, size: int) -> Iterator[Document]:
        for n in range(size):
            facets = {"theme": (f"t{n % 17}",), "kind": (f"k{n % 11}",), "place": (f"p{n % 60}",),
                      "year": (f"{2015 + n % 12}",), "outcome": (f"o{n % 3}",)}  # fmt: skip
            yield Document(
                key=f"practice:{n}", kind="practice", title=self.text(7), summary=self.text(25),
                body=self.text(150), url=f"/{n}", audience=READER, facets=facets,
            )  # fmt: skip

    def questions(self) -> list[str]:
        return [self.text(1 + n % 6) for n in range(QUERIES)]


def engine_of(name: str, where: str, **more: float) -> Engine:
    if name == "whoosh":
        return WhooshEngine(Path(where), from_file(SYNONYMS), **more)
    return PostgresEngine(where, from_file(SYNONYMS), **more)


class Clock:
    """Milliseconds of wall, of our own processor and of PostgreSQL's, question by question."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.own: list[float] = []

    def time(self, act: Callable[[], object]) -> None:
        wall, own = time.perf_counter(), time.process_time()
        act()
        self.own.append((time.process_time() - own) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)

    def p95(self) -> float:
        return _p95(self.own)

    def __str__(self) -> str:
        halves = (statistics.median(self.own), _p95(self.own), statistics.median(self.wall),
                  _p95(self.wall))  # fmt: skip
        return "{:7.1f}{:8.1f}{:9.1f}{:8.1f}".format(*halves)


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def _server_seconds() -> float:
    """What all PostgreSQL processes of this machine have worked; those that ended are lost."""
    spent = 0.0
    for process in psutil.process_iter(["name", "cpu_times"]):
        if process.info["name"] == "postgres" and process.info["cpu_times"]:
            spent += process.info["cpu_times"].user + process.info["cpu_times"].system
    return spent


def fill(name: str, where: str, size: int) -> bool:
    """Index everything, then a batch once more, then one document alone."""
    engine = engine_of(name, where)
    batch = [replace(one, summary="Changed.") for one in Shelf().documents(BATCH)]
    making, rebuilding, batching, writing = Clock(), Clock(), Clock(), Clock()
    making.time(lambda: deque(Shelf().documents(size), maxlen=0))
    rebuilding.time(lambda: engine.rebuild(Shelf().documents(size), lambda _done, _of: None))
    batching.time(lambda: engine.write(batch))
    writing.time(lambda: engine.write(batch[:1]))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    own = (rebuilding.own[0] - making.own[0]) / size
    wall = (rebuilding.wall[0] - making.wall[0]) / 1000
    say(f"{name}, {size:,} documents: rebuild {own:.2f} ms of CPU each ({wall:.1f} s of wall), "
        f"batch of {BATCH} {batching.own[0] / BATCH:.2f} each, one alone {writing.own[0]:.0f}; "
        f"{memory:.0f} MB at most")  # fmt: skip
    engine.close()
    return True


def measure(name: str, where: str, size: int) -> bool:
    """Ask what `fill` filled."""
    engine, questions = engine_of(name, where), Shelf().questions()
    searching, suggesting, cut = Clock(), Clock(), 0
    for text in questions[:20]:
        engine.search(Query(text, READER))
    before = _server_seconds()
    for text in questions:
        searching.time(lambda text=text: engine.search(Query(text, READER)))  # type: ignore[misc]
    server = (_server_seconds() - before) * 1000 / len(questions)
    for text in questions:
        suggesting.time(lambda text=text: engine.suggest(text[:6], READER))  # type: ignore[misc]
        cut += engine.search(Query(text, READER)).timed_out
    memory = psutil.Process().memory_info().rss / 2**20
    engine.close()
    say("                     CPU p50     p95 wall p50     p95")
    say(f"  top 20, facets    {searching}   cut short {cut} of {len(questions)}"
        + (f", server {server:.1f} ms each" if name == "postgres" else ""))  # fmt: skip
    say(f"  suggestion        {suggesting}")
    slowest, largest = BUDGETS.get(size, (None, None))
    fits = (slowest is None or searching.p95() <= slowest) and (
        largest is None or memory <= largest
    )
    over = "" if fits else f"  over: at most {slowest} ms of CPU and {largest} MB"
    say(f"  memory            {memory:7.0f} MB{over}")
    return fits


def hardship(name: str, where: str, _size: int) -> bool:
    made = partial(engine_of, name, where, time_limit=5.0)
    is_well = True
    for words, run in (("searches by 8 threads while a job indexes", searched_while_indexed),
                       ("searches around 20 killed writers", killed)):  # fmt: skip
        began = time.perf_counter()
        outcome = run(made)
        is_well &= not outcome.wrong and not outcome.errors
        say(f"{name}: {outcome.searches:,} {words}: {outcome.wrong} wrong, "
            f"{len(outcome.errors)} errors, {time.perf_counter() - began:.0f} s")  # fmt: skip
    return is_well


ACTS = {"fill": fill, "measure": measure, "hardship": hardship}


def main(words: list[str]) -> int:
    if words[:1] == ["one"]:  # in a process of its own
        act, name, where, size = json.loads(words[1])
        return 0 if ACTS[act](name, where, size) else 1
    sizes = [int(one.replace(",", "")) for one in words] or list(SIZES)
    is_well = True
    with tempfile.TemporaryDirectory(prefix="search-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with running_postgres(folder) as addresses:
            engines = (("whoosh", str(folder / "whoosh")), ("postgres", addresses[0]))
            acts = [(act, size) for size in sizes for act in ("fill", "measure")]
            for engine, where in engines:
                for act, size in [*acts, ("hardship", 0)]:
                    asked = json.dumps([act, engine, where, size])
                    command = [sys.executable, "-m", "bench.search", "one", asked]
                    is_well &= subprocess.run(command, check=False).returncode == 0
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
