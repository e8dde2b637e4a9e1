"""Migrations: numbered, one after another; the file HEAD names the last."""

from pathlib import Path

from alembic import command
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
