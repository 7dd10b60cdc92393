"""The workload of the roll-up as it is stored: the link job keeps it equal to the items and links, and whoever measures
reads it and no items.

A part holds the items of ``PART`` uids in a row, in the arrays of ``rollup.workload``: what changed is written again
with its neighbours alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from okrsync.model import Goals, ItemKind, ReferenceKind
from okrsync.store import tables as t
from okrsync.store.bulk import among, insert_rows, raw
from okrsync.store.meta import get_meta, set_meta
from okrsync.store.tickets import Chosen
from okrsync.store.weighed import Columns, Legend, weighed
from rollup.workload import FORMAT, ITEM, LINK, TURN, Array, Names, Workload

PART = 64
"""So many uids a part: few enough that one changed item costs little, enough that a million are not many rows."""

WINDOW = 1024 * PART
"""So many uids are read at once: memory stays the same however many there are."""

STAMP = "workload"
"""The name under which the store remembers what the parts are made of."""

_ROW = ("part", "items", "links", "turns")


def is_current(tx: Connection, goals: Goals) -> bool:
    """Whether the stored workload is of this program's making, and holds what these goals count."""
    return _Stamp.stored(tx).fits(goals)


def refresh(tx: Connection, goals: Goals, uids: Collection[int] | None) -> None:
    """The stored workload is that of the items and links as they are now.

    ``uids`` are all items that changed since it last was, or whose links did, whether they still count or not; None
    where nothing is known of that.
    """
    stamp = _Stamp.stored(tx)
    if uids is None or not stamp.fits(goals):
        stamp = _Stamp.of(goals)
        tx.execute(delete(t.workload))
        for columns in _everything(tx, stamp):
            insert_rows(tx, t.workload, _ROW, list(_parts(columns)))
    elif uids:
        every = np.array(sorted({*uids, *_held_up(tx, uids)}))
        for start in range(0, len(every), WINDOW):
            _replace(tx, stamp, every[start : start + WINDOW])
    set_meta(tx, STAMP, stamp.document())


def read(tx: Connection, goals: Goals) -> Workload:
    """What is linked to each goal now: as it is stored, or, where that is of another program's making or for goals that
    count other kinds, from the items themselves."""
    stamp = _Stamp.stored(tx)
    if stamp.fits(goals):
        columns = _stored(tx)
    else:
        stamp = _Stamp.of(goals)
        columns = _joined(list(_everything(tx, stamp)))
    legend = stamp.legend
    names = (legend.sources.known, legend.resolutions.known, legend.targets.known)
    return Workload(columns.items, columns.turns, columns.links, *names)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What the stored parts are made of."""

    format: int
    part: int
    kinds: frozenset[ItemKind]
    legend: Legend

    @classmethod
    def of(cls, goals: Goals) -> _Stamp:
        return cls(FORMAT, PART, _counted(goals), Legend())

    @classmethod
    def stored(cls, tx: Connection) -> _Stamp:
        known: Any = get_meta(tx, STAMP) or {"format": 0, "kinds": [], "sources": [], "resolutions": [], "targets": []}
        legend = Legend(*(Names(list(known[name])) for name in ("sources", "resolutions", "targets")))
        return cls(known["format"], known.get("part", 0), frozenset(map(ItemKind, known["kinds"])), legend)

    def fits(self, goals: Goals) -> bool:
        return (self.format, self.part, self.kinds) == (FORMAT, PART, _counted(goals))

    def document(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "part": self.part,
            "kinds": sorted(self.kinds),
            "sources": self.legend.sources.known,
            "resolutions": self.legend.resolutions.known,
            "targets": self.legend.targets.known,
        }


def _counted(goals: Goals) -> frozenset[ItemKind]:
    """The kinds of item that weigh anywhere; an objective counts tickets."""
    return frozenset({ItemKind.TICKET}).union(*(kr.counts for kr in goals.key_results.values()))


def _held_up(tx: Connection, uids: Collection[int]) -> set[int]:
    """The items that are blocked by one of these, by its id, or by a key that it has or had."""
    item, reference = t.item.c, t.reference.c

    def mine(column: ColumnElement[Any]) -> ColumnElement[bool]:
        return among(column, list(uids))

    blocked = reference.kind == ReferenceKind.BLOCKED_BY.value
    named = and_(reference.source == item.source, reference.target_id == item.remote_id)
    by_id = select(reference.uid).join(t.item, named).where(blocked, mine(item.uid))
    keys = select(item.folded).where(mine(item.uid)).union(select(t.alias.c.folded).where(mine(t.alias.c.uid)))
    by_key = select(reference.uid).where(blocked, t.KEYED, reference.folded.in_(keys))
    return {*tx.scalars(by_id), *tx.scalars(by_key)}


def _everything(tx: Connection, stamp: _Stamp) -> Iterator[Columns]:
    """All that is linked, a window at a time."""
    last = tx.scalar(select(func.max(t.link.c.uid))) or 0
    for start in range(0, last + 1, WINDOW):
        yield weighed(tx, stamp.legend, stamp.kinds, _between(start, start + WINDOW - 1))


def _between(first: int, last: int) -> Chosen:
    return lambda uid: uid.between(first, last)


def _replace(tx: Connection, stamp: _Stamp, uids: Array) -> None:
    """These items are stored as they are now, or not any more."""
    some, parts = uids.tolist(), np.unique(uids // PART).tolist()
    kept = _stored(tx, parts)
    others = Columns(*(one[~np.isin(one["uid"], uids)] for one in (kept.items, kept.links, kept.turns)))
    fresh = weighed(tx, stamp.legend, stamp.kinds, lambda uid: among(uid, some))
    tx.execute(delete(t.workload).where(among(t.workload.c.part, parts)))
    insert_rows(tx, t.workload, _ROW, list(_parts(_joined([others, fresh]))))


# ── parts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _parts(columns: Columns) -> Iterator[tuple[int, bytes, bytes, bytes]]:
    """A row a part, without those that hold nothing."""
    arrays = (columns.items, columns.links, columns.turns)
    parts = np.unique(columns.items["uid"] // PART)
    begins = [np.searchsorted(one["uid"], parts * PART).tolist() for one in arrays]
    ends = [np.searchsorted(one["uid"], (parts + 1) * PART).tolist() for one in arrays]
    for place, part in enumerate(parts.tolist()):
        items, links, turns = (
            one[begin[place] : end[place]].tobytes() for one, begin, end in zip(arrays, begins, ends, strict=True)
        )
        yield part, items, links, turns


def _stored(tx: Connection, parts: Sequence[int] | None = None) -> Columns:
    """What these parts hold; all of them where none is named."""
    statement = select(*(t.workload.c[name] for name in _ROW[1:])).order_by(t.workload.c.part)
    if parts is not None:
        statement = statement.where(among(t.workload.c.part, parts))
    packed = list(zip(*raw(tx, statement, few=parts is not None), strict=True)) or [(), (), ()]
    items, links, turns = (b"".join(column) for column in packed)
    return Columns(np.frombuffer(items, ITEM), np.frombuffer(links, LINK), np.frombuffer(turns, TURN))


def _joined(several: Sequence[Columns]) -> Columns:
    """Columns of different items as one."""
    items, links, turns = (
        np.concatenate([np.zeros(0, kind), *(getattr(one, name) for one in several)])
        for name, kind in (("items", ITEM), ("links", LINK), ("turns", TURN))
    )
    return Columns(
        items[np.argsort(items["uid"])],
        links[np.lexsort((links["target"], links["uid"]))],
        turns[np.argsort(turns["uid"], kind="stable")],
    )
