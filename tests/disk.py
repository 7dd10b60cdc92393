"""A disk that fails, for tests of the store's users."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from okrsync.store import Store


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
