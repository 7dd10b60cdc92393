"""Items that leave the totals: deleted, moved out of what is configured, or no longer configured."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, true, update

from okrsync.store import tables as t
from okrsync.store.bulk import among
from okrsync.store.dirty import mark_dirty
from okrsync.store.unsettled import unsettle


def tombstone(tx: Connection, source: str, ids: Collection[str], now: datetime) -> int:
    """These items are gone from the tool; how many of them were not known to be."""
    gone = _uids(tx, t.item.c.source == source, among(t.item.c.remote_id, ids), t.item.c.deleted_at.is_(None))
    _leave(tx, gone, [source], now, deleted_at=now)
    return len(gone)


def move_out(tx: Connection, source: str, ids: Collection[str], now: datetime) -> int:
    """These items stand outside the configured scopes now: no longer counted; how many were."""
    moved = _uids(tx, t.item.c.source == source, among(t.item.c.remote_id, ids), t.item.c.counted)
    _leave(tx, moved, [source], now, counted=False)
    return len(moved)


def drop_scopes(tx: Connection, source: str, scopes: Collection[str], now: datetime) -> int:
    """These scopes are configured no more: their items are not counted; how many were."""
    dropped = _uids(tx, t.item.c.source == source, among(t.item.c.scope, scopes), t.item.c.counted)
    _leave(tx, dropped, [source], now, counted=False)
    return len(dropped)


def drop_sources(tx: Connection, sources: Collection[str], now: datetime) -> int:
    """These sources are configured no more: nothing of theirs is there for others to name; how many items were."""
    dropped = _uids(tx, among(t.item.c.source, sources), t.item.c.deleted_at.is_(None))
    _leave(tx, dropped, sources, now, deleted_at=now)
    return len(dropped)


def let_go(tx: Connection, uids: Collection[int] | None, now: datetime) -> None:
    """What of these items, or of all (None), counts no more has neither a verdict nor an open link.

    It left so already, but in PostgreSQL another process may have judged it at that moment.
    """
    if tx.dialect.name == "postgresql":
        some = true() if uids is None else among(t.item.c.uid, uids)
        _forget(tx, _uids(tx, some, ~t.LIVE), now)


def _uids(tx: Connection, *conditions: ColumnElement[bool]) -> list[int]:
    return list(tx.scalars(select(t.item.c.uid).where(*conditions)))


def _leave(tx: Connection, uids: Sequence[int], sources: Collection[str], now: datetime, **values: Any) -> None:
    """The items no longer count: with their verdicts gone and their links closed, and queued for those below them."""
    if not uids:
        return
    tx.execute(update(t.item).where(among(t.item.c.uid, uids)).values(**values))
    _forget(tx, uids, now)
    mark_dirty(tx, uids)
    for source in sources:
        unsettle(tx, source)


def _forget(tx: Connection, uids: Sequence[int], now: datetime) -> None:
    if not uids:
        return
    tx.execute(delete(t.verdict).where(among(t.verdict.c.uid, uids)))
    tx.execute(update(t.link).where(among(t.link.c.uid, uids), t.link.c.valid_to.is_(None)).values(valid_to=now))
