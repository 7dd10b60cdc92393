"""Counts of all that is stored, for whoever watches it from outside."""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, select

from okrsync.model import WriteState
from okrsync.store import journal
from okrsync.store import tables as t
from okrsync.store.bulk import raw

UNJUDGED = "unjudged"
"""The verdict on an item that the link job has not seen yet."""

RESULTS = {
    WriteState.APPLIED.value: "applied",
    WriteState.UNDONE.value: "applied",  # it was, before it was taken back
    WriteState.SKIPPED.value: "skipped",
    WriteState.FAILED.value: "failed",
}


def items(tx: Connection) -> dict[tuple[str, str, str], int]:
    """(source, kind, verdict) → how many items count so."""
    item, verdict = t.item.c, t.verdict.c
    columns = (item.source, item.kind, func.coalesce(verdict.kind, UNJUDGED))
    counted = select(*columns, func.count()).outerjoin(t.verdict, verdict.uid == item.uid).where(t.LIVE)
    return {(source, kind, said): count for source, kind, said, count in raw(tx, counted.group_by(*columns), few=True)}


def writes(tx: Connection) -> dict[tuple[str, str], int]:
    """(source, result) → how many writes ended so, ever."""
    write = t.write.c
    counted = select(write.source, write.state, func.count()).group_by(write.source, write.state)
    found: dict[tuple[str, str], int] = {}
    for source, state, count in tx.execute(counted):
        if (result := RESULTS.get(state)) is not None:
            found[source, result] = found.get((source, result), 0) + count
    return found


def waiting(tx: Connection) -> dict[str, int]:
    """Source → how many writes of the newest plan wait."""
    write = t.write.c
    newest = select(func.max(t.run.c.id)).where(t.run.c.kind == journal.PLAN).scalar_subquery()
    due = and_(write.run == newest, write.state == WriteState.PLANNED.value)
    return dict(tx.execute(select(write.source, func.count()).where(due).group_by(write.source)).all())
