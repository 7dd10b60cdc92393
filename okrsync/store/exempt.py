"""What tells since when work is exempt, and why: labels, parents, and where items come from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, func, select

from mapping.bygone import LABELLING
from mapping.world import Origin
from okrsync.model import ChangeKind, VerdictKind
from okrsync.store import codec
from okrsync.store import tables as t
from okrsync.store.bulk import among, raw
from rollup.workload import KINDS, Array

PIECE = 10_000
"""So many items are asked for at once."""

_KINDS = {kind.value: place for place, kind in enumerate(KINDS)}


def labelled_since(tx: Connection, since: datetime) -> Iterator[tuple[int, str]]:
    """(uid, label) of every label that was put on or taken off after that."""
    change = t.change.c
    rows = select(change.uid, func.coalesce(change.after, change.before, ""))
    rows = rows.where(change.kind.in_([kind.value for kind in LABELLING]), change.at > since)
    return ((uid, label) for uid, label in raw(tx, rows))


def moved_since(tx: Connection, since: datetime) -> set[int]:
    """The items that changed their parent after that, and are exempt, or were below what is."""
    change, item, verdict, former = t.change.c, t.item.c, t.verdict.c, t.item.alias("former")
    moved = (change.kind == ChangeKind.PARENT.value, change.at > since)
    exempt = verdict.kind == VerdictKind.EXEMPT.value
    into = select(change.uid).join(t.verdict, verdict.uid == change.uid).where(*moved, exempt)
    out = (
        select(change.uid)
        .join(t.item, item.uid == change.uid)
        .join(former, (former.c.source == item.source) & (former.c.remote_id == change.before))
        .join(t.verdict, verdict.uid == former.c.uid)
        .where(*moved, exempt)
    )
    return {*tx.scalars(into), *tx.scalars(out)}


def origins(tx: Connection, uids: Array) -> Iterator[tuple[int, Origin, str, tuple[str, ...], str]]:
    """uid, where it comes from, author, labels and title of each of these items, which are counted, by growing uid."""
    item = t.item.c
    columns = (item.uid, item.source, item.kind, item.project, item.type, item.author, item.labels, item.title)
    known: dict[str | None, tuple[str, ...]] = {}
    for first in range(0, len(uids), PIECE):
        piece = uids[first : first + PIECE].tolist()
        for uid, source, kind, project, type_, author, labels, title in raw(
            tx, select(*columns).where(among(item.uid, piece)).order_by(item.uid)
        ):
            if labels not in known:
                known[labels] = codec.load_labels(labels)
            yield uid, Origin(source, _KINDS[kind], project, type_), author, known[labels], title
