"""P35: a database of every version that there ever was becomes one of this program, with all that it holds."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import former_schemas as former
import pytest
from looking import whole
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from okrsync.errors import Busy, ConfigError, StoreError
from okrsync.model import Reading
from okrsync.store import Store, backup, database, journal, lock, people
from okrsync.store import tables as t

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FORMER = former.versions()[:-1]
UPGRADING = Path(__file__).with_name("upgrading.py")


def test_every_table_and_column_of_every_version_is_filled() -> None:
    """Whoever adds a migration says in ``former_schemas`` what it does to what is there."""
    assert FORMER[:6] == ["0001", "0002", "0003", "0004", "0005", "0006"]
    assert former.versions()[-1] == database.HEAD
    assert set(former.NOW) == set(t.metadata.tables)
    for one in t.metadata.sorted_tables:
        rows = former.NOW[one.name]
        for column in one.columns:
            assert any(row[column.name] is not None for row in rows), f"{one.name}.{column.name}"
            if column.nullable:
                assert any(row[column.name] is None for row in rows), f"{one.name}.{column.name}"


@pytest.mark.parametrize("version", [*FORMER, database.HEAD])
def test_content_is_equal_after_the_upgrade(version: str, empty_url: str) -> None:
    former.make(empty_url, version)
    if not empty_url.startswith("sqlite") and version != database.HEAD:
        with pytest.raises(StoreError, match=rf"has schema {version}, this program needs .* okrsync db upgrade"):
            Store.open(empty_url)
    with closing(Store.open(empty_url, upgrade=True)) as store:
        assert store.check() == []
        with store.begin() as tx:
            assert former.in_order(former.held(tx)) == former.in_order(former.upgraded(version))
            _is_read(tx)
            people.add_reading(tx, Reading("KR-1", NOW, 1.0, "ana"))  # there is a number for a new row


def _is_read(tx: Any) -> None:
    """The functions of the store make sense of what is there."""
    assert {node.key for node in whole(tx, everything=True).nodes} >= {"SHOP-7", "SHOP-8"}
    assert [entry.write.id for entry in journal.pending(tx)] == [31]
    assert journal.applied_count(tx) == 1
    for one in t.metadata.sorted_tables:
        list(tx.execute(select(one)))


# ── the backup before ────────────────────────────────────────────────────────────────────────────────────────────────


def as_it_was(path: Path, version: str) -> bool:
    """Whether the file holds just what that version wrote."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as tx:
        assert tx.scalar(text("PRAGMA integrity_check")) == "ok"
        if tx.scalar(text("SELECT version_num FROM schema_version")) != version:
            return False
        content = {
            name: [dict(row) for row in tx.execute(text(f'SELECT * FROM "{name}"')).mappings()]
            for name, rows in former.then(version).items()
            if rows
        }
    expected = {name: rows for name, rows in former.then(version).items() if rows}
    assert former.in_order(content) == former.in_order(expected)
    return True


@pytest.mark.parametrize("version", FORMER)
def test_a_backup_is_made_first_and_can_be_restored(version: str, tmp_path: Path) -> None:
    path = tmp_path / "okrsync.db"
    former.make(f"sqlite:///{path}", version)
    Store.open(f"sqlite:///{path}").close()
    kept = tmp_path / f"okrsync.db.{version}.backup"
    assert {one.name for one in tmp_path.iterdir()} == {"okrsync.db", "okrsync.db.lock", kept.name}
    assert as_it_was(kept, version)
    shutil.copy(kept, path)
    with closing(Store.open(f"sqlite:///{path}")) as store, store.read() as tx:
        assert former.in_order(former.held(tx)) == former.in_order(former.upgraded(version))


def test_the_newest_three_backups_stay(tmp_path: Path) -> None:
    path = tmp_path / "okrsync.db"
    others = ["okrsync.db.20260101T000000Z.backup", "okrsync.db.0001.backup.old", "other.db.0001.backup"]
    for age, name in enumerate(["0004", "0003", "0002", "0001"]):
        made = tmp_path / f"okrsync.db.{name}.backup"
        made.write_bytes(b"")
        os.utime(made, (1e9 - age, 1e9 - age))
    for name in others:
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (1, 1))
    former.make(f"sqlite:///{path}", "0006")
    Store.open(f"sqlite:///{path}").close()
    left = {one.name for one in tmp_path.iterdir() if "backup" in one.name}
    assert left == {f"okrsync.db.{version}.backup" for version in ("0006", "0004", "0003")} | set(others)


def test_without_a_backup_nothing_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "okrsync.db"
    former.make(f"sqlite:///{path}", "0006")
    (tmp_path / "okrsync.db.0006.backup").mkdir()
    with pytest.raises(StoreError, match=r"the backup .*okrsync\.db\.0006\.backup cannot be written: Is a directory"):
        Store.open(f"sqlite:///{path}")
    assert as_it_was(path, "0006")


def test_an_older_okrsync_at_work_is_not_upgraded_under_its_feet(tmp_path: Path) -> None:
    path = tmp_path / "okrsync.db"
    former.make(f"sqlite:///{path}", "0006")
    with lock.file_lock(path), pytest.raises(Busy, match=rf"another okrsync \(pid {os.getpid()}\) works on"):
        Store.open(f"sqlite:///{path}")
    assert as_it_was(path, "0006")


