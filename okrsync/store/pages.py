"""Pages of items and what completes them: parents from outside, histories, deletions, moves.

Each function is one step of a sync and works in the caller's transaction, so that a page and the cursor after it, or an
effect and the row that records it, are stored together or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, or_, select

from okrsync.model import Cursor, Item, Page, ReferenceKind, State
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import among, insert_rows, update_rows
from okrsync.store.departures import move_out, tombstone
from okrsync.store.dirty import mark_dirty
from okrsync.store.histories import save_history, stale_history
from okrsync.store.items import store_items, store_unreadable
from okrsync.store.sources import ScopeState

__all__ = [
    "CLIMBS",
    "Saved",
    "context_ids",
    "live_ids",
    "missing_blockers",
    "missing_parents",
    "move_out",
    "naming",
    "naming_unreadable",
    "save_context",
    "save_history",
    "save_page",
    "stale_history",
    "tombstone",
]

CLIMBS = (ReferenceKind.PARENT.value, ReferenceKind.EPIC.value)
"""The references by which an item reaches its parents."""

BLOCKS = ReferenceKind.BLOCKED_BY.value
POINTS = (*CLIMBS, BLOCKS)
"""The references whose other end is worth a look, wherever it stands."""

_CURSORS = select(t.scope.c.remote_id, t.scope.c.cursor).where(t.scope.c.source == bindparam("source"))


@dataclass(frozen=True, slots=True)
class Saved:
    """How many items came, and how many of them said something new."""

    pulled: int
    changed: int


# ── what a pull brings ───────────────────────────────────────────────────────────────────────────────────────────────


def save_page(tx: Connection, source: str, page: Page, now: datetime) -> Saved:  # noqa: ARG001 (one shape for all)
    """The page is stored and its cursors are where it left them; a page that says nothing new writes nothing."""
    changed = store_items(tx, source, page.items, counted=lambda _: True)
    _move_cursors(tx, source, page.cursors)
    return Saved(len(page.items), changed)


def save_context(
    tx: Connection,
    source: str,
    items: Iterable[Item],
    unreadable: Iterable[str],
    now: datetime,  # noqa: ARG001 (one shape for all)
) -> Saved:
    """Items read by id are stored; they count only where they stand in a configured scope, or counted before.

    ``unreadable`` are the ids that the tool would not show: each becomes a node under the key by which it is named, so
    that a climb ends there as *unresolvable*.
    """
    found = list(items)
    scopes = set(
        tx.scalars(select(t.scope.c.remote_id).where(t.scope.c.source == source, t.scope.c.state != ScopeState.DROPPED))
    )
    changed = store_items(tx, source, found, counted=scopes.__contains__)
    hidden = list(unreadable)
    return Saved(len(found) + len(hidden), changed + _store_unreadable(tx, source, hidden))


def _move_cursors(tx: Connection, source: str, cursors: Mapping[str, Cursor]) -> None:
    known = dict(tx.execute(_CURSORS, {"source": source}).all()) if cursors else {}
    moved = [
        (codec.micros(cursor.at), source, scope)
        for scope, cursor in cursors.items()
        if scope in known and known[scope] != cursor.at
    ]
    update_rows(tx, t.scope, ("cursor",), ("source", "remote_id"), moved)
    new = [
        (source, scope, scope, "", ScopeState.OK.value, "", codec.micros(cursor.at))
        for scope, cursor in cursors.items()
        if scope not in known
    ]
    insert_rows(tx, t.scope, ("source", "remote_id", "key", "name", "state", "error", "cursor"), new)


# ── parents from outside ─────────────────────────────────────────────────────────────────────────────────────────────


def missing_parents(tx: Connection, source: str) -> list[str]:
    """Remote ids that live items name as their parent or epic, and that are not stored or were taken for deleted."""
    return _missing(tx, source, CLIMBS)


def missing_blockers(tx: Connection, source: str) -> list[str]:
    """The same of what blocks counted open items: only the blocker itself tells whether it still does."""
    return _missing(tx, source, (BLOCKS,))


def _missing(tx: Connection, source: str, kinds: Sequence[str]) -> list[str]:
    child, target = t.item.alias("child"), t.item.alias("target")
    named = (
        select(t.reference.c.target_id)
        .where(t.reference.c.source == source, t.reference.c.kind.in_(kinds), t.reference.c.target_id.is_not(None))
        .distinct()
        .subquery()
    )
    known = exists().where(
        target.c.source == source, target.c.remote_id == named.c.target_id, target.c.deleted_at.is_(None)
    )
    wanted = exists().where(
        t.reference.c.source == source,
        t.reference.c.kind.in_(kinds),
        t.reference.c.target_id == named.c.target_id,
        child.c.uid == t.reference.c.uid,
        child.c.deleted_at.is_(None),
        _matters(child.c),
    )
    return sorted(tx.scalars(select(named.c.target_id).where(~known, wanted)))


def naming(tx: Connection, source: str, ids: Collection[str]) -> list[str]:
    """Remote ids of the live items that name one of these, which were readable so far, as parent, epic or blocker."""
    target = t.item.alias("target")
    return _naming(tx, source, target, and_(among(target.c.remote_id, ids), target.c.readable)) if ids else []


def naming_unreadable(tx: Connection, source: str) -> list[str]:
    """Remote ids of the live items that name what may not be read: nobody tells whether that still exists."""
    target = t.item.alias("target")
    return _naming(tx, source, target, ~target.c.readable)


def _naming(tx: Connection, source: str, target: Any, which: ColumnElement[bool]) -> list[str]:
    child = t.item.alias("child")
    pointing = and_(
        t.reference.c.source == source, t.reference.c.kind.in_(POINTS), t.reference.c.target_id == target.c.remote_id
    )
    statement = (
        select(child.c.remote_id)
        .select_from(target)
        .join(t.reference, pointing)
        .join(child, child.c.uid == t.reference.c.uid)
        .where(target.c.source == source, target.c.deleted_at.is_(None), which)
        .where(child.c.readable, child.c.deleted_at.is_(None))
        .distinct()
    )
    return sorted(tx.scalars(statement))


def context_ids(tx: Connection, source: str) -> list[str]:
    """Remote ids of the stored context through which counted items climb, or that blocks them, to be read afresh."""
    child, parent = t.item.alias("child"), t.item.alias("parent")
    pointing = and_(t.reference.c.source == source, t.reference.c.target_id == parent.c.remote_id)
    climb = and_(pointing, t.reference.c.kind.in_(CLIMBS))
    context = and_(parent.c.source == source, ~parent.c.counted, parent.c.deleted_at.is_(None))
    counted = and_(child.c.uid == t.reference.c.uid, child.c.counted, child.c.deleted_at.is_(None))
    direct = exists().where(pointing, t.reference.c.kind.in_(POINTS), counted, _matters(child.c))
    needed = select(parent.c.uid, parent.c.remote_id).where(context, direct).cte(recursive=True)
    above = select(parent.c.uid, parent.c.remote_id).where(context, climb, t.reference.c.uid == needed.c.uid)
    return sorted(tx.scalars(select(needed.union(above).c.remote_id)))


def _matters(child: Any) -> ColumnElement[bool]:
    """What the reference of this child points at is worth a look: any parent, and what blocks counted open work."""
    return or_(t.reference.c.kind.in_(CLIMBS), and_(child.counted, child.state != State.DONE.value))


def _store_unreadable(tx: Connection, source: str, ids: Sequence[str]) -> int:
    """Ids that the tool does not show are unreadable context, whatever was known of them; how many were not before."""
    if not ids:
        return 0
    item, reference = t.item.c, t.reference.c
    wanted = [codec.clean(remote_id) for remote_id in dict.fromkeys(ids)]
    keys = dict(
        tx.execute(
            select(reference.target_id, func.min(reference.target))
            .where(reference.source == source, reference.kind.in_(POINTS), among(reference.target_id, wanted))
            .group_by(reference.target_id)
        ).all()
    )
    live = select(item.remote_id, item.key, item.counted, item.readable).where(
        item.source == source, among(item.remote_id, wanted), item.deleted_at.is_(None)
    )
    settled = {
        row.remote_id
        for row in tx.execute(live)
        if row.counted or (not row.readable and keys.get(row.remote_id, row.key) == row.key)
    }
    new = [remote_id for remote_id in wanted if remote_id not in settled]
    uids = store_unreadable(tx, source, {remote_id: keys.get(remote_id, remote_id) for remote_id in new})
    mark_dirty(tx, uids)
    return len(uids)


# ── what still exists ────────────────────────────────────────────────────────────────────────────────────────────────


def live_ids(tx: Connection, source: str, scope: str) -> set[str]:
    """Remote ids of the counted items of a scope that were not taken for deleted."""
    return set(tx.scalars(select(t.item.c.remote_id).where(t.item.c.source == source, t.item.c.scope == scope, t.LIVE)))
