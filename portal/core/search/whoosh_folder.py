"""Where an index lies: a pointer file names the current folder, so a new one swaps in whole."""

import fcntl
import json
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whoosh import fields, index
from whoosh.columns import NumericColumn
from whoosh.searching import Searcher

from portal.core.search.document import Unavailable
from portal.core.search.rows import FORMAT, NO_DATE
from portal.core.search.whoosh_fields import Places, Terms

TRIES = 5  # to open an index that is being written
WAIT = 10  # seconds for another writer to finish
POINTER = "current.json"


def schema() -> fields.Schema:
    """Scores are read from `title` and `body`; places, which take longest to read, stand apart:
    of stems in `row`, of words as they were written in `words`.
    """
    return fields.Schema(
        key=Terms(),
        kind=Terms(),
        share=Terms(),  # "all" or "teaser"
        audience=Terms(),
        barred=Terms(),
        facet=Terms(),
        exact=Terms(),
        title=Terms(),
        body=Terms(),
        row=Places(),
        words=Places(),
        title_length=fields.COLUMN(NumericColumn("i")),
        body_length=fields.COLUMN(NumericColumn("i")),
        date=fields.COLUMN(NumericColumn("i", default=NO_DATE)),
        reviewed=fields.COLUMN(NumericColumn("i", default=NO_DATE)),
        due=fields.COLUMN(NumericColumn("i", default=NO_DATE)),
        useful=fields.COLUMN(NumericColumn("i", default=0)),
        boost=fields.COLUMN(NumericColumn("f", default=1.0)),
        shown=fields.STORED,
    )


class Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def current(self) -> Path | None:
        """The folder of the index in use; None before the first, or after a change of format."""
        try:
            known = json.loads((self.root / POINTER).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return self.root / known["folder"] if known.get("format") == FORMAT else None

    def index(self, path: Path) -> index.FileIndex:
        return index.open_dir(str(path))

    def searcher(self, path: Path, former: Searcher | None) -> Searcher:
        """`former` itself while nothing has changed. Raises `Unavailable`.

        A writer may take files away between reading which there are and opening them: then what
        was open is half closed, and all is opened anew.
        """
        for attempt in range(TRIES):
            try:
                return former.refresh() if former else self.index(path).searcher()
            except Exception as broken:
                former, fault = None, broken
                time.sleep(0.01 * attempt)
        raise Unavailable("The search index is damaged: make it anew with reindex.") from fault

    def create(self) -> Path:
        """An empty index beside the current one, that nobody reads yet."""
        path = self.root / f"index-{secrets.token_hex(6)}"
        path.mkdir(parents=True)
        index.create_in(str(path), schema())
        return path

    def drop(self, path: Path) -> None:
        shutil.rmtree(path, ignore_errors=True)

    def swap_in(self, path: Path) -> None:
        """Make a finished index the current one; the former stays for those still reading it."""
        former = self.current()
        part = self.root / f"{POINTER}.part"
        part.write_text(json.dumps({"format": FORMAT, "folder": path.name}), "utf-8")
        part.replace(self.root / POINTER)
        self._sweep({path, former})

    def _sweep(self, kept: set[Path | None]) -> None:
        """Remove older folders and what a killed rebuild left."""
        for path in self.root.glob("index-*"):
            if path not in kept:
                self.drop(path)

    @contextmanager
    def one_writer(self) -> Iterator[None]:
        """Among all processes; a dead one's hold ends with it. Raises `Unavailable`."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "writer.lock").open("w") as lock:
            until = time.monotonic() + WAIT
            while not _taken(lock.fileno()):
                if time.monotonic() > until:
                    raise Unavailable("The search index is being written: try again later.")
                time.sleep(0.02)
            yield


def _taken(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
