"""Runs the migrations on the connection that okrsync hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from okrsync.store.migrate import VERSION_TABLE
from okrsync.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
