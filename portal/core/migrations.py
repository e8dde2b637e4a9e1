"""Migrations: numbered, one after another; the file HEAD names the last."""

from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from portal.core.db import db

FOLDER = Path(__file__).parents[2] / "migrations"


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    return made


def head() -> str:
    """The number this code expects, such as `0003`."""
    return (FOLDER / "HEAD").read_text().strip()


def current() -> str | None:
    """The number the database is at; None when it is empty."""
    return MigrationContext.configure(db.session.connection()).get_current_revision()


def upgrade(to: str = "head") -> None:
    """Bring the database up to date, in one transaction; at once when it is already."""
    _run(command.upgrade, to)


def downgrade(to: str) -> None:
    _run(command.downgrade, to)


def _run(what: object, to: str) -> None:
    db.session.rollback()  # SQLite has one writer, and this session may be it
    with db.engine.begin() as connection:
        made = config()
        made.attributes["connection"] = connection
        what(made, to)  # type: ignore[operator]


def allow_values(
    table: str, column: str, kind: str, old: tuple[str, ...], new: tuple[str, ...]
) -> None:
    """In a migration: let a column of an enumeration hold other values, with no row rewritten.

    SQLite cannot alter a check, and rebuilding an append-only table would lose its guards: its own
    documentation (lang_altertable, section 7) has the schema's text edited instead.
    """
    name = f"ck_{table}_{kind}"
    if op.get_context().dialect.name != "sqlite":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, f"{column} IN ({_listed(new)})")
        return
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    done = connection.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) "
        "WHERE type = 'table' AND name = ? AND instr(sql, ?) > 0",
        (f"IN ({_listed(old)})", f"IN ({_listed(new)})", table, f"IN ({_listed(old)})"),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
    if done.rowcount != 1:
        raise RuntimeError(f"{name} does not read as expected")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)
