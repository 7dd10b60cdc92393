"""The queue between the pull and the link job: which items changed since they were last judged. Its versions count
whatever else changed too.

Versions only grow, and a transaction keeps the counter until it ends: whoever reads version n has seen every mark up to
n, and clearing up to n loses no later one.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from sqlalchemy import BigInteger, Connection, Insert, Text, cast, delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from okrsync.store import tables as t
from okrsync.store.bulk import among, upsert_rows

_COUNTER = "dirty_version"
_VERSION = select(t.meta.c.value).where(t.meta.c.key == _COUNTER)


@cache
def _advance(dialect: str) -> Insert:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    following = cast(cast(t.meta.c.value, BigInteger) + 1, Text)
    start = insert(t.meta).values(key=_COUNTER, value=1)
    return start.on_conflict_do_update(index_elements=["key"], set_={"value": following})


def touch(tx: Connection) -> None:
    """Something that counts changed: there is a new version, with or without items to judge again."""
    tx.execute(_advance(tx.dialect.name))


def mark_dirty(tx: Connection, uids: Collection[int]) -> None:
    """Queue these items for the link job."""
    if not uids:
        return
    touch(tx)
    version = dirty_version(tx)
    upsert_rows(tx, t.dirty, ("uid", "version"), [(uid, version) for uid in uids])


def join_dirty(tx: Connection, uids: Collection[int]) -> None:
    """Put these items among those that wait already, for the link job that is at work in this transaction.

    They get the version of the latest mark, not one of their own: what was marked by others meanwhile stays for the
    next job.
    """
    if not uids:
        return
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    version = literal(dirty_version(tx), BigInteger)
    rows = select(t.item.c.uid, version).where(among(t.item.c.uid, uids))
    tx.execute(insert(t.dirty).from_select(["uid", "version"], rows).on_conflict_do_nothing())


def dirty_version(tx: Connection) -> int:
    """The version of the latest change that this transaction can see."""
    return tx.scalar(_VERSION) or 0


def is_dirty(tx: Connection) -> bool:
    """Whether any item waits for the link job."""
    return tx.scalar(select(t.dirty.c.uid).limit(1)) is not None


def dirty_count(tx: Connection) -> int:
    """How many items wait for the link job."""
    return tx.scalar(select(func.count()).select_from(t.dirty)) or 0


def clear_dirty(tx: Connection, version: int) -> None:
    """Take every mark up to this version off the queue."""
    tx.execute(delete(t.dirty).where(t.dirty.c.version <= version))
