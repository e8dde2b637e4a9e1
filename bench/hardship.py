"""Searching while another process writes, and writers that are killed: nothing wrong is found."""

import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from portal.core.search import Document, Engine, Query

READER = frozenset({"public"})
STANDING = 40
ASKED = Query('"standing page" attrition', READER, page_size=STANDING + 10)

Make = Callable[[], Engine]  # an engine on the one index, for whichever process calls it


@dataclass(frozen=True)
class Outcome:
    searches: int
    wrong: int
    errors: tuple[str, ...]


def a_page(key: str, title: str, body: str) -> Document:
    return Document(
        key=key, kind="page", title=title, body=body, url=f"/{key}", audience=READER,
        facets={"theme": (key[-1],)},
    )  # fmt: skip


def standing() -> list[Document]:
    return [a_page(f"n{n}", "Standing page", "What attrition costs.") for n in range(STANDING)]


def changes() -> Iterator[list[Document]]:
    """Batches that leave the standing pages standing."""
    n = 0
    while True:
        others = [a_page(f"other{n % 200 + m}", "Another", "Night bus " * 20) for m in range(20)]
        yield [standing()[n % STANDING], *others]
        n += 1


def searched_while_indexed(make: Make, threads: int = 8, searches: int = 20_000) -> Outcome:
    """Every search must find the standing pages, all and once, whatever the writer is doing."""
    engine = make()
    engine.rebuild(standing(), lambda _done, _of: None)
    writer = _writer(make)
    wrong, errors = [0] * threads, []

    def search(number: int) -> None:
        for _ in range(searches // threads):
            try:
                wrong[number] += not _is_right(engine)
            except Exception as error:
                errors.append(repr(error))
        engine.close()

    readers = [threading.Thread(target=search, args=[number]) for number in range(threads)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    _kill(writer)
    engine.close()
    return Outcome(searches // threads * threads, sum(wrong), tuple(errors))


def killed(make: Make, times: int = 20, seed: int = 7) -> Outcome:
    """After each kill the index opens and answers; afterwards a rebuild makes it whole."""
    chance = random.Random(seed)
    engine = make()
    engine.rebuild(standing(), lambda _done, _of: None)
    wrong, errors = 0, []
    for _ in range(times):
        writer = _writer(make)
        time.sleep(chance.uniform(0.05, 0.4))
        wrong += not _is_right(engine)  # while it is being written
        _kill(writer)
        fresh = make()
        try:
            wrong += not _is_right(fresh)
            errors += [fault] if (fault := fresh.is_healthy()) else []
        finally:
            fresh.close()
    engine.rebuild(standing(), lambda _done, _of: None)
    wrong += engine.count() != STANDING or not _is_right(engine)
    engine.close()
    return Outcome(2 * times, wrong, tuple(errors))


def _is_right(engine: Engine) -> bool:
    found = engine.search(ASKED)
    keys = {hit.key for hit in found.hits}
    themes = sum(count for _, count in found.facets.get("theme", []))
    return STANDING == found.total == len(found.hits) == len(keys) == themes


def _write(make: Make) -> None:
    engine = make()
    for n, batch in enumerate(changes(), 1):
        engine.write(batch)
        if not n % 10:
            engine.rebuild([*standing(), *batch[1:]], lambda _done, _of: None)


def _writer(make: Make) -> multiprocessing.process.BaseProcess:
    process = multiprocessing.get_context("fork").Process(target=_write, args=[make], daemon=True)
    process.start()
    return process


def _kill(process: multiprocessing.process.BaseProcess) -> None:
    if process.pid is None or not process.is_alive():
        raise RuntimeError("the writer died by itself")
    os.kill(process.pid, signal.SIGKILL)
    process.join()
