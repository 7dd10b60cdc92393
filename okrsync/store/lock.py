"""One okrsync at a time on one database, and one link job at a time; a lock is free again when its process ends,
however it ends."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text

from okrsync.errors import Busy, StoreError

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
        raise StoreError(f"the lock file {path} cannot be written: {error.strerror}") from error
    try:
        path.write_text(f"{os.getpid()}\n", encoding="ascii")
        yield
    finally:
        lock.release()


@contextmanager
def advisory_lock(engine: Engine, name: str) -> Iterator[None]:
    """Hold an advisory lock on a connection of its own; Busy, with the pid of the holder, where another has it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": ADVISORY}):
            holder = connection.scalar(_HOLDER, {"lock": ADVISORY}) or ""
            found = re.search(r"\d+", holder)
            raise _busy(found[0] if found else "", name)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": ADVISORY})


def linking(tx: Connection) -> None:
    """This transaction alone judges, until it ends; others wait for it as for any lock.

    In SQLite whoever writes is alone already.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LINKING})


def _pid_in(path: Path) -> str:
    try:
        pid = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return pid if pid.isdigit() else ""


def _busy(pid: str, database: str) -> Busy:
    who = f"another okrsync (pid {pid})" if pid else "another okrsync"
    return Busy(f"{who} works on {database}; wait until it is done, or stop it")
