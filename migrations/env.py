"""Alembic's entry: it is given an open connection by portal.core.migrations."""

from alembic import context

from portal.core.db import Model

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Model.metadata, compare_type=True, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
