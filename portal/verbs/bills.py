"""`import-bills`, `export-bills`: legislation in and out."""

import argparse
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from portal.association.queries import today
from portal.core.db import db
from portal.core.states import Refused
from portal.legislation.actions.importing import begin, rehearse, take_in
from portal.legislation.actions.sessions import load_sessions
from portal.legislation.bills import Unreadable
from portal.legislation.exports import lines
from portal.legislation.formats import table
from portal.legislation.sources import SOURCES
from portal.places.actions import load_places
from portal.verbs.content import PLACES, SESSIONS
from portal.verbs.saying import bar, say


def add_to(verbs: Any) -> None:
    one = verbs.add_parser("import-bills", help="bills from files of another body's")
    one.add_argument("source", choices=sorted(SOURCES), metavar="SOURCE",
                     help=", ".join(sorted(SOURCES)))  # fmt: skip
    one.add_argument("path", type=Path, help="a file, or a folder of any depth")
    one.add_argument("--mapping", type=Path, metavar="FILE",
                     help="for csv: how a list of another body's is read (JSON)")  # fmt: skip
    one.add_argument("--dry-run", action="store_true", help="say what would happen, keep nothing")
    _as_of(one)
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=import_bills)
    one = verbs.add_parser("export-bills", help="every imported bill, a JSON object a line")
    one.add_argument("file", type=Path)
    _as_of(one)
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=export_bills)


def _as_of(verb: Any) -> None:
    verb.add_argument("--as-of", type=date.fromisoformat, default=None, metavar="DATE",
                      help="reckon stages as of that day, not of today")  # fmt: skip


def import_bills(asked: argparse.Namespace) -> dict[str, Any]:
    """What cannot be read is listed and left out; the run itself goes on to its end."""
    if not asked.path.exists():
        raise Refused(f"There is no {asked.path}.")
    load_places(PLACES)
    load_sessions(SESSIONS)
    db.session.commit()
    found = _files(asked.path, SOURCES[asked.source].endings)
    files = _lists(found, asked.mapping) if asked.source == "csv" else _read(found)
    day = asked.as_of or today()
    if asked.dry_run:
        counts, problems = rehearse(asked.source, files)
    else:
        run = begin(asked.source, str(asked.path))
        take_in(run, files, day, lambda done: bar("records", done, None))
        counts, problems = run.counts, [f"{one.name}: {one.message}" for one in run.problems]
    if not asked.json:
        _say_all(counts, problems, len(found))
    return {"ok": not counts["failed"], "files": len(found), **counts, "problems": problems}


def _files(path: Path, endings: tuple[str, ...]) -> list[Path]:
    """In order of their names, so that numbered revisions follow one another."""
    if path.is_file():
        return [path]
    inside = (one for one in path.rglob("*") if one.suffix.lower() in endings)
    return sorted(one for one in inside if one.is_file() and not one.is_symlink())


def _read(paths: list[Path]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        yield str(path), path.read_bytes()


def _lists(paths: list[Path], mapping: Path | None) -> Iterator[tuple[str, bytes]]:
    """Rows of lists with their events; all is read before the first is taken in."""
    try:
        own = table.own_mapping(mapping) if mapping else None
        return iter(list(table.joined(_read(paths), own)))
    except (OSError, Unreadable) as trouble:
        raise Refused(f"{trouble}.") from None


def _say_all(counts: dict[str, int], problems: list[str], files: int) -> None:
    say(f"{files} files: " + ", ".join(f"{counts[name]} {name}" for name in counts))
    for one in problems[:50]:
        say(f"  {one}")
    if len(problems) > 50:
        say(f"  … and {len(problems) - 50} more: see the page of imports")


def export_bills(asked: argparse.Namespace) -> dict[str, Any]:
    """Written beside and moved into place, so that nobody reads half a file."""
    part = asked.file.with_name(asked.file.name + ".part")
    count = 0
    with part.open("w", encoding="utf-8") as file:
        for line in lines(asked.as_of):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
            if count % 500 == 0:
                bar("bills", count, None)
    part.rename(asked.file)
    if not asked.json:
        say(f"{count} bills in {asked.file}")
    return {"ok": True, "bills": count}
