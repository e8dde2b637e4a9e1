"""All rows at once: empty every table, keep every row, put them back."""

import re
import sqlite3
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Enum, UniqueConstraint, event, select, text

from portal.core import keeping
from portal.core.db import Model, db

TABLES = Model.metadata.sorted_tables
WRITE = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')
ANY_ROW = " UNION ALL ".join(
    f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM \"{table.name}\")" for table in TABLES
)


def empty():
    """No row in any table, not even in those that only grow."""
    keeping.KEPT.clear()  # the next rows have the numbers of these
    _empty()


def keep():
    """Every row of every table that has any, by the table's name."""
    with db.engine.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(_in_order(table))]
            for table in TABLES
        }
    return {name: rows for name, rows in found.items() if rows}


@contextmanager
def noting_writes():
    """The names of the tables this process writes to meanwhile."""
    written = set()

    def note(_connection, _cursor, statement, *_rest):
        if found := WRITE.match(statement):
            written.add(found[1])

    event.listen(db.engine, "before_cursor_execute", note)
    yield written
    event.remove(db.engine, "before_cursor_execute", note)


def put_back(kept, written=None):
    """The rows of `keep`, and nothing else; only the tables `written`, when they are known."""
    keeping.KEPT.clear()
    if written is not None:
        kept = {name: rows for name, rows in kept.items() if name in written}
    _empty(written)
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for table in TABLES:
            names = [column.name for column in table.c]
            rows = [dict(zip(names, row, strict=True)) for row in kept.get(table.name, ())]
            if rows:
                connection.execute(table.insert(), rows)
        if connection.dialect.name == "postgresql":
            number_on(connection, kept)


def multiply(names, times):
    """So many of every row of these tables; a copy points at the other copies of its world."""
    with db.engine.begin() as connection:
        copied = [table for table in TABLES if table.name in names]
        step = 1 + max(max(_ids(connection, table), default=0) for table in copied)
        for table in copied:
            rows = connection.execute(_in_order(table)).mappings().all()
            marked = _marked(table, names)
            copies = [_copy(row, table, names, marked, n * step) for n in range(1, times)
                      for row in rows]  # fmt: skip
            if copies:
                connection.execute(table.insert(), copies)
        if connection.dialect.name == "postgresql":
            number_on(connection, names)


def _ids(connection, table):
    return connection.scalars(select(table.c.id))


def _marked(table, names):
    """The column of each unique key that nothing else tells from the copies."""
    unique = [list(one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)]
    unique += [list(one.columns) for one in table.indexes if one.unique]
    alike = [key for key in unique if not any(_is_of(names, column) for column in key)]
    return {[one for one in key if not isinstance(one.type, Enum)][-1].name for key in alike}


def _is_of(names, column):
    return any(key.column.table.name in names for key in column.foreign_keys)


def _copy(row, table, names, marked, shift):
    made = dict(row)
    for column in table.c:
        value = made[column.name]
        if value is not None and (column.primary_key or _is_of(names, column)):
            made[column.name] = value + shift
        elif value is not None and column.name in marked:
            made[column.name] = f"{value}-{shift}" if isinstance(value, str) else value + shift
    return made


def changed(before, after):
    """The names of the tables that differ."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _in_order(table):
    return select(table).order_by(*table.primary_key)


def _empty(names=None):
    """The tables so named, or all that have a row."""
    if db.engine.dialect.name == "sqlite":
        _empty_sqlite(names)
    else:
        with db.engine.begin() as connection:
            if names is None:
                names = connection.exec_driver_sql(ANY_ROW).scalars().all()
            _empty_postgres(connection, names)


def _empty_postgres(connection, full):
    """Row by row and numbered from 1 again: a TRUNCATE of every table takes ten times as long."""
    statements = ["SET LOCAL session_replication_role = replica"]  # no guard, no foreign key
    for table in full:
        statements.append(f'DELETE FROM "{table}"')
        if "id" in Model.metadata.tables[table].c:
            statements.append(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1, false)")
    statements.append("SET LOCAL session_replication_role = origin")
    connection.exec_driver_sql("; ".join(statements))


@cache
def _cleaner(path):
    """A connection whose triggers refuse nothing: it is told to leave out what they select.

    Dropping and making the guards anew would have every connection read the schema again.
    """
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=500)
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.set_authorizer(_without_triggers)
    return connection


def _without_triggers(action, _first, _second, _database, trigger):
    leave_out = trigger and action == sqlite3.SQLITE_SELECT
    return sqlite3.SQLITE_IGNORE if leave_out else sqlite3.SQLITE_OK


def _empty_sqlite(names):
    connection = _cleaner(db.engine.url.database)
    connection.execute("BEGIN IMMEDIATE")
    with connection:  # commits, or rolls back what failed
        full = [name for (name,) in connection.execute(ANY_ROW)] if names is None else names
        for name in full:
            connection.execute(f'DELETE FROM "{name}"')


def number_on(connection, kept):
    """New rows are numbered after the ones put back; SQLite does so by itself."""
    lasts = [
        f"setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM \"{table}\"))"
        for table in kept
        if "id" in Model.metadata.tables[table].c
    ]
    connection.exec_driver_sql(f"SELECT {', '.join(lasts)}")
