"""Backup and restore: database, files and content in one checksummed archive.

A gzip'd tar of `manifest.json` (SHA-256 of every other member), `tables/<name>.jsonl`,
`files/…` and `content/…`. Rows travel as JSON, so that a backup of SQLite restores into
PostgreSQL and the other way round.
"""

import base64
import gzip
import hashlib
import io
import json
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Date, LargeBinary, Table, func, insert, select, text

from portal.core import clock, migrations
from portal.core.db import Model, UtcDateTime, db
from portal.core.states import Refused

CONTENT = Path(__file__).parents[2] / "content"
BATCH = 500
# What our gzip begins with, no name and no time in it. A comment follows: the SHA-256 of all
# after it, since a bit may flip in a packed file without changing what it unpacks to.
HEADER = bytes.fromhex("1f8b08 10 00000000 02 ff")
BARE = bytes.fromhex("1f8b08 00 00000000 02 ff")  # of backups made before: no comment
FAULTS = (
    OSError, EOFError, zlib.error, tarfile.TarError, KeyError, ValueError, AttributeError,
)  # fmt: skip


class DamagedBackup(Refused):
    """The archive is not what was written: nothing of it was restored."""


def write(archive: Path, files: Path) -> int:
    """Write everything to `archive`, whole or not at all; the number of members."""
    part = archive.with_name(archive.name + ".part")
    sums: dict[str, str] = {}
    with (
        part.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for name, body in _members(files):
            sums[name] = hashlib.sha256(body).hexdigest()
            _add(tar, name, body)
        facts = {"made_at": clock.now(), "schema": migrations.current(), "sha256": sums}
        _add(tar, "manifest.json", json.dumps(facts, default=str, indent=1).encode())
    _seal(part, archive)
    return len(sums)


def _seal(part: Path, archive: Path) -> None:
    """The same with the sum of its packed bytes at its beginning."""
    sealed = part.with_name(part.name + ".sealed")
    with part.open("rb") as file, sealed.open("wb") as out:
        file.seek(len(BARE))
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(len(BARE))
        out.write(HEADER + digest.encode() + b"\0")
        shutil.copyfileobj(file, out)
    part.unlink()
    sealed.replace(archive)


def _add(tar: tarfile.TarFile, name: str, body: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(body)
    tar.addfile(info, io.BytesIO(body))


def _members(files: Path) -> Iterator[tuple[str, bytes]]:
    with db.engine.connect() as connection:
        for table in Model.metadata.sorted_tables:
            rows = connection.execute(select(table).order_by(*table.primary_key)).mappings()
            lines = [json.dumps(dict(row), default=_plain) for row in rows]
            yield f"tables/{table.name}.jsonl", "\n".join(lines).encode()
    for folder, root in (("files", files), ("content", CONTENT)):
        for path in sorted(root.rglob("*")) if root.is_dir() else ():
            if path.is_file():
                yield f"{folder}/{path.relative_to(root).as_posix()}", path.read_bytes()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def read(archive: Path) -> dict[str, bytes]:
    """Every member, checked against its sum. Raises `DamagedBackup`."""
    try:
        whole = archive.read_bytes()
        _check_seal(whole)
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(whole))) as tar:
            found = {
                member.name: tar.extractfile(member).read()  # type: ignore[union-attr]
                for member in tar.getmembers()
            }
        facts = json.loads(found.pop("manifest.json"))
    except FAULTS as error:
        raise DamagedBackup(
            f"{archive.name} is damaged: {error}. Nothing was restored."
        ) from error
    sums = {name: hashlib.sha256(body).hexdigest() for name, body in found.items()}
    if sums != facts["sha256"]:
        raise DamagedBackup(f"{archive.name} is damaged: checksums differ. Nothing was restored.")
    return found | {"schema": (facts["schema"] or "").encode()}


def _check_seal(whole: bytes) -> None:
    if whole.startswith(BARE):
        return
    digest, end, packed = whole[len(HEADER) :].partition(b"\0")
    if not whole.startswith(HEADER) or not end:
        raise ValueError("it does not begin as a backup does")
    if hashlib.sha256(packed).hexdigest().encode() != digest:
        raise ValueError("its packed bytes are not those that were written")


def restore(archive: Path, files: Path) -> int:
    """Put everything into an empty, migrated portal; the number of rows.

    Content files are laid in `content` beside the files, for a person to compare; the practices
    themselves are rows. Raises `Refused` when the portal is not empty.
    """
    members = read(archive)
    if members.pop("schema").decode() != migrations.head():
        raise Refused("Another version made this backup: restore it with that one, then upgrade.")
    tables = Model.metadata.sorted_tables
    if any(db.session.scalar(select(func.count()).select_from(table)) for table in tables):
        raise Refused("This portal is not empty: restore into a new one (another PORTAL_DATA).")
    roots = {"files": files, "content": files.parent / "content"}
    laid = [_place(roots, name, body) for name, body in members.items() if _is_file(name)]
    rows = sum(_restore_table(table, members[f"tables/{table.name}.jsonl"]) for table in tables)
    db.session.commit()
    for path, body in laid:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return rows


def _restore_table(table: Table, body: bytes) -> int:
    lines = body.decode().splitlines()
    rows = [_typed(table, json.loads(line)) for line in lines]
    if any(key.column.table is table for key in table.foreign_keys):
        rows.sort(key=lambda row: row["id"])  # a row that points at its own table comes later
    for start in range(0, len(rows), BATCH):
        db.session.execute(insert(table), rows[start : start + BATCH])
    if rows and db.engine.dialect.name == "postgresql":
        last = "SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)"
        facts = {"table": table.name, "last": max(row["id"] for row in rows)}
        db.session.execute(text(last), facts)
    return len(rows)


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    for column in table.c:
        value = row.get(column.name)
        if value is None:
            continue
        if isinstance(column.type, UtcDateTime):
            row[column.name] = datetime.fromisoformat(value)
        elif isinstance(column.type, Date):
            row[column.name] = date.fromisoformat(value)
        elif isinstance(column.type, LargeBinary):
            row[column.name] = base64.b64decode(value)
    return row


def _is_file(name: str) -> bool:
    return name.startswith(("files/", "content/"))


def _place(roots: dict[str, Path], name: str, body: bytes) -> tuple[Path, bytes]:
    """Where a file of the archive belongs; asked of every one before anything is written."""
    folder, _, rest = name.partition("/")
    root = roots[folder].resolve()
    path = (root / rest).resolve()
    if not path.is_relative_to(root):
        raise DamagedBackup(f"The archive names a file outside its folder: {name}.")
    return path, body
