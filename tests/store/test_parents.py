"""Who is whose parent, of all items at once."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from sqlalchemy import true

from okrsync.model import Reference, ReferenceKind
from okrsync.store import parents, tickets
from okrsync.store import tables as t
from rollup.workload import NOBODY

AT = datetime(2026, 2, 1, tzinfo=UTC)


def test_all_parents_at_once_are_those_of_each(store, make, save, uid):
    by_id = Reference(ReferenceKind.EPIC, "SHOP-1", make(1).remote_id)
    by_key, unknown = Reference(ReferenceKind.EPIC, "SHOP-1"), Reference(ReferenceKind.PARENT, "SHOP-99", "10099")
    save(
        make(1),
        make(2, parent=1),
        make(3, parent=2, references=(by_key,)),
        make(4, references=(by_key,)),
        make(5, references=(unknown, by_key)),
        make(6, parent=7),
        make(7, parent=6),
        make(8, parent=9),
        make(9),
        make(10, parent=2, references=(by_id,)),
    )
    with store.begin() as tx:
        tx.execute(t.item.update().where(t.item.c.uid == uid(9)).values(deleted_at=AT))
        pairs = parents.every(tx)
        found = {}
        for child, parent in tx.execute(tickets.parents(lambda _: true())):
            found.setdefault(child, parent)
    one, two, three, four, five, six, seven, eight, nine, ten = (uid(number) for number in range(1, 11))
    assert [tuple(pair) for pair in pairs.tolist()] == sorted(found.items())
    assert found == {ten: two, two: one, three: two, four: one, five: one, six: seven, seven: six}, (
        "by its own field before an epic"
    )
    assert parents.of(pairs, np.array([two, nine])).tolist() == [one, NOBODY]
    assert parents.of(pairs[:0], np.array([two, eight])).tolist() == [NOBODY, NOBODY]
    assert parents.between(pairs) == {two: one, six: seven, seven: six}
