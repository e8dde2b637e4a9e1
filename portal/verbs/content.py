"""`content sync`, `content export`, `reindex`, `search`, `load-measures`: what can be read."""

import argparse
from pathlib import Path
from typing import Any

from portal.accounts.models import Person
from portal.accounts.queries import person_by_email
from portal.core.db import db
from portal.core.search import Query, index
from portal.core.states import Refused
from portal.home.finding import audiences
from portal.legislation.actions import load_measures
from portal.legislation.actions.sessions import load_sessions
from portal.library import files
from portal.places.actions import load_places
from portal.verbs.saying import bar, say

CONTENT = Path(__file__).parents[2] / "content"
PLACES = CONTENT / "places.csv"
MEASURES = CONTENT / "measures.csv"
SESSIONS = CONTENT / "sessions.csv"
LIBRARY = CONTENT / "library"


def add_to(verbs: Any) -> None:
    content = verbs.add_parser("content", help="practices between files and database")
    kinds = content.add_subparsers(dest="what", required=True, metavar="sync|export")
    one = kinds.add_parser("sync", help="take content/library, places and measures over")
    one.add_argument(
        "folder", type=Path, nargs="?", default=LIBRARY,
        help="practices from there, as content export wrote them",
    )  # fmt: skip
    one.add_argument("--json", action="store_true")
    one.add_argument("--dry-run", action="store_true", help="say what would happen, keep nothing")
    one.add_argument("--allow-archive", action="store_true", help="archive what lost its file")
    one.add_argument(
        "--allow-widening", action="store_true", help="an approver lets files open practices"
    )
    one.set_defaults(run=sync)
    one = kinds.add_parser("export", help="write every practice as a file")
    one.add_argument("folder", type=Path)
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=export)
    one = verbs.add_parser("reindex", help="make the search index anew and swap it in")
    one.add_argument("--verify", action="store_true", help="only compare it with the database")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=reindex)
    one = verbs.add_parser("search", help="what a person would find")
    one.add_argument("text")
    one.add_argument(
        "--as", dest="email", default="", help="whose search; a visitor's if left out"
    )
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=search)


def sync(asked: argparse.Namespace) -> dict[str, object]:
    if not asked.folder.is_dir():
        raise Refused(f"There is no folder {asked.folder}.")
    load_places(PLACES)
    load_measures(MEASURES)
    load_sessions(SESSIONS)
    rules = files.Rules(asked.dry_run, asked.allow_archive, asked.allow_widening)
    outcomes = files.sync(asked.folder, bar, rules)
    if asked.dry_run:
        db.session.rollback()
    else:
        db.session.commit()
        index.rebuild(lambda done, of: bar("search index", done, of))
    if not asked.json:
        for one in outcomes:
            say(f"{one.what:10}  {one.slug:60}  {one.words}".rstrip())
            for line in (*one.lines, *one.warnings):
                say(f"            {line}")
        say("Nothing was kept." if asked.dry_run else "")
    bad = [one for one in outcomes if one.what in {"refused", "conflict"}]
    return {"ok": not bad, "practices": [vars(one) for one in outcomes]}


def export(asked: argparse.Namespace) -> dict[str, object]:
    written = list(files.export(asked.folder))
    db.session.commit()
    if not asked.json:
        say(f"{len(written)} practices written under {asked.folder}.")
    return {"ok": True, "folder": asked.folder, "practices": len(written)}


def reindex(asked: argparse.Namespace) -> dict[str, object]:
    if not asked.verify:
        index.rebuild(lambda done, of: bar("search index", done, of))
        held = index.engine().count()
        if not asked.json:
            say(f"The index holds {held} documents.")
        return {"ok": True, "index": held}
    held, there = index.engine().count(), sum(1 for _ in index.everything())
    if not asked.json:
        say(f"The index holds {held} documents, the database {there}.")
    return {"ok": held == there, "index": held, "database": there}


def search(asked: argparse.Namespace) -> list[dict[str, object]]:
    found = index.found(
        Query(text=asked.text, audiences=audiences(_person(asked.email)), page_size=20)
    )
    rows: list[dict[str, object]] = [
        {"kind": hit.kind, "title": hit.title, "url": hit.url, "locked": hit.locked}
        for hit in found.hits
    ]
    if not asked.json:
        for row in rows:
            lock = "  (locked)" if row["locked"] else ""
            say(f"{row['kind']:10} {row['title']}  {row['url']}{lock}")
        say(
            f"{found.total} found."
            + (f" Did you mean {found.did_you_mean}?" if found.did_you_mean else "")
        )
    return rows


def _person(email: str) -> Person | None:
    if not email:
        return None
    person = db.session.scalar(person_by_email(email))
    if person is None:
        raise Refused(f"Nobody here has the address {email}.")
    return person
