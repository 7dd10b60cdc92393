"""Backups of an SQLite database that is in use: whole, of one moment, checked, and under their name only then."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from okrsync.errors import StoreError
from okrsync.store import faults

KEPT = 3
"""So many of the backups that were made before upgrades stay, the newest."""

PAGES = 1024  # copied between two words on how far it is

Tell = Callable[[int, int], None]
"""Told how many pages of how many are copied."""


def backup(database: Path, target: Path, tell: Tell = lambda *_: None) -> None:
    """A copy of the database stands at ``target``, as of one moment, and what stood there before is gone; where it
    cannot be made, that still stands there.

    Whoever writes to the database meanwhile waits for nothing. The copy is one file, for the same eyes as the database.
    StoreError where the database is damaged, or a file cannot be read or written.
    """
    if not target.parent.is_dir():
        raise StoreError(f"the backup {target} cannot be written: there is no folder {target.parent}")
    _clear(target)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with _explained(target):
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(database, part, target, tell)
        with _explained(target):
            part.chmod(database.stat().st_mode & 0o777)
            _settle(part)
            part.replace(target)
            _settle(target.parent)
    finally:
        _remove(part)


def before_upgrade(database: Path, version: str) -> Path:
    """Where the backup of a database of this schema was made; of those of former upgrades the newest stay."""
    target = database.with_name(f"{database.name}.{version}.backup")
    backup(database, target)
    made = re.compile(re.escape(database.name) + r"\.\d{4}\.backup")
    found = [path for path in database.parent.iterdir() if made.fullmatch(path.name)]
    for old in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        old.unlink(missing_ok=True)
    return target


def place(database: Path, wanted: Path | None, now: datetime) -> Path:
    """Where a backup goes: as wanted, or beside the database, under a name that tells when it was made.

    StoreError where something stands there that no backup may replace.
    """
    name = f"{database.name}.{now:%Y%m%dT%H%M%SZ}.backup"
    if wanted is None:
        return database.with_name(name)
    target = wanted / name if wanted.is_dir() else wanted
    if not target.exists():
        return target
    if target.samefile(database) or target.with_name(f"{target.name}-wal").exists():
        raise StoreError(f"{target} is a database in use; give the backup another name")
    with _explained(target), target.open("rb") as file:
        if file.read(len(_MAGIC)) not in (_MAGIC, b""):
            raise StoreError(f"{target} is something else than a backup; give the backup another name")
    return target


_MAGIC = b"SQLite format 3\0"


def _copy(database: Path, part: Path, target: Path, tell: Tell) -> None:
    with closing(_one_state(database)) as source, _explained(target), closing(_connected(part)) as copy:
        copy.execute("PRAGMA synchronous = OFF")  # what a crash leaves has no name yet
        source.backup(copy, pages=PAGES, progress=lambda _, left, total: tell(total - left, total))
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, that can be read where nothing can be written
        (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise StoreError(f"the database {database} is damaged, and was not backed up; restore a backup ({found})")


def _one_state(database: Path) -> sqlite3.Connection:
    """A connection that sees the database as it is now, for as long as it is open; else each write would make SQLite
    copy all pages anew."""
    with _explained(database, "database"):
        connection = _connected(database, "?mode=ro")
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection


def _connected(path: Path, how: str = "") -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}{how}", uri=True, isolation_level=None)


def _settle(path: Path) -> None:
    """What was written there outlives a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear(target: Path) -> None:
    """What a backup to this place left behind when it was killed is gone."""
    left = re.compile(re.escape(f".{target.name}.") + r"(\d+)\.part")
    for path in list(target.parent.iterdir()):
        if (found := left.fullmatch(path.name)) and not _runs(int(found[1])):
            _remove(path)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()


def _remove(part: Path) -> None:
    for name in (part.name, f"{part.name}-journal"):
        with suppress(OSError):  # such as that of a disk on which it could not be made
            part.with_name(name).unlink(missing_ok=True)


@contextmanager
def _explained(path: Path, what: str = "backup") -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        raise faults.of_file(fault, what, path) from fault
    except OSError as fault:
        raise StoreError(f"the {what} {path} cannot be written: {fault.strerror}") from fault
