"""Has the text of a file read by a program of its own: what breaks it breaks nothing else."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("extraction.py")
BYLINES = Path(__file__).with_name("bylines.py")
SECONDS = 60
log = logging.getLogger(__name__)


def text_of(kind: str, body: bytes, seconds: int = SECONDS) -> tuple[str, list[str]]:
    """`ok`, `partial`, `failed` or `no_text`, and the text of each page; `kind` is like `pdf`.

    Slow: the caller holds no transaction.
    """
    try:
        found = _run(PROGRAM, kind, body, seconds)
    except (subprocess.SubprocessError, ValueError) as error:
        log.warning("the text of a %s file could not be read: %s", kind, type(error).__name__)
        return "failed", []
    return found["status"], found["pages"]


def names_in(kind: str, body: bytes, seconds: int = 20) -> list[str] | None:
    """Whom a file names beside its text, in properties, comments and marked changes.

    None where that cannot be read. Slow: the caller holds no transaction.
    """
    try:
        found: list[str] = _run(BYLINES, kind, body, seconds)
    except (subprocess.SubprocessError, ValueError):
        return None
    return found


def _run(program: Path, kind: str, body: bytes, seconds: int) -> Any:
    command = [sys.executable, "-I", str(program), kind]
    done = subprocess.run(  # noqa: S603 - our own program, and a kind from our own list
        command, input=body, capture_output=True, timeout=seconds, check=True
    )
    return json.loads(done.stdout)
