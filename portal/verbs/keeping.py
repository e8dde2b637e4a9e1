"""`check`, `backup`, `restore`, `take-bounce`, `check-audit`: looking after a portal."""

import argparse
import sys
from pathlib import Path
from typing import Any

from portal.accounts import erased
from portal.core import audit, backup, mail, migrations, network_folders, visitors
from portal.core.db import db
from portal.core.search import index
from portal.core.states import Refused
from portal.core.stripe_gateway import gateway
from portal.home.health import faults
from portal.verbs.saying import bar, say

LARGEST = 10 * 2**20  # bytes of a report, the mail that came back included


def add_to(verbs: Any) -> None:
    one = verbs.add_parser(
        "check", help="settings, migrations, search, mail, jobs, storage in words"
    )
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=check)
    one = verbs.add_parser("backup", help="everything in one checksummed archive")
    one.add_argument("file", type=Path)
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=write_backup)
    one = verbs.add_parser("restore", help="an archive into an empty portal")
    one.add_argument("file", type=Path)
    one.add_argument(
        "--erased", type=Path, help="the list of erasures of the portal that was, erased.jsonl"
    )
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=restore)
    one = verbs.add_parser("take-bounce", help="a delivery status message on standard input")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=take_bounce)
    one = verbs.add_parser("check-audit", help="prove that the audit record is whole")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=check_audit)


def take_bounce(asked: argparse.Namespace) -> dict[str, object]:
    """For the pipe of a mail server: it must not answer a report with another bounce."""
    count = mail.take_report(sys.stdin.buffer.read(LARGEST))
    db.session.commit()
    if not asked.json:
        say(f"{count} of our mails came back." if count else "None of our mails is meant.")
    return {"ok": True, "came_back": count}


def check(asked: argparse.Namespace) -> dict[str, object]:
    found = faults()
    found["folders"] = network_folders.fault(asked.settings)
    found["proxies"] = visitors.fault(asked.settings)
    found["card payments"] = None if gateway().is_configured else "off: STRIPE_KEY is not set"
    if not asked.json:
        for part, fault in found.items():
            say(f"{part}: {fault or 'well'}")
    serious = [fault for part, fault in found.items() if fault and part != "card payments"]
    return {"ok": not serious, "parts": found, "schema": migrations.current()}


def write_backup(asked: argparse.Namespace) -> dict[str, object]:
    members = backup.write(asked.file, asked.settings.data / "files")
    if not asked.json:
        say(f"{asked.file} holds {members} members, each with its checksum.")
    return {"ok": True, "file": asked.file, "members": members}


def restore(asked: argparse.Namespace) -> dict[str, object]:
    if asked.erased and not asked.erased.is_file():
        raise Refused(f"There is no list of erasures at {asked.erased}.")
    backup.read(asked.file)  # a damaged archive is refused before anything is made
    migrations.upgrade()
    rows = backup.restore(asked.file, asked.settings.data / "files")
    known = asked.erased or erased.place()
    count = erased.again(known) if known.is_file() else None
    index.rebuild(lambda done, of: bar("search index", done, of))
    if not asked.json:
        say(f"{rows} rows restored; the search index was made anew.")
        say(_words_for_erased(count))
    return {"ok": True, "rows": rows, "erased_again": count}


def _words_for_erased(count: int | None) -> str:
    """`count` is None when there was no list."""
    if count is None:
        return f"No list of erasures ({erased.NAME}) was given: nobody was erased again."
    return f"{count} people who were erased after the backup are erased again."


def check_audit(asked: argparse.Namespace) -> dict[str, object]:
    faults_found = list(audit.broken_links())
    if not asked.json:
        say("\n".join(faults_found) or "The audit record is whole.")
    return {"ok": not faults_found, "faults": faults_found}
