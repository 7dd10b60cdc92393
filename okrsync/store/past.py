"""Items as the roll-up looks back on them (``rollup.history``), straight from their rows into columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, func, select

from okrsync.model import ChangeKind, Goals, ItemKind, State
from okrsync.store import parents
from okrsync.store import tables as t
from okrsync.store.bulk import among, raw
from okrsync.store.tickets import Chosen
from okrsync.store.weighed import integers, parents_of
from rollup.history import CHANGE, ITEM, PERIOD, Past, lives
from rollup.workload import KINDS, NEVER, STATES, Array, Names

WINDOW = 1 << 16
"""So many uids are read at once: memory stays that of the columns, however many there are."""

_KINDS = {kind.value: place for place, kind in enumerate(KINDS)}
_STATES = {state.value: place for place, state in enumerate(STATES)}
_UNKNOWN = _STATES[State.UNKNOWN.value]


@dataclass(frozen=True, slots=True)
class _Legend:
    """What the places in the columns mean."""

    targets: Names
    sources: Names
    resolutions: Names


def read(
    tx: Connection,
    goals: Goals,
    only: Collection[str] | None = None,
    *,
    uids: Array | None = None,
    names: tuple[Sequence[str | None], Sequence[str | None]] = ((), ()),
) -> Past:
    """All that ever served these goals, or any of those that there are (None), of the kinds that weigh anywhere: of
    these items, by growing uid, where any are named. ``names`` are sources and resolutions whose places are to stay."""
    targets = [*goals.key_results, *goals.objectives] if only is None else sorted(only)
    kinds = {ItemKind.TICKET}.union(*(kr.counts for kr in goals.key_results.values()))
    sources, resolutions = (Names(list(known)) for known in names)
    legend = _Legend(Names(list(targets)), sources, resolutions)
    if uids is None and only is not None:
        uids = _serving(tx, targets)
    parts = [_window(tx, legend, kinds, chosen) for chosen in (_windows(tx) if uids is None else _pieces(uids))]
    items, changes, periods = (
        np.concatenate([np.zeros(0, kind), *(part[place] for part in parts)])
        for place, kind in enumerate((ITEM, CHANGE, PERIOD))
    )
    items["parent"] = _parents(tx, items["uid"], every=uids is None)
    return Past(items, lives(items, changes), periods, sources.known, resolutions.known, legend.targets.known)


def _serving(tx: Connection, targets: Collection[str]) -> Array:
    """The uids of what serves or served these goals."""
    link = t.link.c
    served = select(link.uid).distinct().where(among(link.target, list(targets))).order_by(link.uid)
    uids: Array = integers(tx, served, 1)[:, 0]
    return uids


def _windows(tx: Connection) -> Iterator[Chosen]:
    """All uids, some at a time and growing."""
    last = tx.scalar(select(func.max(t.link.c.uid))) or 0
    for first in range(0, last + 1, WINDOW):
        yield _between(first, first + WINDOW - 1)


def _pieces(uids: Array) -> Iterator[Chosen]:
    return (_these(some.tolist()) for some in _in_pieces(uids))


def _in_pieces(uids: Array) -> Iterator[Array]:
    return (uids[first : first + WINDOW] for first in range(0, len(uids), WINDOW))


def _between(first: int, last: int) -> Chosen:
    return lambda uid: uid.between(first, last)


def _these(uids: list[int]) -> Chosen:
    return lambda uid: among(uid, uids)


def _window(tx: Connection, legend: _Legend, kinds: Collection[ItemKind], chosen: Chosen) -> tuple[Array, Array, Array]:
    """Items, changes and periods of some uids."""
    periods = _periods(tx, legend, chosen)
    items = _items(tx, legend, kinds, chosen)
    items = items[np.isin(items["uid"], periods["uid"])]
    periods = periods[np.isin(periods["uid"], items["uid"])]
    return items, _changes(tx, items, chosen), periods


def _parents(tx: Connection, uids: Array, *, every: bool) -> Array:
    """The parent of each of these items, which are most that there are where it is of ``every`` one."""
    if every:
        return parents.of(parents.every(tx), uids)
    found = [parents_of(tx, _these(some.tolist()), some) for some in _in_pieces(uids)]
    return np.concatenate([np.zeros(0, np.int64), *found])


def _periods(tx: Connection, legend: _Legend, chosen: Chosen) -> Array:
    link = t.link.c
    places = {name: place for place, name in enumerate(legend.targets.known)}
    rows = raw(
        tx,
        select(link.uid, link.valid_from, func.coalesce(link.valid_to, NEVER), link.target)
        .where(chosen(link.uid), among(link.target, [name for name in places if name is not None]))
        .order_by(link.uid),
    )
    return np.array([(uid, since, until, places[target]) for uid, since, until, target in rows], PERIOD)


def _items(tx: Connection, legend: _Legend, kinds: Collection[ItemKind], chosen: Chosen) -> Array:
    """The counted items of these kinds that any link is of; those too that were deleted since."""
    item, link = t.item.c, t.link.c
    served = select(link.uid).where(chosen(link.uid))
    rows = raw(
        tx,
        select(
            *(item.uid, item.points, item.created_at, func.coalesce(item.completed_at, NEVER)),
            *(func.coalesce(item.deleted_at, NEVER), item.resolution, item.source, item.kind, item.state),
        )
        .where(chosen(item.uid), item.uid.in_(served), item.counted, item.kind.in_(kinds))
        .order_by(item.uid),
    )
    columns = list(zip(*rows, strict=True))
    if not columns:
        return np.zeros(0, ITEM)
    uid, points, created, completed, gone, resolution, source, kind, state = columns
    items = np.zeros(len(uid), ITEM)
    items["uid"], items["created"], items["completed"], items["gone"] = uid, created, completed, gone
    items["points"] = np.array(points, float)
    items["resolution"] = [legend.resolutions.place(one) for one in resolution]
    items["source"] = [legend.sources.place(one) for one in source]
    items["kind"] = [_KINDS[one] for one in kind]
    items["state"] = [_STATES[one] for one in state]
    return items


def _changes(tx: Connection, items: Array, chosen: Chosen) -> Array:
    change = t.change.c
    rows = raw(
        tx,
        select(change.uid, change.at, change.before, change.after)
        .where(change.kind == ChangeKind.STATE.value, chosen(change.uid))
        .order_by(change.uid, change.n),
    )
    told = [(uid, at, _STATES.get(before, _UNKNOWN), _STATES.get(after, _UNKNOWN)) for uid, at, before, after in rows]
    changes = np.array(told, CHANGE)
    return changes[np.isin(changes["uid"], items["uid"])]
