"""Backups of an SQLite database in use: of one moment, whole, checked, and nobody waits for them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from disk import small_disk
from small_company import small_company
from sqlalchemy import select
from told import empty
from wrapped_sink import WrappedSink

from okrsync.errors import StoreError
from okrsync.store import Store, backup, meta
from okrsync.store import tables as t

SOON = timedelta(milliseconds=50)
NOW = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database of a few megabytes."""
    path = tmp_path / "okrsync.db"
    path.write_bytes(empty())
    store = Store.open(f"sqlite:///{path}")
    with store.begin() as tx:
        for number in range(40):
            meta.set_meta(tx, f"key {number}", "x" * 200_000)
    store.close()
    return path


def content(path: Path) -> list[Any]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return database.execute("SELECT key, value FROM meta ORDER BY key").fetchall()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# ── while others work ────────────────────────────────────────────────────────────────────────────────────────────────


class Remembering(WrappedSink):
    """A source that is read slowly, and whose pages are remembered; ``pulling`` is set while it is read."""

    def __init__(self, inner: Any, pages: list[set[str]], pulling: threading.Event) -> None:
        super().__init__(inner)
        self.pages, self.pulling = pages, pulling

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def pull(self, since: Any) -> Iterator[Any]:
        self.pulling.set()
        for page in self.inner.pull(since):
            self.pages.append({item.remote_id for item in page.items})
            yield page


@pytest.mark.parametrize(("times", "size"), [(10, 600), pytest.param(50, 1500, marks=pytest.mark.soak)])
def test_backups_made_during_a_sync_hold_whole_pages(times: int, size: int, tmp_path: Path) -> None:
    """Two a page; each opens, is sound, and ends at the edge of a page."""
    with small_company(tmp_path) as company:
        for number in range(size):
            company.create(summary=f"Work {number}")
        store, pages, pulling, ended = company.store(), list[set[str]](), threading.Event(), threading.Event()
        connect = company.connect
        company.connect = lambda source: Remembering(connect(source), pages, pulling)  # type: ignore[method-assign]
        found: list[Path] = []

        def sync() -> None:
            try:
                while len(found) < times:
                    company.sync(store, full=True)
            finally:
                ended.set()

        syncing = threading.Thread(target=sync)
        syncing.start()
        assert pulling.wait(20)
        while len(found) < times:
            assert not ended.is_set()
            if len(pages) <= len(found) // 2:
                time.sleep(0.001)
                continue
            backup.backup(tmp_path / "okrsync-0.db", tmp_path / f"{len(found)}.backup")
            found.append(tmp_path / f"{len(found)}.backup")
        syncing.join()
        edges = [set().union(*pages[:count]) for count in range(len(pages) + 1)]
        held = [_sound(path) & edges[-1] for path in found]  # a parent from outside comes on no page
        assert all(stored in edges for stored in held)
        assert len({len(stored) for stored in held}) > 2, "they were made at several edges"


def _sound(path: Path) -> set[str]:
    """What a backup holds, which is sound."""
    store = Store.open(f"sqlite:///{path}")
    assert store.check() == []
    with store.read() as tx:
        stored = set(tx.scalars(select(t.item.c.remote_id)))
    store.close()
    return stored


def test_who_writes_in_the_middle_of_a_backup_waits_for_nothing_and_is_not_in_it(database: Path) -> None:
    store, before, seen = Store.open(f"sqlite:///{database}", wait=SOON), content(database), list[int]()

    def tell(done: int, _: int) -> None:
        with store.begin() as tx:
            meta.set_meta(tx, f"key {len(seen)}", "another value")
        seen.append(done)

    backup.backup(database, database.with_name("copy"), tell)
    store.close()
    assert len(seen) > 1
    assert seen == sorted(set(seen)), "no page is copied twice, whoever writes"
    assert content(database.with_name("copy")) == before
    assert content(database) != before


# ── under its name only when it is good ──────────────────────────────────────────────────────────────────────────────


