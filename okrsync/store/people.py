"""What people said: overrides of one item, readings of a metric. Nothing of it is ever deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, true, update

from okrsync.model import Override, OverrideKind, Reading, RuleName
from okrsync.store import tables as t
from okrsync.store.bulk import among
from okrsync.store.dirty import mark_dirty, touch


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word, and the item that it is about; ``gone``: that is not there any more."""

    word: Override
    source: str
    key: str
    title: str
    url: str
    counted: bool
    gone: bool


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


def remove_override(tx: Connection, uid: int, by: str, now: datetime) -> list[Override]:
    """Every word on this item is taken back, older ones too; those that were, oldest first."""
    override = t.override.c
    held = and_(override.uid == uid, override.removed_at.is_(None))
    taken = list(_words(tx, held))
    tx.execute(update(t.override).where(held).values(removed_at=now, removed_by=by))
    mark_dirty(tx, [uid] if taken else [])
    return taken


def pass_over(tx: Connection, override: Override) -> None:
    """This one word is as if it had never been given; for a transaction that is undone."""
    column = t.override.c
    tx.execute(delete(t.override).where(column.uid == override.item, column.at == override.at))
    mark_dirty(tx, [override.item])


def overrides(tx: Connection) -> dict[int, Override]:
    """The word that holds for each item: the newest that was not taken back."""
    return {override.item: override for override in _words(tx, t.override.c.removed_at.is_(None))}


def words(tx: Connection) -> dict[int, list[Override]]:
    """Every word on each item, oldest first, those that were taken back too."""
    found: dict[int, list[Override]] = {}
    for override in _words(tx, true()):
        found.setdefault(override.item, []).append(override)
    return found


def spoken(tx: Connection, *, everything: bool = False) -> list[Spoken]:
    """The words that were not taken back, or ``everything`` that was ever said, the newest first."""
    item, override = t.item.c, t.override.c
    said = list(_words(tx, true() if everything else override.removed_at.is_(None)))
    columns = (item.uid, item.source, item.key, item.title, item.url, item.counted, item.deleted_at)
    rows = tx.execute(select(*columns).where(among(item.uid, [one.item for one in said])))
    items = {row.uid: row for row in rows}
    return [
        Spoken(
            one,
            *(row.source, row.key, row.title, row.url),
            counted=row.counted,
            gone=row.deleted_at is not None,
        )
        for one in reversed(said)
        for row in (items[one.item],)
    ]


def obeyed(tx: Connection, uids: Sequence[int]) -> dict[int, set[str]]:
    """The goals that these items are linked to now by the word of a person."""
    link = t.link.c
    by_hand = and_(link.rule == RuleName.OVERRIDE.value, link.valid_to.is_(None), among(link.uid, uids))
    found: dict[int, set[str]] = {}
    for uid, target in tx.execute(select(link.uid, link.target).where(by_hand)):
        found.setdefault(uid, set()).add(target)
    return found


def _words(tx: Connection, condition: ColumnElement[bool]) -> Iterator[Override]:
    for row in tx.execute(select(t.override).where(condition).order_by(t.override.c.at, t.override.c.id)):
        yield Override(
            item=row.uid,
            kind=OverrideKind(row.kind),
            targets=tuple(row.targets),
            why=row.why,
            by=row.by,
            at=row.at,
            removed_at=row.removed_at,
            removed_by=row.removed_by,
        )


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
