"""The one index of the house: what goes in, through jobs only, and the engine that finds it."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app

from portal.core import clock, jobs
from portal.core.config import Settings
from portal.core.db import db
from portal.core.search import diary
from portal.core.search.document import Document, Engine, Hit, Query, Results
from portal.core.search.postgres_engine import PostgresEngine
from portal.core.search.synonyms import Synonyms
from portal.core.search.whoosh_engine import WhooshEngine

Source = Callable[[int | None], Iterable[Document]]
Progress = Callable[[int, int | None], None]

# Each feature puts its documents here: all of them, or the one whose id is given.
sources: dict[str, Source] = {}
# What may close by itself as days pass: which of these ids are open now. The index is a hint.
still_open: dict[str, Callable[[set[int]], set[int]]] = {}
# Who may find a thing now: the whole of it, and its title alone; what is not there is gone.
Readers = tuple[frozenset[str], frozenset[str]]
readers: dict[str, Callable[[set[int]], dict[int, Readers]]] = {}
MANY = 100  # things in one writing: a second's work, in which little else is written meanwhile
SYNONYMS = Path(__file__).parents[3] / "content" / "synonyms.txt"
# What staff made of that file, where they did: asked at every search, on every machine.
edited_synonyms: list[Callable[[], str | None]] = []


def engine() -> Engine:
    return current_app.extensions["search"]


def synonyms_text() -> str:
    """The groups in use, as they are written."""
    edited = next((text for source in edited_synonyms if (text := source()) is not None), None)
    return SYNONYMS.read_text("utf-8") if edited is None else edited


@lru_cache(maxsize=4)
def _understood(text: str) -> Synonyms:
    return Synonyms(text)


def synonyms() -> Synonyms:
    return _understood(synonyms_text())


def diary_folder() -> Path:
    return current_app.extensions["settings"].data / "searches"


def found(query: Query) -> Results:
    """What is found and open to whoever asks now, whatever the index still holds of it."""
    results = engine().search(query)
    hits = open_now(results.hits, query.audiences)
    kept = {hit.key for hit in hits}
    gone = Counter(hit.kind for hit in results.hits if hit.key not in kept)
    if not gone:
        return replace(results, hits=tuple(hits))
    counts = [(kind, many - gone[kind]) for kind, many in results.kinds]
    return replace(  # no count of a facet tells of what is closed
        results, hits=tuple(hits), total=max(0, results.total - gone.total()), facets={},
        kinds=[one for one in counts if one[1] > 0],
    )  # fmt: skip


def searched(query: Query) -> Results:
    """Search for a reader and note, once for all its pages, what was looked for: not by whom."""
    began = time.perf_counter()
    results = found(query)
    if query.text and query.page == 1:
        took = round((time.perf_counter() - began) * 1000)
        diary.note(diary_folder(), clock.now().date(), query.text, results.total, took)
    return results


def opened(text: str) -> None:
    """Note that somebody went on to something that this search had found: not who."""
    diary.note_opened(diary_folder(), clock.now().date(), text)


def open_now(hits: Iterable[Hit], audiences: frozenset[str]) -> list[Hit]:
    """The hits without those that closed since they were indexed, or to these readers."""
    hits = list(hits)
    closed: set[str] = set()
    for kind, which in still_open.items():
        ids = _ids(hits, kind)
        closed |= {f"{kind}:{one}" for one in (ids - which(ids) if ids else ids)}
    now = {
        f"{kind}:{one}": found
        for kind, ask in readers.items() if (ids := _ids(hits, kind))
        for one, found in ask(ids).items()
    }  # fmt: skip
    seen = (
        _seen(hit, now.get(hit.key), audiences) if hit.kind in readers else hit
        for hit in hits if hit.key not in closed
    )  # fmt: skip
    return [hit for hit in seen if hit]


def _ids(hits: Iterable[Hit], kind: str) -> set[int]:
    return {int(hit.key.partition(":")[2]) for hit in hits if hit.kind == kind}


def _seen(hit: Hit, now: Readers | None, audiences: frozenset[str]) -> Hit | None:
    """As it is indexed, by title and summary alone, or not at all."""
    whole, titled = now or (frozenset(), frozenset())
    if audiences & whole or (hit.locked and audiences & titled):
        return hit
    is_teaser = bool(audiences & titled)
    return replace(hit, locked=True, snippet=((hit.summary, False),)) if is_teaser else None


def changed(kind: str, subject_id: int) -> None:
    """Have a thing indexed again after this commit; one that is gone or hidden is taken out."""
    key = f"index:{kind}:{subject_id}:{clock.now().timestamp()}"
    jobs.queue(write, key=key, kind=kind, subject_id=subject_id)


def changed_many(kind: str, subject_ids: list[int]) -> None:
    """The same for many things at once, in one job for each `MANY` of them."""
    for begin in range(0, len(subject_ids), MANY):
        part = subject_ids[begin : begin + MANY]
        key = f"index:{kind}:{part[0]}+{len(part)}:{clock.now().timestamp()}"
        jobs.queue(write_many, key=key, kind=kind, subject_ids=part)


@jobs.job
def write_many(kind: str, subject_ids: list[int]) -> None:
    """As `write`, with one writing of the index for all of them."""
    documents = [one for subject_id in subject_ids for one in sources[kind](subject_id)]
    db.session.commit()
    found = {one.key for one in documents}
    wanted = (f"{kind}:{subject_id}" for subject_id in subject_ids)
    engine().write(documents, [key for key in wanted if key not in found])


@jobs.job
def write(kind: str, subject_id: int) -> None:
    """Read the thing as it is now, so that any order and number of changes ends the same."""
    documents = list(sources[kind](subject_id))
    db.session.commit()  # the index has a lock of its own: never wait for it with ours held
    gone = [] if documents else [f"{kind}:{subject_id}"]
    engine().write(documents, gone)


def everything() -> Iterator[Document]:
    for source in sources.values():
        yield from source(None)


def rebuild(progress: Progress) -> None:
    """Make the index anew beside the old one and swap it in, whole."""
    engine().rebuild(everything(), progress)


def init_app(app: Flask, settings: Settings) -> None:
    app.extensions["search"] = (
        PostgresEngine(settings.database_url, synonyms)
        if settings.search_engine == "postgres"
        else WhooshEngine(settings.data / "search", synonyms)
    )
