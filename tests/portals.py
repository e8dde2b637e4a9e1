"""More portals beside the one under test: each with a database and a folder of its own."""

from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from portal import create_app
from portal.core.db import db


@contextmanager
def another_process(settings):
    """The portal once more on the same database; its connections are closed afterwards."""
    app = create_app(settings)
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()


@contextmanager
def another_database(database_url, folder, name="second"):
    """The address of an empty database like the given one; dropped afterwards."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        yield f"sqlite:///{folder / name}.db"
        return
    beside = url.set(database=f"{url.database}_{name}")
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{beside.database}"'))
        connection.execute(text(f'CREATE DATABASE "{beside.database}"'))
    try:
        yield beside.render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{beside.database}" WITH (FORCE)'))
        server.dispose()


@contextmanager
def another_portal(settings, database_url, folder):
    """Inside, everything speaks of the portal on that database, whose files are in `folder`."""
    folder.mkdir(exist_ok=True)
    engine = "whoosh" if database_url.startswith("sqlite") else settings.search_engine
    app = create_app(
        replace(settings, database_url=database_url, data=folder, search_engine=engine)
    )
    with app.app_context():
        try:
            yield app
        finally:
            db.session.rollback()
            db.engine.dispose()
