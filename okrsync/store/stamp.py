"""Whether anything was written since: a mark that costs next to nothing to read."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import text

from okrsync.errors import StoreError
from okrsync.store import faults

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from okrsync.store.database import Store


class Stamps:
    """Marks of one database; any thread may ask."""

    def __init__(self, store: Store) -> None:
        self._store, self._lock = store, threading.Lock()
        self._watching: sqlite3.Connection | None = None  # its own connection: the mark is told by comparing with it
        self._opened = 0
        self._closed = False

    def now(self) -> str:
        """Another text than before where a transaction ended since, of whatever process; StoreError where the database
        does not answer, and once closed.

        SQLite: ``PRAGMA data_version``, which knows of one connection whether others wrote. PostgreSQL: which
        transactions of the whole server ended and which run, so that it also changes for nothing.
        """
        if self._store.path is None:
            with self._store.read() as tx:
                return self.seen(tx)
        with self._lock:
            return self._version(self._store.path)

    def seen(self, tx: Connection) -> str:
        """That of what a transaction sees, which is at its first look; another one where something was written
        since."""
        if self._store.path is None:
            return str(tx.scalar(text("SELECT pg_current_snapshot()::text")))
        tx.execute(text("SELECT rootpage FROM sqlite_schema LIMIT 1"))  # from here on it sees one state
        return self.now()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._leave()

    def _version(self, path: Path) -> str:
        """Under the lock, for the one connection knows of one asking at a time."""
        if self._closed:
            raise StoreError("okrsync is ending; ask again in a moment")
        try:
            if self._watching is None:
                address = f"file:{quote(str(path))}?mode=ro"
                self._watching = sqlite3.connect(address, uri=True, check_same_thread=False)
                self._opened += 1
            with closing(self._watching.execute("PRAGMA data_version")) as found:
                return f"{self._opened}:{found.fetchone()[0]}"  # another connection counts from another number
        except sqlite3.Error as fault:
            self._leave()
            raise faults.of_file(fault, "database", path) from fault

    def _leave(self) -> None:
        if self._watching is not None:
            self._watching.close()
            self._watching = None
