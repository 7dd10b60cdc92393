"""The past of items, as their tool's changelog tells it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, func, select, true, type_coerce

from okrsync.model import Change, ChangeKind, History
from okrsync.store import codec, veil
from okrsync.store import tables as t
from okrsync.store.bulk import among, delete_rows, insert_rows, raw, update_rows, upsert_rows
from okrsync.store.closures import CLIMBS
from okrsync.store.dirty import mark_dirty
from okrsync.store.sources import ScopeState

REMEMBERED = 1 << 16

_LINKING = {
    kind.value: kind
    for kind in (
        *(ChangeKind.LABEL_ADDED, ChangeKind.LABEL_REMOVED, ChangeKind.PARENT, ChangeKind.FIELD, ChangeKind.MEMBER),
    )
}
"""The changes that can move a link."""

CHANGE = ("uid", "n", "at", "kind", "before", "after", "observed")


def stale_history(tx: Connection, source: str, limit: int) -> list[str]:
    """Remote ids of readable, live items that were updated after their history was read, or whose never was; commits,
    which have none, are not among them, nor is what stands in a scope that cannot be read."""
    closed = select(t.scope.c.remote_id).where(t.scope.c.source == source, t.scope.c.state != ScopeState.OK)
    behind = and_(t.item.c.source == source, t.item.c.scope.not_in(closed), t.STALE)
    return list(tx.scalars(select(t.item.c.remote_id).where(behind).limit(limit)))


def save_history(tx: Connection, source: str, asked: Sequence[str], histories: Iterable[History]) -> int:
    """The histories are stored and all that was asked is up to date; how many items got another past.

    A key that the past names is kept as an alias. One that was asked and not told keeps what it had.
    """
    items = select(t.item.c.uid, t.item.c.remote_id, t.item.c.key, t.item.c.folded, t.item.c.updated_at).where(
        t.item.c.source == source, among(t.item.c.remote_id, asked)
    )
    known = {row.remote_id: row for row in tx.execute(items)}
    veiled = map(veil.stored(tx).history, histories)
    told = {known[history.remote_id].uid: _rows(history) for history in veiled if history.remote_id in known}
    stored = _stored(tx, list(told))
    differing = {uid: rows for uid, rows in told.items() if stored.get(uid, []) != rows}
    delete_rows(tx, t.change, ("uid",), [(uid,) for uid in differing if uid in stored])
    insert_rows(tx, t.change, CHANGE, [(uid, n, *row) for uid, rows in differing.items() for n, row in enumerate(rows)])
    folded = {row.uid: row.folded for row in known.values()}
    former = {
        (uid, codec.fold(before)): before
        for uid, rows in differing.items()
        for _, kind, before, *_ in rows
        if kind == ChangeKind.KEY and before and codec.fold(before) != folded[uid]
    }
    upsert_rows(
        tx, t.alias, ("uid", "folded", "source", "key"), [(*key, source, before) for key, before in former.items()]
    )
    update_rows(
        tx, t.item, ("history_at",), ("uid",), [(codec.micros(row.updated_at), row.uid) for row in known.values()]
    )
    mark_dirty(tx, differing)
    return len(differing)


def telling(tx: Connection, tells: Callable[[Change], bool], uids: Collection[int] | None = None) -> set[int]:
    """The items, of these or of all (None), with a change of which ``tells`` says that it can have moved a link."""
    change = t.change.c

    @lru_cache(REMEMBERED)
    def asked(kind: str, before: str | None, after: str | None) -> bool:
        return tells(Change(codec.EPOCH, _LINKING[kind], before, after))

    statement = select(change.uid, change.kind, change.before, change.after).where(change.kind.in_(_LINKING))
    if uids is not None:
        statement = statement.where(among(change.uid, uids))
    return {uid for uid, *said in raw(tx, statement) if asked(*said)}


def torn(tx: Connection, uids: Collection[int] | None = None) -> set[int]:
    """The items, of these or of all (None), with two ways up, of which one may overrule the other: by two parents, or
    by a revert."""
    reference = t.reference.c
    chosen = true() if uids is None else among(reference.uid, uids)
    twice = select(reference.uid).where(reference.kind.in_(CLIMBS), chosen).group_by(reference.uid)
    reverting = select(reference.uid).where(t.REVERTING, chosen)
    return {*tx.scalars(twice.having(func.count() > 1)), *tx.scalars(reverting)}


def _rows(history: History) -> list[tuple[Any, ...]]:
    return [
        (
            codec.micros(change.at),
            change.kind.value,
            codec.maybe_clean(change.before),
            codec.maybe_clean(change.after),
            change.observed,
        )
        for change in history.changes
    ]


def _stored(tx: Connection, uids: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
    change = t.change.c
    statement = (
        select(
            *(change.uid, type_coerce(change.at, BigInteger), change.kind),
            *(change.before, change.after, change.observed),
        )
        .where(among(change.uid, uids))
        .order_by(change.uid, change.n)
    )
    found: dict[int, list[tuple[Any, ...]]] = {}
    for uid, *row in tx.execute(statement):
        found.setdefault(uid, []).append(tuple(row))
    return found
