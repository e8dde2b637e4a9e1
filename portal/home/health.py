"""Is every part well? For monitors: no secrets, no figures of the association."""

from importlib.metadata import version

from sqlalchemy.exc import SQLAlchemyError

from portal.core import files, jobs, mail
from portal.core.db import db, is_alive
from portal.core.migrations import current, head
from portal.core.search.index import engine


def faults() -> dict[str, str | None]:
    """For each part what is wrong, in words; None when it is well."""
    found = {
        "database": _database(),
        "search": engine().is_healthy(),
        "storage": files.store().check(),
    }
    if found["database"]:
        return found | {"jobs": "the database is away", "mail": "the database is away"}
    late, unsent = jobs.overdue(), mail.waiting()
    found["jobs"] = f"{late} jobs are late: is the worker running?" if late else None
    found["mail"] = f"{unsent} mails wait for the mail server" if unsent else None
    return found


def _database() -> str | None:
    try:
        if not is_alive():
            return "it gave a wrong answer"
        if current() != head():
            return "it is not migrated: run portal migrate"
    except SQLAlchemyError as error:
        db.session.rollback()
        return f"it does not answer ({type(error).__name__})"
    return None


def release() -> str:
    return version("portal")
