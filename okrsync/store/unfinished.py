"""The work that is not finished, straight from its rows into columns (``rollup.backlog``)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
from sqlalchemy import Connection, and_, func, select

from okrsync.model import ReferenceKind, State
from okrsync.store import tables as t
from okrsync.store.bulk import raw
from okrsync.store.weighed import integers
from rollup.backlog import HOLDS, NO_DAY, OPEN, ORPHANS, SERVES, VERDICTS, Unfinished
from rollup.workload import KINDS, STATES, Array, Names

WINDOW = 1 << 16
"""So many uids are read at once: memory stays the same however many there are."""

Place = Callable[[str, str, str | None], int]
"""From the source, the project and the labels (as they are stored) of an item: whose work it is, as a number."""

_KINDS = {kind.value: place for place, kind in enumerate(KINDS)}
_STATES = {state.value: place for place, state in enumerate(STATES)}
_VERDICTS = {verdict.value: place for place, verdict in enumerate(VERDICTS)}
_ORPHANS = {orphan and orphan.value: place for place, orphan in enumerate(ORPHANS)}


def unfinished(tx: Connection, targets: Names, place: Place) -> Unfinished:
    """All judged items that are not finished; goals that no link named before join ``targets``."""
    last = tx.scalar(select(func.max(t.item.c.uid))) or 0
    days: dict[str | None, int] = {None: NO_DAY}
    items, serves = [np.zeros(0, OPEN)], [np.zeros(0, SERVES)]
    for start in range(0, last + 1, WINDOW):
        items.append(_items(tx, start, start + WINDOW - 1, place, days))
        serves.append(_serves(tx, start, start + WINDOW - 1, targets))
    every = np.concatenate(items)
    links = np.concatenate(serves)
    return Unfinished(every, links[np.isin(links["uid"], every["uid"])], _holds(tx, every["uid"]), targets.known)


def _items(tx: Connection, first: int, last: int, place: Place, days: dict[str | None, int]) -> Array:
    item, verdict = t.item.c, t.verdict.c
    statement = (
        select(
            *(item.uid, item.created_at, item.due, item.source, item.project, item.labels, item.kind, item.state),
            *(verdict.kind, verdict.orphan),
        )
        .join(t.verdict, verdict.uid == item.uid)
        .where(t.LIVE, item.state != State.DONE.value, item.uid.between(first, last))
        .order_by(item.uid)
    )
    rows = list(raw(tx, statement))
    found = np.zeros(len(rows), OPEN)
    if rows:
        uid, created, due, source, project, labels, kind, state, judged, orphan = zip(*rows, strict=True)
        for day in set(due) - days.keys():
            days[day] = date.fromisoformat(day).toordinal()
        found["uid"], found["created"], found["due"] = uid, created, [days[day] for day in due]
        found["place"] = [place(*one) for one in zip(source, project, labels, strict=True)]
        found["kind"], found["state"] = [_KINDS[one] for one in kind], [_STATES[one] for one in state]
        found["verdict"], found["orphan"] = [_VERDICTS[one] for one in judged], [_ORPHANS[one] for one in orphan]
    return found


def _serves(tx: Connection, first: int, last: int, targets: Names) -> Array:
    link = t.link.c
    rows = select(link.uid, link.target).distinct().join(t.item, t.item.c.uid == link.uid)
    rows = rows.where(t.item.c.state != State.DONE.value, link.valid_to.is_(None), link.uid.between(first, last))
    told = [(uid, targets.place(target)) for uid, target in raw(tx, rows.order_by(link.uid, link.target))]
    return np.array(told, SERVES)


def _holds(tx: Connection, uids: Array) -> Array:
    """Which of these items names which as what holds it up, by its id or, where it has none, by its key."""
    item, reference = t.item.c, t.reference.c
    by_id = and_(item.source == reference.source, item.remote_id == reference.target_id)
    by_key = and_(reference.target_id.is_(None), item.source == reference.source, item.folded == reference.folded)
    blocked = and_(
        reference.source.in_(select(t.source.c.id)), reference.kind == ReferenceKind.BLOCKED_BY.value
    )  # every source is named for the index that begins with it
    found = []
    for named in (by_id, by_key):
        rows = select(item.uid, reference.uid).join(t.reference, named)
        found.append(integers(tx, rows.where(blocked, t.LIVE, item.state != State.DONE.value), 2))
    pairs = np.concatenate(found)
    pairs = pairs[np.isin(pairs[:, 0], uids) & np.isin(pairs[:, 1], uids)]
    holds = np.zeros(len(pairs), HOLDS)
    holds["uid"], holds["held"] = pairs[:, 0], pairs[:, 1]
    return holds
