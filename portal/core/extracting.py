"""Has the text of a file read by a program of its own: what breaks it breaks nothing else."""

import json
import logging
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("extraction.py")
SECONDS = 60
log = logging.getLogger(__name__)


def text_of(kind: str, body: bytes, seconds: int = SECONDS) -> tuple[str, list[str]]:
    """`ok`, `partial`, `failed` or `no_text`, and the text of each page; `kind` is like `pdf`.

    Slow: the caller holds no transaction.
    """
    command = [sys.executable, "-I", str(PROGRAM), kind]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and a kind from our own list
            command, input=body, capture_output=True, timeout=seconds, check=True
        )
        found = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        log.warning("the text of a %s file could not be read: %s", kind, type(error).__name__)
        return "failed", []
    return found["status"], found["pages"]
