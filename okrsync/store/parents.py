"""Who is whose parent, of all items at once."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, and_, select

from okrsync.store import tables as t
from okrsync.store import tickets
from okrsync.store.bulk import among
from okrsync.store.closures import CLIMBS
from okrsync.store.weighed import integers
from rollup.workload import NOBODY, Array

PIECE = 1 << 16
"""So many items whose parent takes more than one look are read at once."""


def every(tx: Connection) -> Array:
    """(uid, uid of its parent) of every item that has one, by growing uid, as :func:`okrsync.store.tickets.parents`
    tells them: what names a parent by its id alone, which is most, is read as it lies in the index."""
    item, reference = t.item.c, t.reference.c
    climbs = and_(reference.source.in_(select(t.source.c.id)), reference.kind.in_(CLIMBS))
    named = and_(item.source == reference.source, item.remote_id == reference.target_id)
    by_id = select(reference.uid, item.uid).join(t.item, named).where(climbs, item.deleted_at.is_(None))
    pairs = integers(tx, by_id, 2)
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    by_key = integers(tx, select(reference.uid).where(climbs, reference.target_id.is_(None)), 1)[:, 0]
    several = pairs[1:, 0][np.diff(pairs[:, 0]) == 0]
    unclear = np.union1d(several, by_key)
    if not len(unclear):
        return pairs
    found = [pairs[~np.isin(pairs[:, 0], unclear)]]
    for first in range(0, len(unclear), PIECE):
        found.append(_looked_up(tx, unclear[first : first + PIECE].tolist()))
    pairs = np.concatenate(found)
    ordered: Array = pairs[np.argsort(pairs[:, 0], kind="stable")]
    return ordered


def of(pairs: Array, uids: Array) -> Array:
    """The parent of each of these items by ``pairs``, NOBODY where it has none."""
    found = np.full(len(uids), NOBODY)
    if len(pairs):
        places = np.minimum(np.searchsorted(pairs[:, 0], uids), len(pairs) - 1)
        found = np.where(pairs[places, 0] == uids, pairs[places, 1], NOBODY)
    return found


def between(pairs: Array) -> dict[int, int]:
    """Item → its parent, of the items that have a parent and are one themselves: no other can lie on a circle."""
    both = pairs[np.isin(pairs[:, 0], pairs[:, 1])]
    return dict(zip(both[:, 0].tolist(), both[:, 1].tolist(), strict=True))


def _looked_up(tx: Connection, uids: list[int]) -> Array:
    rows = integers(tx, tickets.parents(lambda column: among(column, uids)), 2)
    first: Array = rows[np.diff(rows[:, 0], prepend=-1) != 0]  # the first of each
    return first
