"""The orphans as columns: why each of them is one, and where it is to be mended."""

from __future__ import annotations

from itertools import chain

import numpy as np
from sqlalchemy import Connection, case, func, select

from okrsync.model import OrphanClass, VerdictKind
from okrsync.store import tables as t
from okrsync.store.bulk import raw
from rollup.workload import NOBODY, Array

CLASSES = tuple(OrphanClass)
"""What the places in ``class`` mean."""

ORPHAN = np.dtype([("uid", "<i8"), ("mend", "<i8"), ("class", "u1")])
"""``mend``: the item whose mend brings it home; NOBODY where that is not stored."""


def orphans(tx: Connection) -> Array:
    """All of them, by growing uid."""
    verdict = t.verdict.c
    why = case({one.value: place for place, one in enumerate(CLASSES)}, value=verdict.orphan)
    statement = select(verdict.uid, func.coalesce(verdict.mend, NOBODY), why)
    rows = raw(tx, statement.where(verdict.kind == VerdictKind.ORPHAN.value).order_by(verdict.uid))
    uid, mend, place = np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, 3).T
    found = np.zeros(len(uid), ORPHAN)
    found["uid"], found["mend"], found["class"] = uid, mend, place
    return found
