"""Items that may be gone: whoever suspects it says so in its own transaction, and the cycle that has asked the tool
takes it back. So a cycle that died on the way, or was not believed, leaves the question open.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, select

from okrsync.store import tables as t
from okrsync.store.bulk import among
from okrsync.store.codec import clean
from okrsync.store.meta import get_meta, set_meta
from okrsync.store.sources import ScopeState


def doubt(tx: Connection, source: str, ids: Collection[str]) -> None:
    """These items may be gone, or stand elsewhere now; what does not count anyway is passed over."""
    if not ids:
        return
    live = and_(t.item.c.source == source, t.LIVE, among(t.item.c.remote_id, [clean(one) for one in ids]))
    found = tx.scalars(select(t.item.c.remote_id).where(live))
    set_meta(tx, _key(source), sorted(_known(tx, source).union(found)))


def doubted(tx: Connection, source: str) -> list[str]:
    """Remote ids of the items that may be gone, and that the tool was not asked for since; what stands in a scope that
    cannot be read waits for it."""
    if not (known := _known(tx, source)):
        return []
    closed = select(t.scope.c.remote_id).where(t.scope.c.source == source, t.scope.c.state != ScopeState.OK)
    there = and_(t.item.c.source == source, among(t.item.c.remote_id, known), t.item.c.scope.in_(closed))
    return sorted(known.difference(tx.scalars(select(t.item.c.remote_id).where(there))))


def dispel(tx: Connection, source: str, ids: Collection[str]) -> None:
    """The tool was asked for these, and what it told of them is stored."""
    if ids:
        set_meta(tx, _key(source), sorted(_known(tx, source).difference(ids)))


def _known(tx: Connection, source: str) -> set[str]:
    known = get_meta(tx, _key(source))
    return {str(one) for one in known} if isinstance(known, list) else set()


def _key(source: str) -> str:
    return f"doubts:{source}"
