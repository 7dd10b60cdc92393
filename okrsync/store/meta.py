"""Single values that the store remembers by name."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from okrsync.model import Json
from okrsync.store import tables as t
from okrsync.store.bulk import upsert_rows
from okrsync.store.codec import dumps

_VALUE = select(t.meta.c.value).where(t.meta.c.key == bindparam("name"))  # asked for often: made once


def get_meta(tx: Connection, key: str) -> Json:
    """The value under this name, or None."""
    value: Json = tx.scalar(_VALUE, {"name": key})
    return value


def set_meta(tx: Connection, key: str, value: Json) -> None:
    """Remember a value under this name; nothing is written where it stands there already."""
    if get_meta(tx, key) != value:
        upsert_rows(tx, t.meta, ("key", "value"), [(key, dumps(value))])
