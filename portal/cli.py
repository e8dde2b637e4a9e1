"""The `portal` command. Exit 0 done, 1 refused or found wrong, 2 wrong use."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DatabaseError

from portal import create_app
from portal.core.config import BadSetting, Settings
from portal.core.states import Refused
from portal.verbs import accounts, bills, books, content, keeping, searching, serving, simulating

Verb = Callable[[argparse.Namespace], Any]
GROUPS = (serving, accounts, keeping, content, searching, books, bills, simulating)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="portal", description=__doc__)
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    for group in GROUPS:
        group.add_to(verbs)
    return top


def main(words: list[str] | None = None) -> int:
    asked = parser().parse_args(words)
    try:
        report = _run(asked)
    except (BadSetting, Refused) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    except BrokenPipeError:
        return 0
    except DatabaseError as trouble:
        sys.stderr.write(f"The database refused ({type(trouble).__name__}): see portal check.\n")
        return 1
    if report is not None and getattr(asked, "json", False):
        sys.stdout.write(json.dumps(report, default=str, indent=1) + "\n")
    return 1 if isinstance(report, dict) and report.get("ok") is False else 0


def _run(asked: argparse.Namespace) -> Any:
    if getattr(asked, "without_app", False):
        return asked.run(asked)
    app = create_app(Settings.from_environment(os.environ))
    asked.settings = app.extensions["settings"]
    Path(asked.settings.data).mkdir(parents=True, exist_ok=True)
    with app.app_context():
        asked.app = app
        return asked.run(asked)


if __name__ == "__main__":
    sys.exit(main())
