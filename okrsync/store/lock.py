"""One okrsync at a time on one database, and one link job at a time; a lock is free again when its process ends,
however it ends."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy.exc import SQLAlchemyError

from okrsync.errors import Busy, StoreError

log = structlog.get_logger(__name__)

KEEP = 5.0  # seconds between two looks whether PostgreSQL still knows that we hold the lock
LEAVING = 2.0  # seconds that it is waited for when the lock is left
ADVISORY = 0x6F6B7273  # "okrs": the number under which every okrsync locks its PostgreSQL database
LINKING = ADVISORY + 1  # and the one for the transaction that judges
_HOLDER = text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = :lock "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def application_name() -> str:
    """The name under which this process is known to PostgreSQL, so that another can tell who holds the lock."""
    return f"okrsync pid {os.getpid()}"


@contextmanager
def file_lock(database: Path) -> Iterator[None]:
    """Hold the lock file beside an SQLite database; Busy, with the pid of the holder, where another has it."""
    path = database.with_name(database.name + ".lock")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise _busy(_pid_in(path), str(database)) from None
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        try:
            path.write_text(f"{os.getpid()}\n", encoding="ascii")
        except OSError as error:
            raise _unwritable(path, error) from error
        yield
    finally:
        lock.release()


@contextmanager
def advisory_lock(engine: Engine, name: str) -> Iterator[None]:
    """Hold an advisory lock on a connection of its own; Busy, with the pid of the holder, where another has it.

    A connection that is lost takes the lock with it: it is taken again as soon as the server is back.
    """
    holding: list[Connection] = [_taken(engine, name)]
    over = threading.Event()

    def keep() -> None:
        told = ""
        while not over.wait(KEEP):
            try:
                if not holding:
                    holding.append(_taken(engine, name))
                holding[0].scalar(text("SELECT 1"))
                told = ""
            except SQLAlchemyError:
                _let_go(holding)
            except Busy as other:
                if told != str(other):
                    log.error(
                        "another okrsync took this database while it was away; stop one of them", error=str(other)
                    )
                told = str(other)
        with suppress(SQLAlchemyError):  # said, for the server notices the end of a connection in its own time
            for connection in holding:
                connection.scalar(text("SELECT pg_advisory_unlock(:lock)"), {"lock": ADVISORY})

    keeper = threading.Thread(target=keep, name="lock", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join(LEAVING)
        _let_go(holding)


def _taken(engine: Engine, name: str) -> Connection:
    """A connection that holds the lock."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": ADVISORY}):
            holder = connection.scalar(_HOLDER, {"lock": ADVISORY}) or ""
            found = re.search(r"\d+", holder)
            raise _busy(found[0] if found else "", name)
    except BaseException:
        connection.close()
        raise
    return connection


def _let_go(holding: list[Connection]) -> None:
    """The lock is free, with its connection."""
    while holding:
        connection = holding.pop()
        with suppress(SQLAlchemyError):
            connection.invalidate()
            connection.close()


def linking(tx: Connection) -> None:
    """This transaction alone judges, until it ends; others wait for it as for any lock.

    In SQLite whoever writes is alone already.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LINKING})


def alone(tx: Connection, door: Table, tables: Iterable[Table]) -> None:
    """Nobody else writes to these tables until this transaction ends, and whoever read the ``door`` before has ended;
    who reads the tables waits for nothing.

    In SQLite whoever writes is alone already.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"LOCK TABLE {door.name} IN ACCESS EXCLUSIVE MODE"))
        tx.execute(text(f"LOCK TABLE {', '.join(table.name for table in tables)} IN SHARE ROW EXCLUSIVE MODE"))


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"the lock file {path} cannot be written: {error.strerror}")


def _pid_in(path: Path) -> str:
    try:
        pid = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return pid if pid.isdigit() else ""


def _busy(pid: str, database: str) -> Busy:
    who = f"another okrsync (pid {pid})" if pid else "another okrsync"
    return Busy(f"{who} works on {database}; wait until it is done, or stop it")
