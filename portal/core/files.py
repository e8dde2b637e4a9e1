"""Uploads and other blobs, behind one interface; here a directory."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from flask import Flask, current_app

from portal.core.config import Settings
from portal.core.states import Refused

# Known by their first bytes; a name or a declared type is never believed.
SIGNATURES = {
    b"%PDF-": ("application/pdf", ".pdf"),
    b"\x89PNG\r\n\x1a\n": ("image/png", ".png"),
    b"\xff\xd8\xff": ("image/jpeg", ".jpg"),
}
MOST = 10 * 2**20


class UnknownFile(Refused):
    """A file that is missing from the store."""


@dataclass(frozen=True)
class Stored:
    key: str
    content_type: str
    size: int  # bytes
    sha256: str


class Store(Protocol):
    def put(self, key: str, body: bytes) -> None: ...
    def get(self, key: str) -> bytes: ...
    def delete(self, key: str) -> None: ...
    def check(self) -> str | None: ...


class DirectoryStore:
    """Keys are ours and random: `ab/ab12…`; nothing a person typed becomes a path."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, key: str) -> Path:
        if not key.replace(".", "").isalnum() or key.startswith("."):
            raise UnknownFile("There is no such file.")
        return self.root / key[:2] / key

    def put(self, key: str, body: bytes) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise UnknownFile("There is no such file.") from None

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def check(self) -> str | None:
        """What is wrong with the store, in words; None when files can be written."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            probe = self.root / ".probe"
            probe.write_bytes(b"")
            probe.unlink(missing_ok=True)
        except OSError as error:
            return f"files cannot be written: {error.strerror}"
        return None


def store() -> Store:
    return current_app.extensions["files"]


def keep(body: bytes) -> Stored:
    """Store an upload under a random key. Raises `Refused` in words: too big, unknown type."""
    if len(body) > MOST:
        raise Refused("The file is larger than 10 MB: send a smaller one.")
    for start, (content_type, suffix) in SIGNATURES.items():
        if body.startswith(start):
            return put(body, content_type, suffix)
    raise Refused("Only PDF, PNG and JPEG files can be sent.")


def put(body: bytes, content_type: str, suffix: str) -> Stored:
    """Store what its caller has checked, under a random key that ends in `suffix`, like `.pdf`."""
    key = secrets.token_hex(16) + suffix
    store().put(key, body)
    return Stored(key, content_type, len(body), hashlib.sha256(body).hexdigest())


def init_app(app: Flask, settings: Settings) -> None:
    app.extensions["files"] = DirectoryStore(settings.data / "files")
