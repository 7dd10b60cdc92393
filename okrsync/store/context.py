"""Items from outside the configured scopes: parents, blockers, what is closed; read by id, and never counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, and_, bindparam, exists, func, or_, select

from okrsync.model import Item, ReferenceKind, State
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import AnySelect, among, update_rows
from okrsync.store.closures import CLIMBS, Dependencies
from okrsync.store.departures import tombstone
from okrsync.store.dirty import mark_dirty
from okrsync.store.items import store_unreadable, uids_of
from okrsync.store.unsettled import is_settled, settle, unsettle

BLOCKS = ReferenceKind.BLOCKED_BY.value
UPWARD = (*CLIMBS, ReferenceKind.CLOSES.value)
"""The references by which an item inherits from one that its own tool names by id."""

POINTS = (*UPWARD, BLOCKS)
"""The references whose other end is worth a look, wherever it stands."""

_CHILD, _TARGET = t.item.alias("child"), t.item.alias("target")
_SOURCE: BindParameter[str] = bindparam("source", type_=t.item.c.source.type)  # of statements that are made once


def wanted_context(tx: Connection, source: str) -> list[str]:
    """Remote ids to be read: the stored context that is needed, for it may have changed; and, where any item changed
    since that was last looked for, what is needed and not stored."""
    known = context_ids(tx, source)
    if is_settled(tx, source):
        return known
    return list(dict.fromkeys([*known, *missing_parents(tx, source), *missing_blockers(tx, source)]))


def settle_context(tx: Connection, source: str, now: datetime) -> None:
    """All that is wanted was read: what no item needs any more is gone, and there is nothing to look for until one
    changes."""
    if not is_settled(tx, source):
        tombstone(tx, source, idle_context(tx, source), now)
        settle(tx, source)


def missing_parents(tx: Connection, source: str) -> list[str]:
    """Remote ids that live items name as their parent or epic, or as closed by them, and that are not stored or were
    taken for deleted."""
    return _missing(tx, source, UPWARD)


def missing_blockers(tx: Connection, source: str) -> list[str]:
    """The same of what blocks counted open items: only the blocker itself tells whether it still does."""
    return _missing(tx, source, (BLOCKS,))


def _missing(tx: Connection, source: str, kinds: tuple[str, ...]) -> list[str]:
    return sorted(tx.scalars(_absent(kinds), {_SOURCE.key: source}))


@cache
def _absent(kinds: tuple[str, ...]) -> AnySelect:
    child, target = _CHILD, _TARGET
    named = (
        select(t.reference.c.target_id)
        .where(t.reference.c.source == _SOURCE, t.reference.c.kind.in_(kinds), t.reference.c.target_id.is_not(None))
        .distinct()
        .subquery()
    )
    known = exists().where(
        target.c.source == _SOURCE, target.c.remote_id == named.c.target_id, target.c.deleted_at.is_(None)
    )
    wanted = exists().where(
        t.reference.c.source == _SOURCE,
        t.reference.c.kind.in_(kinds),
        t.reference.c.target_id == named.c.target_id,
        child.c.uid == t.reference.c.uid,
        child.c.deleted_at.is_(None),
        _matters(child.c),
    )
    return select(named.c.target_id).where(~known, wanted)


def naming(tx: Connection, source: str, ids: Collection[str]) -> list[str]:
    """Remote ids of the live items that name one of these, which were readable so far, as parent, epic, closed or
    blocker."""
    return _naming(tx, source, and_(among(_TARGET.c.remote_id, ids), _TARGET.c.readable)) if ids else []


def naming_unreadable(tx: Connection, source: str) -> list[str]:
    """Remote ids of the live items that name what may not be read: nobody tells whether that still exists."""
    return _naming(tx, source, ~_TARGET.c.readable)


def _naming(tx: Connection, source: str, which: ColumnElement[bool]) -> list[str]:
    child, target = _CHILD, _TARGET
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
    return sorted(tx.scalars(_needed(), {_SOURCE.key: source}))


@cache
def _needed() -> AnySelect:
    child, parent = _CHILD, _TARGET
    pointing = and_(t.reference.c.source == _SOURCE, t.reference.c.target_id == parent.c.remote_id)
    climb = and_(t.reference.c.target_id == parent.c.remote_id, t.reference.c.kind.in_(UPWARD))  # found by its uid
    context = and_(parent.c.source == _SOURCE, ~parent.c.counted, parent.c.deleted_at.is_(None))
    counted = and_(child.c.uid == t.reference.c.uid, child.c.counted, child.c.deleted_at.is_(None))
    direct = exists().where(pointing, t.reference.c.kind.in_(POINTS), counted, _matters(child.c))
    needed = select(parent.c.uid, parent.c.remote_id).where(context, direct).cte(recursive=True)
    above = select(parent.c.uid, parent.c.remote_id).where(context, climb, t.reference.c.uid == needed.c.uid)
    return select(needed.union(above).c.remote_id)


def idle_context(tx: Connection, source: str) -> list[str]:
    """Remote ids of the stored context that no counted item needs, what was counted once among it: names in texts must
    not lead there, for a store that begins today does not know it."""
    held = tx.scalars(select(t.item.c.remote_id).where(t.item.c.source == source, t.CONTEXT))
    return sorted(set(held).difference(context_ids(tx, source)))


def _matters(child: Any) -> ColumnElement[bool]:
    """What the reference of this child points at is worth a look: all that it climbs by, and what blocks counted open
    work."""
    return or_(t.reference.c.kind.in_(UPWARD), and_(child.counted, child.state != State.DONE.value))


def hide(tx: Connection, source: str, ids: Sequence[str]) -> int:
    """Ids that the tool does not show are unreadable context, whatever was known of them; how many were not before.

    Each stands under the key by which others name it.
    """
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
    felt = Dependencies(tx).below(known) if (known := uids_of(tx, source, new).values()) else set()
    uids = store_unreadable(tx, source, {remote_id: keys.get(remote_id, remote_id) for remote_id in new})
    if uids:
        mark_dirty(tx, felt.union(uids))  # the keys are forgotten by which they were named till now
        unsettle(tx, source)
    return len(uids)


def reveal(tx: Connection, source: str, items: Iterable[Item], now: datetime) -> None:
    """What could not be read, and was known by nothing but its key, is one of these: it is named by its id from now on.

    GitHub does not tell the id of a repository that is hidden.
    """
    ids = {item.key: item.remote_id for item in items if item.key != item.remote_id}
    item, reference = t.item.c, t.reference.c
    unknown = select(item.remote_id).where(
        item.source == source, among(item.remote_id, list(ids)), t.CONTEXT, ~item.readable
    )
    keys = list(tx.scalars(unknown)) if ids else []
    if not keys:
        return
    among_them = and_(reference.source == source, reference.kind.in_(POINTS), among(reference.target_id, keys))
    waiting = list(tx.scalars(select(reference.uid).where(among_them)))
    renamed = [(ids[key], source, kind, key) for key in keys for kind in POINTS]
    update_rows(tx, t.reference, ("target_id",), ("source", "kind", "target_id"), renamed)
    tombstone(tx, source, keys, now)
    mark_dirty(tx, waiting)
