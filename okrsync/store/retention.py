"""What is of no use any more goes: rows that no number, no report of the past and no undo asks for.

Of items that are gone from their tool those stay that ever served a goal, for burn-ups count them; of writes what
``undo`` and ``undo --all`` put back, and what the last look at a slot is held against.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, and_, delete, exists, func, or_, select, union

from config.operation import Retention
from okrsync.model import Json, ReferenceKind, WriteState
from okrsync.store import tables as t
from okrsync.store.bulk import AnyRow, among, stream
from okrsync.store.journal import PLAN, REPLACED

PIECE = 2000
"""So many rows of a kind go in one transaction: it is over within a second, whatever else waits to write."""

FOR_EVER = timedelta(0)

ITEMS, TEXTS, WRITES, RUNS, ALERTS, SNAPSHOTS = "items", "texts", "writes", "runs", "alerts", "snapshots"

_HANGING = (t.body, t.alias, t.reference, t.change)
_POINTING = [kind.value for kind in ReferenceKind]
_DONE = [WriteState.APPLIED.value, WriteState.UNDONE.value]
_ENDED = [*_DONE, WriteState.SKIPPED.value, WriteState.FAILED.value]


def forget_old(tx: Connection, retention: Retention, now: datetime, *, limit: int = PIECE) -> dict[str, int]:
    """How many rows of each kind went, at most ``limit`` of each; empty once nothing is left that may go."""
    gone: dict[str, int] = {}
    for kind, kept, forget in (
        (ITEMS, retention.deleted, _items),
        (TEXTS, retention.deleted, _texts),
        (WRITES, retention.runs, _writes),
        (RUNS, retention.runs, _runs),
        (ALERTS, retention.alerts, _alerts),
        (SNAPSHOTS, retention.snapshots, _snapshots),
    ):
        if kept > FOR_EVER and (count := forget(tx, now - kept, limit)):
            gone[kind] = count
    return gone


# ── items ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _items(tx: Connection, before: datetime, limit: int) -> int:
    """Deleted items that never served a goal, of which nobody said or wrote anything, and that no item names but such
    as go too."""
    useless = and_(t.item.c.deleted_at < before, ~_served(), ~_waiting(), ~_spoken_of(), ~_written(), ~_mended())
    named = or_(*(exists().where(points, other != t.item.c.uid) for other, points in _pointing()))
    uids = list(tx.scalars(select(t.item.c.uid).where(useless, ~named).limit(limit)))
    uids = uids or _each_other(tx, useless)[:limit]
    for table in (*_HANGING, t.item):
        if uids:
            tx.execute(delete(table).where(among(table.c.uid, uids)))
    return len(uids)


def _each_other(tx: Connection, useless: ColumnElement[bool]) -> list[int]:
    """The useless that only such name as are among them: circles, and what hangs on these."""
    live = t.item.alias("live")
    by_live = (
        exists().where(points, live.c.uid == other, live.c.deleted_at.is_(None)) for other, points in _pointing()
    )
    alone = and_(useless, ~or_(*by_live))
    pairs = union(
        *(
            select(t.item.c.uid, other).select_from(t.item.join(other.table, points)).where(alone)
            for other, points in _pointing()
        )
    )
    named: dict[int, set[int]] = defaultdict(set)
    for uid, other in tx.execute(pairs):
        named[uid].add(other)
    kept = set().union(*named.values()) - set(tx.scalars(select(t.item.c.uid).where(alone)))
    while stays := [uid for uid, others in named.items() if not others.isdisjoint(kept)]:
        kept.update(stays)
        for uid in stays:
            del named[uid]
    return sorted(named)


def _served() -> ColumnElement[bool]:
    return exists().where(t.link.c.uid == t.item.c.uid)


def _waiting() -> ColumnElement[bool]:
    """The link job has not seen yet that it is gone."""
    return exists().where(t.dirty.c.uid == t.item.c.uid)


def _spoken_of() -> ColumnElement[bool]:
    said = exists().where(t.override.c.uid == t.item.c.uid)
    return or_(said, exists().where(t.confirmation.c.uid == t.item.c.uid))


def _written() -> ColumnElement[bool]:
    """Something of ours may stand on it, should it come back."""
    known = t.known.c
    return exists().where(known.source == t.item.c.source, known.remote_id == t.item.c.remote_id)


def _mended() -> ColumnElement[bool]:
    return exists().where(t.verdict.c.mend == t.item.c.uid)


def _pointing() -> list[tuple[Column[int], ColumnElement[bool]]]:
    """Each way in which an item points at another: who does, and that it does. A blocker that is gone blocks no more,
    one that was never heard of does; and the past of what was blocked once is told by what blocked it."""
    item, reference, change = t.item.c, t.reference.c, t.change.c
    by_id = (reference.source == item.source, reference.kind.in_(_POINTING), reference.target_id == item.remote_id)
    return [
        (reference.uid, and_(*by_id)),
        (reference.uid, and_(t.KEYED, reference.folded == item.folded)),
        (reference.uid, and_(t.KEYED, reference.folded.in_(_former(t.alias.c.folded)))),
        *((change.uid, and_(t.BLOCKING, change[side] == item.key)) for side in ("after", "before")),
        *((change.uid, and_(t.BLOCKING, change[side].in_(_former(t.alias.c.key)))) for side in ("after", "before")),
    ]


def _former(column: ColumnElement[Any]) -> Any:
    return select(column).where(t.alias.c.uid == t.item.c.uid).correlate(t.item)


def _texts(tx: Connection, before: datetime, limit: int) -> int:
    """Of deleted items that stay, the long text goes: nothing is read in it any more."""
    old = select(t.body.c.uid).join(t.item, t.item.c.uid == t.body.c.uid).where(t.item.c.deleted_at < before)
    uids = list(tx.scalars(old.limit(limit)))
    if uids:
        tx.execute(delete(t.body).where(among(t.body.c.uid, uids)))
    return len(uids)


# ── the journal ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _writes(tx: Connection, before: datetime, limit: int) -> int:
    """Writes that a newer plan replaced, and those that ended and that nothing goes back to."""
    runs = select(t.run.c.id).where(t.run.c.at < before)
    replaced = select(t.write.c.id).where(REPLACED, t.write.c.run.in_(runs))
    ids = list(tx.scalars(replaced.limit(limit)))
    for spent in _spent(tx, before):
        if len(ids) >= limit:
            break
        ids += spent
    if ids:
        tx.execute(delete(t.write).where(among(t.write.c.id, ids)))
    return len(ids)


def _spent(tx: Connection, before: datetime) -> Iterator[list[int]]:
    """Slot by slot the ids of the writes that ended so long ago and are of no use: together they go or stay."""
    write, later = t.write.c, t.write.alias("later")
    same = (later.c[name] == write[name] for name in ("source", "remote_id", "surface", "name"))
    overtaken = exists().where(*same, later.c.id > write.id, later.c.state.in_(_DONE))
    old = and_(write.state.in_(_ENDED), write.settled_at < before)
    slot = (write.source, write.remote_id, write.surface, write.name)
    slots = select(*slot).where(old, overtaken).distinct().order_by(*slot).subquery()
    mine = and_(*(slots.c[column.name] == column for column in slot))
    said = (write.id, write.state, write.before, write.after, write.receipt)
    held = exists().where(t.known.c.write == write.id)
    stands = select(t.known.c.value).where(*(t.known.c[column.name] == column for column in slot)).scalar_subquery()
    told = {"old": old, "overtaken": overtaken, "held": held, "stands": stands}
    rows = (
        select(*slot, *said, *(one.label(name) for name, one in told.items()))
        .join(slots, mine)
        .order_by(*slot, write.id)
    )
    for _, of_slot in groupby(stream(tx, rows), key=lambda row: tuple(row[:4])):
        if spent := _useless(list(of_slot)):
            yield spent


def _useless(rows: Sequence[AnyRow]) -> list[int]:
    """Of all writes to one slot, the oldest first: what is old, and overtaken by one that was done.

    What stands there now stays, for an undo of its run takes it back; so does the first of our writes for as long as
    they have not led back to what stood there before it, for ``undo --all`` goes back to that.
    """
    spent: set[int] = set()
    chain: list[int] = []  # what was done since something else stood there than before our first write
    origin: Json = None
    for row in rows:
        if row.old and row.overtaken and not row.held and not (row.state in _DONE and _stands(row)):
            spent.add(row.id)
        if row.state not in _DONE:
            continue
        if not chain:
            origin = row.before
        chain.append(row.id)
        if row.after == origin:  # back where we began: both ends stay, or nothing of it does
            if not spent.issuperset(chain):
                spent -= {chain[0], chain[-1]}
            chain = []
    return sorted(spent.difference(chain[:1]))


def _stands(row: AnyRow) -> bool:
    return bool((row.after if row.receipt is None else row.receipt) == row.stands)


def _runs(tx: Connection, before: datetime, limit: int) -> int:
    """Runs of which no write is left; the newest plan stays, for it tells which others were replaced."""
    run, undoing = t.run.c, t.run.alias("undoing")
    newest = [func.max(run.id), func.max(run.id).filter(run.kind == PLAN)]
    last = [one for one in tx.execute(select(*newest)).one() if one is not None]
    empty = and_(
        ~exists().where(t.write.c.run == run.id), ~exists().where(undoing.c.undoes == run.id), run.id.not_in(last)
    )
    ids = list(tx.scalars(select(run.id).where(run.at < before, empty).limit(limit)))
    if ids:
        tx.execute(delete(t.run).where(among(run.id, ids)))
    return len(ids)


# ── the daemon ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _alerts(tx: Connection, before: datetime, limit: int) -> int:
    """Alerts that are over."""
    ids = list(tx.scalars(select(t.alert.c.id).where(t.alert.c.ended_at < before).limit(limit)))
    if ids:
        tx.execute(delete(t.alert).where(among(t.alert.c.id, ids)))
    return len(ids)


def _snapshots(tx: Connection, before: datetime, limit: int) -> int:
    """What was published on days that are so long over, but what was last published of each goal."""
    snapshot, later = t.snapshot.c, t.snapshot.alias("later")
    newer = exists().where(later.c.goal == snapshot.goal, later.c.day > snapshot.day)
    old = select(snapshot.goal, snapshot.day).where(snapshot.day < before.date(), newer)
    rows = tx.execute(old.limit(limit)).all()
    for goal, day in rows:
        tx.execute(delete(t.snapshot).where(snapshot.goal == goal, snapshot.day == day))
    return len(rows)
