"""What a driver says, in one line that tells what happened and what to do about it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from config.database import without_secret_parameters
from okrsync.errors import StoreError

_SQLITE = {
    "SQLITE_BUSY": "is locked by another process; wait until it is done, or stop it",
    "SQLITE_LOCKED": "is locked by another process; wait until it is done, or stop it",
    "SQLITE_READONLY": "is read-only; give this user the right to write the file and its folder",
    "SQLITE_FULL": "has no room: the disk is full; make room and run again",
    "SQLITE_CANTOPEN": "cannot be opened; check that its folder exists and that this user may read and write it",
    "SQLITE_NOTADB": "is not an SQLite database; check [okrsync] database",
    "SQLITE_CORRUPT": "is damaged; restore a backup",
    "SQLITE_IOERR": "cannot be read or written: the disk failed; check it",
    "SQLITE_PERM": "is not accessible; give this user the right to read and write it",
}

_POSTGRESQL = {  # SQLSTATE, or its first two letters (PostgreSQL manual, appendix A)
    "28": "refuses the user or the password; check [okrsync] database",
    "3D": "does not exist; create it, or check [okrsync] database",
    "42501": "does not grant this user what is needed; grant it CREATE and USAGE on the schema",
    "25006": "is read-only; point [okrsync] database at the primary",
    "53100": "has no room: its disk is full; make room and run again",
    "53": "has no resources left; free some and run again",
    "55P03": "is locked by another session; wait until it is done, or end it",
    "57P": "is shutting down or starting; run again in a moment",
    "57014": "cancelled the statement: it took too long",
    "08": "cannot be reached; check that it runs, and [okrsync] database",
}


def name(url: URL) -> str:
    """The database for people: a path, or an address without its password."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return without_secret_parameters(url.render_as_string(hide_password=True))


def translated(error: SQLAlchemyError, url: URL) -> StoreError:
    """The same fault as a StoreError of one line, without parameters and without the password."""
    original = error.orig if isinstance(error, DBAPIError) else None
    words = _words(original) or f"failed: {_first_line(original or error)}"
    if url.password:
        words = words.replace(str(url.password), "***")
    return StoreError(f"the database {name(url)} {words}")


def of_file(error: sqlite3.Error, what: str, path: Path) -> StoreError:
    """The fault of a file that SQLite reads or writes beside the database, in one line."""
    return StoreError(f"the {what} {path} {_words(error) or f'failed: {_first_line(error)}'}")


def is_locked(fault: StoreError) -> bool:
    """Whether it says that somebody else holds the database."""
    cause = fault.__cause__
    return ((isinstance(cause, DBAPIError) and _words(cause.orig)) or "").startswith("is locked")


def is_unmended(fault: StoreError) -> bool:
    """Whether it says that who only reads cannot read: what a crash left there has to be mended before."""
    cause = fault.__cause__
    return isinstance(cause, DBAPIError) and getattr(cause.orig, "sqlite_errorname", "").startswith("SQLITE_READONLY")


def _words(original: BaseException | None) -> str | None:
    code: str = getattr(original, "sqlite_errorname", None) or ""
    while code:
        if code in _SQLITE:
            return _SQLITE[code]
        code = code.rpartition("_")[0]
    state: str = getattr(original, "sqlstate", None) or ""
    for length in (5, 3, 2):
        if state[:length] in _POSTGRESQL:
            return _POSTGRESQL[state[:length]]
    if original is not None and not state and type(original).__name__ in ("OperationalError", "ConnectionTimeout"):
        line, _, refusal = _first_line(original).partition("FATAL:")
        return f"refuses the connection: {refusal.strip()}" if refusal else f"cannot be reached: {line}"
    return None


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
