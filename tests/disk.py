"""A disk that fails, for tests of the store's users, and one that is fast."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
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


@contextmanager
def small_disk(room: int) -> Iterator[Path]:
    """A filesystem of its own with so many bytes of room, which only the system administrator can make.

    It stands outside of pytest's own folders, which nobody could clear after a test that was killed.
    """
    folder = Path(tempfile.mkdtemp(prefix="okrsync-disk-"))
    try:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={room},mode=755", "okrsync", str(folder)], capture_output=True
        )
        if made.returncode:
            pytest.skip(f"no filesystem can be mounted here: {made.stderr.decode().strip()}")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
    finally:
        folder.rmdir()
