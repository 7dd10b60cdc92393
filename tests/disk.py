"""A disk that fails, for tests of the store's users, and one that is fast."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from okrsync.store import Store


def memory(room: int = 0) -> Path | None:
    """A folder in memory with so many bytes of room; None where there is none."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and shutil.disk_usage(folder).free >= room else None


@contextmanager
def failing(store: Store, number: int) -> Iterator[list[str]]:
    """The statement of this number fails as on a bad disk; yields the statements that came."""
    came: list[str] = []

    def count(_: Any, __: Any, statement: str, ___: Any, ____: Any, _____: bool) -> None:
        came.append(statement)
        if len(came) == number:
            raise OperationalError(statement, None, sqlite3.OperationalError("disk I/O error"))

    event.listen(store._engine, "before_cursor_execute", count)
    try:
        yield came
    finally:
        event.remove(store._engine, "before_cursor_execute", count)
