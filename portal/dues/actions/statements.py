"""Reading a bank's file, and importing what it brings. The caller commits."""

import hashlib
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Person
from portal.association.models import Association
from portal.association.queries import association
from portal.core import audit, clock
from portal.core.db import db
from portal.core.sheets import plain
from portal.core.states import Refused
from portal.dues import statements
from portal.dues.actions.certain import book_certain
from portal.dues.matching import words_of
from portal.dues.models import BankFile, BankLine, ColumnMap
from portal.dues.queries.statements import difference, packed
from portal.dues.statements import Record


def stage(body: bytes, name: str, columns: ColumnMap | None = None) -> BankFile:
    """Read a file and keep what it says until it is imported; nothing of it is booked.

    The same file again is the row it made before. Raises `Refused` for what is no statement.
    """
    digest = hashlib.sha256(body).hexdigest()
    known = _by_hash(digest)
    if known and known.imported_at:
        return known
    read = statements.read(body, columns.columns if columns else None)
    if not read.records and not read.problems:
        raise Refused("There is no movement in this file.")
    file = known or BankFile(sha256=digest)
    file.name, file.kind, file.read_at = plain(name)[:120] or "statement", read.kind, clock.now()
    file.records = [packed(one) for one in read.records]
    file.problems = [{"line": one.line, "words": one.words} for one in read.problems]
    db.session.add(file)
    try:
        db.session.flush()
    except IntegrityError:  # somebody sent the same file in the same moment
        db.session.rollback()
        return db.session.scalars(select(BankFile).filter_by(sha256=digest)).one()
    audit.record("bankfile.read", file, movements=len(read.records), problems=len(read.problems))
    return file


def _by_hash(digest: str) -> BankFile | None:
    return db.session.scalars(select(BankFile).filter_by(sha256=digest)).one_or_none()


def discard(file: BankFile) -> None:
    """Forget a file that was read and is not wanted. Raises `Refused` once it was imported."""
    _hold(file)
    audit.record("bankfile.discarded", file, name=file.name)
    db.session.delete(file)


def import_file(file: BankFile, by: Person | None = None) -> tuple[int, int]:
    """Add the lines that are not there yet; book those that are certain, where the association
    wants that. Answers how many were added and how many of them booked.

    Raises `Refused` when the file was imported before.
    """
    db.session.get(Association, 1, with_for_update=True)  # one import at a time
    _hold(file)
    found = difference(file)
    lines = [_line(file, key, one) for key, one in found.new.items()]
    db.session.add_all(lines)
    file.known_count, file.records = found.known, []
    file.imported_at, file.imported_by_id = clock.now(), by.id if by else None
    db.session.flush()
    audit.record("bankfile.imported", file, added=len(lines), known=found.known)
    booked = book_certain(lines, by) if association().books_alone else 0
    return len(lines), booked


def _hold(file: BankFile) -> None:
    db.session.refresh(file, with_for_update=True)
    if file.imported_at:
        raise Refused("This file was imported before: nothing of it is added again.")


def _line(file: BankFile, key: str, record: Record) -> BankLine:
    return BankLine(
        key=key, file_id=file.id, account=record.account, booked_on=record.booked_on,
        currency=record.currency, minor=record.minor, counterparty=record.counterparty,
        counterparty_account=record.counterparty_account, text=record.text,
        entry_reference=record.entry_reference,
        holder=record.counterparty_account or " ".join(words_of(record.counterparty)),
    )  # fmt: skip


def keep_columns(one: ColumnMap, facts: dict[str, Any]) -> None:
    """A column map with these facts; the name is taken when the database says so."""
    for name, value in facts.items():
        setattr(one, name, value)
    db.session.add(one)
    audit.record("columnmap.kept", f"columnmap:{facts['name']}", **facts)
