"""`quote` and `verify-ledger`: prices and books, for an auditor outside."""

import argparse
import json
from pathlib import Path
from typing import Any

from portal.core.states import Refused
from portal.dues.clashes import clash
from portal.dues.needs import Unreadable
from portal.dues.pricing import quote_file
from portal.dues.queries import ledger_faults
from portal.dues.rule_kinds import read_book
from portal.verbs.saying import say


def add_to(verbs: Any) -> None:
    one = verbs.add_parser("quote", help="priced lines, as JSON, for cases under a tariff")
    one.add_argument("file", type=Path)
    one.add_argument("--json", action="store_true", help="it always answers so")
    one.set_defaults(run=quote, without_app=True)
    one = verbs.add_parser("verify-ledger", help="prove that the books add up")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=verify_ledger)


def quote(asked: argparse.Namespace) -> None:
    try:
        asked_for = json.loads(asked.file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Refused(f"{asked.file} cannot be read as JSON: {error}") from error
    try:
        answer = quote_file(asked_for)
        if fault := clash(read_book(asked_for)["rules"]):
            raise Unreadable(fault)
    except Unreadable as why:
        raise Refused(f"{asked.file}: {why}") from why
    except RecursionError as why:
        raise Refused(f"{asked.file} holds objects within objects without end.") from why
    say(json.dumps(answer, indent=1, default=str, ensure_ascii=False))


def verify_ledger(asked: argparse.Namespace) -> dict[str, object]:
    found = list(ledger_faults())
    if not asked.json:
        say("\n".join(found) or "The books add up: journals, invoices, payments, numbers.")
    return {"ok": not found, "faults": found}
