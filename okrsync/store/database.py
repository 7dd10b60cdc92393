"""The database: opened, brought to the schema of this program, locked, and left again with every fault explained."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from okrsync.errors import ConfigError, Problem, StoreError
from okrsync.store import faults, lock

log = structlog.get_logger(__name__)

HEAD = "0007"
"""The newest migration; known here so that opening an up-to-date database loads no migration library."""

WAIT = timedelta(seconds=10)
"""How long a transaction waits for another one's before it gives up."""

CACHE_KIB = 4096

PLANNER = "-c jit=off -c random_page_cost=1.1"
"""What PostgreSQL plans by: compiling a statement costs more than it saves here, and the disks of today find any page
as quickly as the next, so that a thousand items are looked up and not a million read."""


class Store:
    """An open database, for any number of threads. Work happens in the functions of this package, on the connection
    that ``begin`` or ``read`` yields: all that is done with one connection is one transaction.

    Threads of one process write one after the other, however long one takes; reading never waits. A writer of another
    process is waited for as long as ``open`` says.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = threading.RLock()

    @classmethod
    def open(cls, url: str, *, wait: timedelta = WAIT, upgrade: bool = False) -> Self:
        """Open a database, made first where there is none.

        SQLite is brought to this program's schema, after a backup; PostgreSQL is, if it is empty or with ``upgrade``.
        Raises StoreError where the database cannot be used, or is PostgreSQL with an older schema; ConfigError where a
        newer program has been at it, whose file is left byte for byte; Busy where an older one still works on it.
        """
        store = cls(_engine(url, wait))
        try:
            store._prepare(_first_look(url, wait, store), upgrade=upgrade)
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def existing(cls, url: str, *, wait: timedelta = WAIT) -> Self | None:
        """The database as it is, where it holds this program's schema; it is neither made nor changed for it.

        None where it is not there, empty or of another version; StoreError where it cannot be used.
        """
        store = cls.as_it_is(url, wait=wait)
        if store is None:
            return None
        with closing(store):
            return cls(_engine(url, wait)) if store.revision() == HEAD else None

    @classmethod
    def as_it_is(cls, url: str, *, wait: timedelta = WAIT) -> Self | None:
        """The database of whatever schema, to be looked at: of an SQLite file no byte is changed. None where there is
        no such file."""
        parsed = _parsed(url)
        if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
            return None
        return cls(_engine(url, wait, looking=True))

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that may write: committed at the end, undone by an exception."""
        with (
            self._writing,
            self._explained(),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def trial(self) -> Iterator[Connection]:
        """A transaction that may write, and of which nothing stays: undone at its end."""
        with (
            self._writing,
            self._explained(),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin() as transaction,
        ):
            yield connection
            transaction.rollback()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one unchanging state of the database."""
        with self._explained(), self._snapshot() as connection, connection.begin():
            yield connection

    def lock(self) -> AbstractContextManager[None]:
        """Be the only okrsync that works on this database; raises Busy, which names the other's pid."""
        return lock.file_lock(self.path) if self.path else self._advisory_lock()

    def upgrade(self) -> None:
        """Bring the schema to this program's version, all of it or nothing; an SQLite database that holds an older one
        is backed up before. Busy where another okrsync works on the older one."""
        from okrsync.store import backup, migrate

        with nullcontext() if self.revision() is None else self.lock(), self.begin() as tx:
            version = self._refuse_strangers(tx)
            if version is None or version == HEAD:  # new, or another process was quicker
                migrate.upgrade(tx)
                return
            kept = backup.before_upgrade(self.path, version) if self.path else None
            migrate.upgrade(tx)
        log.info("database upgraded", before=version, now=HEAD, **({"backup": str(kept)} if kept else {}))

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        return Path(self._engine.url.database or "") if self._sqlite else None

    @property
    def name(self) -> str:
        """The database for people: a path, or an address without its password."""
        return faults.name(self._engine.url)

    def revision(self) -> str | None:
        """The version of the schema; None where the database is empty."""
        with self.read() as tx:
            return _revision(tx)

    def check(self) -> list[str]:
        """Everything that is wrong with the content, a line each."""
        from okrsync.store.check import problems

        with self.read() as tx:
            return problems(tx)

    def rewrite(self) -> bool:
        """The files hold what the tables hold, and nothing that was there before; False where somebody who reads keeps
        the log of SQLite from being emptied. Nobody else works on the tables meanwhile."""
        options = {} if self._sqlite else {"isolation_level": "AUTOCOMMIT"}
        with self._writing, self._explained(), self._engine.connect().execution_options(**options) as connection:
            if not self._sqlite:
                from okrsync.store.tables import metadata

                for table in metadata.sorted_tables:
                    connection.exec_driver_sql(f"VACUUM FULL {table.name}")
                return True
            connection.exec_driver_sql("COMMIT")  # of the transaction that every connection begins with
            connection.exec_driver_sql("VACUUM")
            busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            return not busy

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    def _prepare(self, version: str | None, *, upgrade: bool) -> None:
        if version == HEAD:
            return
        if version is not None and not self._sqlite and not upgrade:
            raise StoreError(
                f"the database {self.name} has schema {version}, this program needs {HEAD}; "
                "stop every okrsync, make a backup, then type: okrsync db upgrade"
            )
        self.upgrade()

    def _version(self) -> str | None:
        with self.read() as tx:
            return self._refuse_strangers(tx)

    def _refuse_strangers(self, tx: Connection) -> str | None:
        """The version of the schema; raises where it is a newer program's, or the tables are not okrsync's."""
        version = _revision(tx)
        if version is None and (tables := inspect(tx).get_table_names()):
            raise StoreError(
                f"the database {self.name} holds tables of another program ({sorted(tables)[0]}); "
                "give okrsync a database of its own"
            )
        if version is not None and version != HEAD:
            from okrsync.store import migrate

            if not migrate.known(version):
                raise ConfigError(
                    [
                        Problem(
                            f"the database {self.name}",
                            f"its schema {version} is newer than this program's {HEAD}; upgrade okrsync, or restore "
                            "the backup that was made before",
                        )
                    ]
                )
        return version

    def _snapshot(self) -> Connection:
        connection = self._engine.connect()
        if self._sqlite:
            return connection
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def _advisory_lock(self) -> Iterator[None]:
        with self._explained(), lock.advisory_lock(self._engine, self.name):
            yield

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise faults.translated(error, self._engine.url) from error


def _revision(tx: Connection) -> str | None:
    if not inspect(tx).has_table("schema_version"):
        return None
    version: str | None = tx.scalar(text("SELECT version_num FROM schema_version"))
    return version


def _first_look(url: str, wait: timedelta, store: Store) -> str | None:
    """The version of the schema, by a look that changes nothing, if that can be: a file that a crash left in the middle
    of a change is mended first."""
    looking = Store.as_it_is(url, wait=wait)
    if looking is None:
        return None
    try:
        with closing(looking):
            return looking._version()
    except StoreError as fault:
        if not faults.is_unmended(fault):
            raise
        return store._version()


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise StoreError("[okrsync] database is no address: sqlite:///FILE or postgresql+psycopg://…") from None


def _engine(url: str, wait: timedelta, *, looking: bool = False) -> Engine:
    parsed = _parsed(url)
    match parsed.drivername:
        case "sqlite" | "sqlite+pysqlite" if parsed.database and parsed.database != ":memory:":
            return _sqlite_engine(parsed, wait, looking=looking)
        case "postgresql+psycopg":
            return _postgresql_engine(parsed, wait)
    raise StoreError(
        f"the database {faults.name(parsed)} is of no known kind: sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
    )


def _sqlite_engine(url: URL, wait: timedelta, *, looking: bool) -> Engine:
    def look() -> sqlite3.Connection:
        return sqlite3.connect(f"file:{quote(url.database or '')}?mode=ro", uri=True, check_same_thread=False)

    engine = create_engine(url, creator=look) if looking else create_engine(url)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(wait / timedelta(milliseconds=1))}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        if not looking:
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql_engine(url: URL, wait: timedelta) -> Engine:
    seconds = max(1, round(wait.total_seconds()))
    try:
        engine = create_engine(
            url,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": seconds,
                "application_name": lock.application_name(),
                "options": f"-c lock_timeout={seconds}s {PLANNER}",
            },
        )
    except ImportError:
        raise StoreError("PostgreSQL needs its driver; type: pip install 'okrsync[scale]'") from None

    @event.listens_for(engine, "checkin")
    def heed(connection: Any, _: object) -> None:
        """Whether it may write is the server's word again, where SQLAlchemy would insist: some make themselves
        read-only before their disk is full."""
        if connection is not None and not connection.closed:
            connection.read_only = None

    return engine