def test_a_backup_is_one_file_for_the_same_eyes(database: Path) -> None:
    database.chmod(0o640)
    there = names(database.parent)
    backup.backup(database, database.with_name("copy"))
    assert names(database.parent) - there <= {"copy", "okrsync.db-wal", "okrsync.db-shm"}
    assert database.with_name("copy").stat().st_mode & 0o777 == 0o640
    assert content(database.with_name("copy")) == content(database)


def test_nobody_else_reads_it_while_it_is_written(database: Path) -> None:
    """However open the folder is, and whatever the database itself allows."""
    database.chmod(0o666)
    modes = set[int]()
    masked = os.umask(0)
    try:
        copy = database.with_name("copy")
        backup.backup(database, copy, lambda *_: modes.update(part.stat().st_mode & 0o777 for part in parts(copy)))
    finally:
        os.umask(masked)
    assert modes == {0o600}


def parts(target: Path) -> list[Path]:
    """The files in which a backup comes to be."""
    return list(target.parent.glob(f".{target.name}.*"))


def test_a_damaged_database_is_not_backed_up_over_a_good_backup(database: Path) -> None:
    target = database.with_name("copy")
    backup.backup(database, target)
    good = target.read_bytes()
    with database.open("r+b") as file:
        file.seek(database.stat().st_size // 2)
        file.write(b"\xff" * 40_000)
    with pytest.raises(StoreError, match=r"okrsync\.db is damaged, and was not backed up"):
        backup.backup(database, target)
    assert target.read_bytes() == good
    assert not [name for name in names(database.parent) if name.endswith(".part")]


def test_a_disk_that_is_full_leaves_the_backup_that_is_there(database: Path) -> None:
    with small_disk(2_000_000) as disk:
        target = disk / "okrsync.backup"
        target.write_bytes(b"SQLite format 3\0, an older one")
        with pytest.raises(StoreError, match=rf"the backup {target} has no room: the disk is full; make room"):
            backup.backup(database, target)
        assert names(disk) == {"okrsync.backup"}
        assert target.read_bytes() == b"SQLite format 3\0, an older one"


@pytest.mark.parametrize("folder", ["absent", "okrsync.db"])
def test_a_place_that_is_none_is_a_sentence(folder: str, database: Path) -> None:
    with pytest.raises(StoreError, match=rf"copy cannot be written: there is no folder .*/{folder}$"):
        backup.backup(database, database.parent / folder / "copy")


KILLED = """
import os, signal, sys
from pathlib import Path
from okrsync.store import backup
backup.backup(Path(sys.argv[1]), Path(sys.argv[2]), lambda *_: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_what_a_killed_backup_leaves_is_swept_by_the_next(database: Path) -> None:
    target = database.with_name("copy")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(database), str(target)], cwd=Path(__file__).parents[2])
    assert killed.returncode == -9
    assert not target.exists()
    assert [name for name in names(database.parent) if name.endswith(".part")]
    backup.backup(database, target)
    assert not [name for name in names(database.parent) if name.endswith(".part")]
    assert content(target) == content(database)


# ── where it goes ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_where_a_backup_goes(database: Path) -> None:
    folder = database.parent / "backups"
    folder.mkdir()
    dated = "okrsync.db.20261123T053000Z.backup"
    assert backup.place(database, None, NOW) == database.with_name(dated)
    assert backup.place(database, folder, NOW) == folder / dated
    assert backup.place(database, folder / "new", NOW) == folder / "new"
    backup.backup(database, folder / "new")
    assert backup.place(database, folder / "new", NOW) == folder / "new", "an older backup is replaced"


@contextmanager
def _open(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS theirs (id)")
        yield


def test_nothing_but_a_backup_is_replaced(database: Path) -> None:
    notes = database.with_name("notes.txt")
    notes.write_text("my notes, at length")
    os.link(database, database.with_name("same"))
    for name in ("okrsync.db", "same"):
        with pytest.raises(StoreError, match=rf"{name} is a database in use"):
            backup.place(database, database.with_name(name), NOW)
    with pytest.raises(StoreError, match=r"notes.txt is something else than a backup"):
        backup.place(database, notes, NOW)
    with _open(database.with_name("other.db")), pytest.raises(StoreError, match=r"other.db is a database in use"):
        backup.place(database, database.with_name("other.db"), NOW)
