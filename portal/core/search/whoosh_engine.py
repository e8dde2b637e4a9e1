"""Full text search on one machine: Whoosh, in a folder of its own."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import local

from whoosh.index import FileIndex
from whoosh.reading import ReaderClosed
from whoosh.searching import Searcher
from whoosh.writing import SegmentWriter

from portal.core.search.document import (
    Document,
    Progress,
    Query,
    Results,
    Unavailable,
    known_length,
)
from portal.core.search.rows import rows
from portal.core.search.synonyms import Source, Synonyms
from portal.core.search.understanding import SHORTEST_PREFIX
from portal.core.search.whoosh_fields import new_writer
from portal.core.search.whoosh_folder import Folder
from portal.core.search.whoosh_search import Search
from portal.core.search.whoosh_segment import Deadline, Segments
from portal.core.search.whoosh_view import Sight, View

TIME_LIMIT = 0.1  # seconds; then a search answers with what it has
MEMORY_MB = 128  # of a writer; beyond it goes on on disk, half as fast


@dataclass
class _Open:
    """What a thread has open: searchers shared by threads give silently wrong results."""

    path: Path
    searcher: Searcher
    view: View


class WhooshEngine:
    def __init__(
        self, directory: Path, synonyms: Source = Synonyms, time_limit: float = TIME_LIMIT
    ) -> None:
        self._folder = Folder(directory)
        self._synonyms = synonyms
        self._time_limit = time_limit
        self._segments = Segments()
        self._mine = local()

    def search(self, query: Query, synonyms: Synonyms | None = None) -> Results:
        """Never refuses a text; other `synonyms` can be tried.

        Raises `Unavailable` when the index is damaged.
        """
        view = self._view()
        if view is None:
            return Results()
        return self._start(view, query, synonyms).results()

    def suggest(
        self, prefix: str, audiences: frozenset[str], kinds: frozenset[str] | None = None
    ) -> list[str]:
        """Titles this reader may see that complete what was typed, from three letters on."""
        view = self._view()
        if view is None or len(prefix.strip()) < SHORTEST_PREFIX:
            return []
        query = Query(prefix, audiences, kinds=kinds, while_typing=True)
        return self._start(view, query).titles()

    def write(self, documents: Iterable[Document], removed_keys: Iterable[str] = ()) -> None:
        """Add or replace documents and remove others, in one commit; for the job queue alone."""
        changed = {document.key: document for document in documents}
        with self._folder.one_writer():
            path = self._folder.current()
            if path is None:
                path = self._folder.create()
                self._folder.swap_in(path)
            _commit(self._folder.index(path), changed, {*changed, *removed_keys})

    def rebuild(self, documents: Iterable[Document], progress: Progress) -> None:
        """Index everything anew beside the old, then swap; searches go on, other writers wait."""
        with self._folder.one_writer():
            total = known_length(documents)
            path = self._folder.create()
            writer = new_writer(self._folder.index(path), MEMORY_MB)
            try:
                done = 0
                for done, document in enumerate(documents, 1):
                    _add(writer, document)
                    if not done % 100:
                        progress(done, total)
                writer.commit()
            except BaseException:
                _abandon(writer)
                self._folder.drop(path)
                raise
            self._folder.swap_in(path)
            progress(done, done)

    def count(self) -> int:
        view = self._view()
        return view.term("share", "all").bit_count() if view else 0

    def is_healthy(self) -> str | None:
        """What is wrong with the index, in words; None when it can be searched."""
        if self._folder.current() is None:
            return "the search index has not been made: run portal reindex"
        try:
            self.count()
        except Unavailable as broken:
            return str(broken)
        return None

    def close(self) -> None:
        """Close what this thread has open."""
        mine: _Open | None = getattr(self._mine, "open", None)
        if mine:
            with suppress(ReaderClosed):  # a writer came between: see Folder.searcher
                mine.searcher.close()
            del self._mine.open

    def _start(self, view: View, query: Query, synonyms: Synonyms | None = None) -> Search:
        known = synonyms or self._synonyms()  # read before the search has its time
        return Search(Sight(view, query.audiences, Deadline(self._time_limit)), query, known)

    def _view(self) -> View | None:
        """This thread's view, fresh; None before anything was ever indexed."""
        path = self._folder.current()
        mine: _Open | None = getattr(self._mine, "open", None)
        if mine and mine.path != path:
            self.close()
            mine = None
        if path is None:
            return None
        try:
            searcher = self._folder.searcher(path, mine and mine.searcher)
        except Unavailable:
            self.close()
            raise
        if mine is None or searcher is not mine.searcher:
            self._mine.open = mine = _Open(path, searcher, View(searcher, self._segments))
        return mine.view


def _add(writer: SegmentWriter, document: Document) -> None:
    for row in rows(document):
        writer.add_document(**row)


def _commit(index: FileIndex, documents: dict[str, Document], replaced: set[str]) -> None:
    writer = new_writer(index, MEMORY_MB)
    try:
        with writer.searcher() as searcher:
            for key in replaced:
                for number in list(searcher.document_numbers(key=key)):
                    writer.delete_document(number)
        for document in documents.values():
            _add(writer, document)
        writer.commit()
    except BaseException:
        _abandon(writer)
        raise


def _abandon(writer: SegmentWriter) -> None:
    """A failed commit keeps the lock in Whoosh 2.7.4: take it off, or nothing is written again."""
    with suppress(Exception):
        writer.cancel()
    if writer.writelock.fd is not None:
        writer.writelock.release()
