"""A PostgreSQL that the tests start for themselves."""

from __future__ import annotations

from itertools import count

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from okrsync.store import Store

ROOM = 4 << 30
"""Bytes: more than its log and the databases of a test take."""


class Server:
    """A PostgreSQL of our own; each test gets a database copied from one that holds the schema."""

    def __init__(self, uri: str) -> None:
        self._url = make_url(uri).set(drivername="postgresql+psycopg")
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._numbers = count()
        self._made: list[str] = []
        with self._admin.connect() as connection:  # nothing here outlives a crash
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        Store.open(self._create("okrsync_template", "template0")).close()

    def empty(self) -> str:
        return self._made_of("template0")

    def migrated(self) -> str:
        return self._made_of("okrsync_template")

    def drop(self) -> None:
        """All databases that were made are gone, whoever still uses them."""
        with self._admin.connect() as connection:
            for name in self._made:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        self._made.clear()

    def _made_of(self, template: str) -> str:
        self._made.append(f"okrsync_{next(self._numbers)}")
        return self._create(self._made[-1], template)

    def _create(self, name: str, template: str) -> str:
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
        return self._url.set(database=name).render_as_string(hide_password=False)

    def close(self) -> None:
        self._admin.dispose()
