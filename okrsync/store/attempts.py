"""How many cycles of the sources ended well, UTC day by UTC day.

Those of its latest day stand in the row of each source, where its heartbeat counts them; those of a day that is over go
into ``attempt`` with the first cycle after it, so that a quiet cycle writes no row but its heartbeat.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, select

from okrsync.store import tables as t
from okrsync.store.bulk import upsert_rows

KEPT = timedelta(days=400)
"""How long the days are remembered."""


def counted(tx: Connection, source: str, now: datetime, *, ok: bool) -> dict[str, Any]:
    """What the row of a source says of its day once one more cycle of it ended; the day that stood there is filed where
    it is another one, also when a clock goes back."""
    held, today = t.source.c, now.astimezone(UTC).date()
    stood = select(held.day, held.ok, held.cycles).where(held.id == source).with_for_update()
    row = tx.execute(stood).one_or_none()
    if row is not None and row.day == today:
        return {"day": today, "ok": row.ok + ok, "cycles": row.cycles + 1}
    if row is not None and row.day is not None:
        _file(tx, source, row.day, row.ok, row.cycles)
        tx.execute(delete(t.attempt).where(t.attempt.c.day < today - KEPT))
    return {"day": today, "ok": int(ok), "cycles": 1}


def _file(tx: Connection, source: str, day: date, ok: int, cycles: int) -> None:
    """These cycles are among those of a day."""
    attempt = t.attempt.c
    known = select(attempt.ok, attempt.cycles).where(and_(attempt.source == source, attempt.day == day))
    fine, every = tx.execute(known).one_or_none() or (0, 0)
    row = (source, day.isoformat(), fine + ok, every + cycles)
    upsert_rows(tx, t.attempt, ("source", "day", "ok", "cycles"), [row])


def counts(tx: Connection, since: datetime) -> dict[str, tuple[int, int]]:
    """Source → of how many cycles that ended on the UTC day of an instant or later it was read in full, and how many
    these are."""
    first = since.astimezone(UTC).date()
    held, attempt = t.source.c, t.attempt.c
    found: dict[str, tuple[int, int]] = {}
    filed = select(attempt.source, attempt.ok, attempt.cycles).where(attempt.day >= first)
    latest = select(held.id, held.ok, held.cycles).where(held.day >= first)
    for source, ok, cycles in tx.execute(filed.union_all(latest)):
        fine, every = found.get(source, (0, 0))
        found[source] = (fine + ok, every + cycles)
    return found
