"""What the sandbox remembers: one SQLite file, so that a restart or a kill forgets nothing."""

import json
import secrets
import sqlite3
import string
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Thing = dict[str, Any]  # keys that begin with "_" are the sandbox's own and never answered

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS things (
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, object TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS things_by_object ON things (object, seq);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, request TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, event TEXT NOT NULL, kind TEXT NOT NULL, due REAL NOT NULL,
    turn INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'pending', answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due, turn, id);
"""
LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    return prefix + "".join(secrets.choice(LETTERS) for _ in range(length))


def public(thing: Thing) -> Thing:
    return {name: value for name, value in thing.items() if not name.startswith("_")}


def merged(old: dict[str, str], new: dict[str, str] | str | None) -> dict[str, str]:
    """Metadata after an update: an empty value unsets its key, an empty whole unsets all."""
    if isinstance(new, str):
        return {}
    return {key: value for key, value in {**old, **(new or {})}.items() if value}


class Store:
    """One connection behind one lock: a request is one transaction, seen whole or not at all."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._open = sqlite3.connect(
            folder / "sandbox.db", isolation_level=None, check_same_thread=False
        )
        self._open.row_factory = sqlite3.Row
        self._open.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; one inside another is part of the outer one."""
        with self._lock:
            self._depth += 1
            try:
                if self._depth > 1:
                    yield
                    return
                self._open.execute("BEGIN IMMEDIATE")
                try:
                    yield
                except BaseException:
                    self._open.execute("ROLLBACK")
                    raise
                self._open.execute("COMMIT")
            finally:
                self._depth -= 1

    def run(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._open.execute(statement, values).fetchall()

    def save(self, thing: Thing) -> Thing:
        """Write it as it now is; a new one comes last in the order of creation."""
        self.run(
            "INSERT INTO things (id, object, body) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            thing["id"], thing["object"], json.dumps(thing),
        )  # fmt: skip
        return thing

    def find(self, thing_id: str, kind: str | None = None) -> Thing | None:
        for row in self.run("SELECT object, body FROM things WHERE id = ?", thing_id):
            if kind in {None, row["object"]}:
                return json.loads(row["body"])
        return None

    def all_of(self, kind: str, *, after: str = "", before: str = "") -> Iterator[Thing]:
        """Newest first; `after` an id: the older ones; `before` an id: the newer, oldest first."""
        edge = self.run("SELECT seq FROM things WHERE id = ?", after or before)
        last = edge[0]["seq"] if edge else (0 if before else 1 << 62)
        sign, order = (">", "ASC") if before else ("<", "DESC")
        while rows := self.run(
            f"SELECT seq, body FROM things WHERE object = ? AND seq {sign} ?"  # noqa: S608 - ours
            f" ORDER BY seq {order} LIMIT 100", kind, last,
        ):  # fmt: skip
            yield from (json.loads(row["body"]) for row in rows)
            last = rows[-1]["seq"]

    def everything(self) -> dict[str, Any]:
        held: dict[str, Any] = {}
        for row in self.run("SELECT object, body FROM things ORDER BY seq"):
            held.setdefault(row["object"], []).append(json.loads(row["body"]))
        deliveries = self.run("SELECT * FROM deliveries ORDER BY id")
        held["deliveries"] = [dict(row) for row in deliveries]
        return held

    def forget(self) -> None:
        with self.transaction():
            for table in ("things", "answers", "deliveries"):
                self.run(f"DELETE FROM {table}")  # noqa: S608 - ours

    def close(self) -> None:
        with self._lock:
            self._open.close()
