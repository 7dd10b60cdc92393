"""A PostgreSQL that the tests start for themselves."""

from __future__ import annotations

from itertools import count

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from okrsync.store import Store


class Server:
    """A PostgreSQL of our own; each test gets a database copied from one that holds the schema."""

    def __init__(self, uri: str) -> None:
        self._url = make_url(uri).set(drivername="postgresql+psycopg")
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._numbers = count()
        with self._admin.connect() as connection:  # nothing here outlives a crash
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        Store.open(self.empty("okrsync_template")).close()

    def empty(self, name: str | None = None) -> str:
        return self._create(name or f"okrsync_{next(self._numbers)}", "template0")

    def migrated(self) -> str:
        return self._create(f"okrsync_{next(self._numbers)}", "okrsync_template")

    def _create(self, name: str, template: str) -> str:
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return self._url.set(database=name).render_as_string(hide_password=False)

    def close(self) -> None:
        self._admin.dispose()
