"""What people said: overrides of one item, readings of a metric. Nothing of it is ever deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from okrsync.model import Override, OverrideKind, Reading
from okrsync.store import tables as t
from okrsync.store.dirty import mark_dirty, touch


def add_override(tx: Connection, override: Override) -> None:
    """A human's word about an item is kept, and the item is queued for the link job."""
    tx.execute(
        insert(t.override).values(
            uid=override.item,
            kind=override.kind.value,
            targets=list(override.targets),
            why=override.why,
            by=override.by,
            at=override.at,
        )
    )
    mark_dirty(tx, [override.item])


def remove_override(tx: Connection, uid: int, by: str, now: datetime) -> bool:
    """Every word about this item is taken back, older ones too; whether there was one."""
    taken = tx.execute(
        update(t.override)
        .where(t.override.c.uid == uid, t.override.c.removed_at.is_(None))
        .values(removed_at=now, removed_by=by)
    )
    if taken.rowcount:
        mark_dirty(tx, [uid])
    return bool(taken.rowcount)


def overrides(tx: Connection) -> dict[int, Override]:
    """The word that holds for each item: the newest that was not taken back."""
    override = t.override.c
    rows = tx.execute(select(t.override).where(override.removed_at.is_(None)).order_by(override.at, override.id))
    return {
        row.uid: Override(
            item=row.uid,
            kind=OverrideKind(row.kind),
            targets=tuple(row.targets),
            why=row.why,
            by=row.by,
            at=row.at,
        )
        for row in rows
    }


def add_reading(tx: Connection, reading: Reading) -> None:
    """A dated value of a metric is kept."""
    tx.execute(
        insert(t.reading).values(
            key_result=reading.key_result, at=reading.at, value=reading.value, by=reading.by, why=reading.why
        )
    )
    touch(tx)


def readings(tx: Connection) -> dict[str, list[Reading]]:
    """Key result → its readings, oldest first; of two for one instant the later given comes last."""
    found: dict[str, list[Reading]] = {}
    for row in tx.execute(select(t.reading).order_by(t.reading.c.at, t.reading.c.id)):
        reading = Reading(key_result=row.key_result, at=row.at, value=row.value, by=row.by, why=row.why)
        found.setdefault(reading.key_result, []).append(reading)
    return found
