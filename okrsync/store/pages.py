"""Pages of items and what completes them: parents from outside, histories, deletions, moves.

Each function is one step of a sync and works in the caller's transaction, so that a page and the cursor after it, or an
effect and the row that records it, are stored together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, select

from okrsync.model import Cursor, Item, Page
from okrsync.store import codec, veil
from okrsync.store import tables as t
from okrsync.store.bulk import among, insert_rows, update_rows
from okrsync.store.context import hide, naming, naming_unreadable, reveal, settle_context, wanted_context
from okrsync.store.departures import move_out, tombstone
from okrsync.store.doubts import dispel, doubt, doubted
from okrsync.store.histories import save_history, stale_history
from okrsync.store.items import store_items
from okrsync.store.sources import ScopeState, former_names
from okrsync.store.unsettled import is_settled, unsettle

__all__ = [
    "Saved",
    "dispel",
    "doubted",
    "held",
    "is_settled",
    "known",
    "live_ids",
    "move_out",
    "naming",
    "naming_unreadable",
    "save_context",
    "save_history",
    "save_page",
    "settle_context",
    "stale_history",
    "tombstone",
    "wanted_context",
]

_CURSORS = select(t.scope.c.remote_id, t.scope.c.cursor, t.scope.c.mark).where(t.scope.c.source == bindparam("source"))


@dataclass(frozen=True, slots=True)
class Saved:
    """How many items came, and how many of them said something new."""

    pulled: int
    changed: int


# ── what a pull brings ───────────────────────────────────────────────────────────────────────────────────────────────


def save_page(tx: Connection, source: str, page: Page, now: datetime, *, observing: bool = False) -> Saved:
    """The page is stored, with what it doubts, and its cursors are where it left them; a page that says nothing new
    writes nothing.

    ``observing``: the tool tells no histories, so that what changed is noted here.
    """
    changed = _store(tx, source, page.items, lambda _: True, now, observing=observing)
    doubt(tx, source, page.doubts)
    _move_cursors(tx, source, page.cursors)
    return Saved(len(page.items), changed)


def save_context(
    tx: Connection,
    source: str,
    items: Iterable[Item],
    unreadable: Iterable[str],
    now: datetime,
    *,
    observing: bool = False,
) -> Saved:
    """Items read by id are stored; they count only where they stand in a configured scope, or counted before.

    ``unreadable`` are the ids that the tool would not show: each becomes a node under the key by which it is named, so
    that a climb ends there as *unresolvable*.
    """
    found, hidden = list(items), list(unreadable)
    scopes = set(tx.scalars(select(t.scope.c.remote_id).where(t.scope.c.source == source)))
    changed = _store(tx, source, found, scopes.__contains__, now, observing=observing)
    return Saved(len(found) + len(hidden), changed + hide(tx, source, hidden))


def _store(
    tx: Connection,
    source: str,
    items: Sequence[Item],
    counted: Callable[[str], bool],
    now: datetime,
    *,
    observing: bool,
) -> int:
    veiled = map(veil.stored(tx).item, items)
    changed = store_items(tx, source, veiled, counted, former_names(tx, source), now, observing=observing)
    if changed:
        unsettle(tx, source)
        reveal(tx, source, items, now)
    return changed


def _move_cursors(tx: Connection, source: str, cursors: Mapping[str, Cursor]) -> None:
    if not cursors:
        return
    known = {scope: (cursor, mark) for scope, cursor, mark in tx.execute(_CURSORS, {"source": source})}
    said = {scope: (cursor.at, codec.clean(cursor.mark)) for scope, cursor in cursors.items()}
    moved = [
        (codec.micros(at), mark, source, scope)
        for scope, (at, mark) in said.items()
        if scope in known and known[scope] != (at, mark)
    ]
    update_rows(tx, t.scope, ("cursor", "mark"), ("source", "remote_id"), moved)
    new = [
        (source, scope, scope, "", "", ScopeState.OK.value, "", codec.micros(at), mark)
        for scope, (at, mark) in said.items()
        if scope not in known
    ]
    columns = ("source", "remote_id", "key", "name", "configured", "state", "error", "cursor", "mark")
    insert_rows(tx, t.scope, columns, new)


# ── what still exists ────────────────────────────────────────────────────────────────────────────────────────────────


def held(tx: Connection, source: str, scopes: Collection[str], ids: Collection[str]) -> tuple[set[str], int]:
    """Which of these are counted items of these scopes that were not taken for deleted, and how many there are in
    all."""
    live = and_(t.item.c.source == source, among(t.item.c.scope, scopes), t.LIVE)
    found = select(t.item.c.remote_id).where(live, among(t.item.c.remote_id, ids))
    return set(tx.scalars(found)), tx.scalar(select(func.count()).where(live)) or 0


def live_ids(tx: Connection, source: str, scope: str) -> set[str]:
    """Remote ids of the counted items of a scope that were not taken for deleted."""
    return set(tx.scalars(select(t.item.c.remote_id).where(t.item.c.source == source, t.item.c.scope == scope, t.LIVE)))


def known(tx: Connection, source: str, ids: Collection[str]) -> set[str]:
    """Which of these are stored, counted or not, there or gone."""
    held = and_(t.item.c.source == source, among(t.item.c.remote_id, [codec.clean(one) for one in ids]))
    return set(tx.scalars(select(t.item.c.remote_id).where(held))) if ids else set()