# ── killed ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def upgrade(url: str, moment: int) -> tuple[int, int]:
    """The end of an upgrade that is killed at this moment, and how many moments it had."""
    done = subprocess.run(
        [sys.executable, str(UPGRADING), url, str(moment)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    return done.returncode, 0 if done.returncode else int(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("points", "version"),
    [(3, "0003"), *(pytest.param(20, one, marks=[pytest.mark.soak, pytest.mark.timeout(900)]) for one in FORMER)],
)
def test_an_upgrade_that_is_killed_did_not_begin_or_is_done(
    points: int, version: str, empty_url: str, tmp_path: Path
) -> None:
    former.make(empty_url, version)
    file = tmp_path / "okrsync.db" if empty_url.startswith("sqlite") else None
    untouched, ends = tmp_path / "untouched.db", set()
    if not file:
        former.make(f"sqlite:///{untouched}", version)
    else:
        shutil.copy(file, untouched)
    twin = tmp_path / "twin.db"
    shutil.copy(untouched, twin)
    code, moments = upgrade(f"sqlite:///{twin}", 0)
    assert code == 0
    for point in range(points):
        code, _ = upgrade(empty_url, 1 + point * (moments - 1) // (points - 1))
        if code == 0:  # PostgreSQL needs fewer statements
            assert file is None
            break
        assert code == -9
        ends.add(_end(empty_url, file, version))
        if file:
            for name in ("", "-wal", "-shm"):
                file.with_name(f"okrsync.db{name}").unlink(missing_ok=True)
            shutil.copy(untouched, file)
    assert "old" in ends
    with closing(_opened(empty_url)) as store:
        assert store.check() == []
        with store.read() as tx:
            assert former.in_order(former.held(tx)) == former.in_order(former.upgraded(version))
    if file:
        assert ends == {"old", "new"}
        assert as_it_was(tmp_path / f"okrsync.db.{version}.backup", version)
        assert not [one for one in tmp_path.iterdir() if one.name.endswith(".part")]


def _end(url: str, file: Path | None, version: str) -> str:
    """Whether the upgrade did not begin, or is done, and never anything between; a file goes on at the next start."""
    with closing(_as_it_is(url)) as found:
        old = found.revision() == version
    if file:
        if old:
            for name in ("", "-wal"):
                if file.with_name(f"okrsync.db{name}").exists():
                    shutil.copy(file.with_name(f"okrsync.db{name}"), file.with_name(f"killed.db{name}"))
            assert as_it_was(file.with_name("killed.db"), version)
        with closing(_opened(url)) as store, store.read() as tx:
            assert former.in_order(former.held(tx)) == former.in_order(former.upgraded(version))
    return "old" if old else "new"


def _as_it_is(url: str) -> Store:
    found = Store.as_it_is(url)
    assert found is not None
    return found


def _opened(url: str) -> Store:
    for _ in range(100):  # PostgreSQL notices the end of a client in its own time
        try:
            return Store.open(url, upgrade=True)
        except Busy:
            time.sleep(0.05)
    pytest.fail("the lock outlived its holder")


# ── a newer program was here ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("left", ["closed", "killed", "restored"])
def test_a_newer_database_is_left_byte_for_byte(left: str, tmp_path: Path) -> None:
    path, made = tmp_path / "okrsync.db", tmp_path / "made" / "okrsync.db"
    made.parent.mkdir()
    former.make(f"sqlite:///{made}", database.HEAD)
    with closing(sqlite3.connect(made)) as newer:
        if left != "restored":
            newer.execute("PRAGMA journal_mode = WAL")
        newer.execute("UPDATE schema_version SET version_num = '9999'")
        newer.commit()
        for one in made.parent.iterdir() if left == "killed" else ():
            shutil.copy(one, tmp_path / one.name)
    if left != "killed":
        shutil.copy(made, path)
    (tmp_path / "okrsync.db-shm").unlink(missing_ok=True)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir() if one.is_file()}
    assert ("okrsync.db-wal" in before) == (left == "killed")
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"its schema 9999 is newer than this program's") as caught:
            Store.open(f"sqlite:///{path}", upgrade=True)
        assert caught.value.exit_code == 78
    after = {one.name: one.read_bytes() for one in tmp_path.iterdir() if one.is_file()}
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() <= {"okrsync.db-shm", "okrsync.db-wal"}
    backup.backup(path, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT version_num FROM schema_version").fetchall() == [("9999",)]


def test_a_crash_in_a_restored_file_is_mended_at_the_next_start(tmp_path: Path) -> None:
    """Outside the write-ahead log a crash leaves a journal, which whoever only reads cannot roll back."""
    path, crashed = tmp_path / "okrsync.db", tmp_path / "crashed" / "okrsync.db"
    crashed.parent.mkdir()
    former.make(f"sqlite:///{path}", database.HEAD)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN")
        writer.execute("UPDATE item SET title = 'half'")
        writer.executemany("INSERT INTO meta VALUES (?, ?)", [(str(n), f'"{"x" * 5000}"') for n in range(50)])
        for one in tmp_path.glob("okrsync.db*"):
            shutil.copy(one, crashed.parent / one.name)
    assert crashed.with_name("okrsync.db-journal").exists()
    with closing(Store.open(f"sqlite:///{crashed}")) as store, store.read() as tx:
        assert former.in_order(former.held(tx)) == former.in_order(former.NOW)
