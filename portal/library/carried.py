"""Attachments on their way through files: named in the front matter, laid beside the practice."""

import hashlib
import re
from pathlib import Path
from typing import Any

from portal.core import files, jobs
from portal.core.db import db
from portal.core.file_checks import checked
from portal.core.states import Refused
from portal.library import attachments
from portal.library.actions import entry
from portal.library.models import Attachment, Practice

FOLDER = "files"
NAME = re.compile(r"[0-9a-f]{8}-[a-z0-9-]{1,60}\.[a-z]{3,4}")
FORGET = "portal.library.jobs.forget_file"


def write(practice: Practice, folder: Path) -> None:
    """The bytes of every attachment, beside the practices of its theme."""
    for one in practice.attachments:
        path = folder / FOLDER / entry(one)["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files.store().get(one.key))


def look_at(listed: list[Any], folder: Path) -> None:
    """Refuse what `take` would, and keep nothing: bytes would outlive what is rolled back."""
    for one in listed:
        _, _, path = _checked(one, folder / FOLDER)
        checked(path.read_bytes(), path.name)


def take(practice: Practice, listed: list[Any], folder: Path) -> None:
    """Make the attachments those that a file lists. Raises `Refused` with the key and the reason.

    A file without the list has no attachments, as it has no other thing that it does not name.
    """
    wanted = [_checked(one, folder / FOLDER) for one in listed]
    db.session.flush()
    kept = {one.sha256: one for one in practice.attachments}
    for one in practice.attachments:
        if one.sha256 not in {sha for sha, _, _ in wanted}:
            remove(one)
    for sha, title, path in wanted:
        if sha not in kept:
            made = attachments.attach(practice, path.read_bytes(), path.name, title)
            if made.sha256 != sha:
                raise Refused(f"attachments: {path.name} is not kept as it is: take it in by hand")
        elif kept[sha].title != title:
            kept[sha].title = title
    db.session.flush()
    db.session.expire(practice, ["attachments"])


def remove(one: Attachment) -> None:
    """The row goes with the caller's commit, its bytes after it."""
    key = one.key
    attachments.remove(one)
    jobs.queue(FORGET, key=f"forget:{key}", file_key=key)


def _checked(listed: Any, folder: Path) -> tuple[str, str, Path]:
    """Of an entry: the checksum, the title, and where its bytes are."""
    facts = listed if isinstance(listed, dict) else {}
    name, title, sha = (str(facts.get(one, "")) for one in ("file", "title", "sha256"))
    if not NAME.fullmatch(name) or not title or len(title) > 120:
        raise Refused("attachments: each gives file, title and sha256")
    path = folder / name
    if not path.is_file() or path.is_symlink():
        raise Refused(f"attachments: {FOLDER}/{name} is not there")
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha:
        raise Refused(f"attachments: {FOLDER}/{name} is not the file whose checksum is given")
    return sha, title, path
