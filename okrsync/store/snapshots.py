"""What was published of the goals, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, and_, func, select

from okrsync.model import Snapshot, Status
from okrsync.store import tables as t
from okrsync.store.bulk import AnySelect, upsert_rows
from okrsync.store.codec import micros

COLUMNS = ("goal", "day", "at", "status", "progress", "probability", "done", "scope", "unit")


AHEAD = timedelta(days=1)
"""What was published later than that after now was published by a clock that went wrong: it closes no day."""


def publish(tx: Connection, snapshots: Iterable[Snapshot]) -> int:
    """These stand for their goals and days from now on; how many say something else than what stood there, for no other
    is written. A day before the last one that was published is over, and keeps what it has."""
    given = list(snapshots)
    if not given:
        return 0
    now = max(one.at for one in given)
    last = tx.scalar(select(func.max(t.snapshot.c.day)).where(t.snapshot.c.at <= now + AHEAD))
    open_ = [one for one in given if last is None or one.day >= last]
    stood = {(one.goal, one.day): one for day in {one.day for one in open_} for one in of_day(tx, day).values()}
    news = [one for one in open_ if (known := stood.get((one.goal, one.day))) is None or _said(known) != _said(one)]
    upsert_rows(tx, t.snapshot, COLUMNS, [_row(one) for one in news])
    return len(news)


def of_day(tx: Connection, day: date) -> dict[str, Snapshot]:
    """Goal → what was published of it on a local day."""
    return _read(tx, select(t.snapshot).where(t.snapshot.c.day == day))


def newest(tx: Connection, until: datetime | None = None) -> dict[str, Snapshot]:
    """Goal → what was last published of it, until an instant where one is given."""
    snapshot = t.snapshot.c
    last = select(snapshot.goal, func.max(snapshot.day).label("day"))
    if until is not None:
        last = last.where(snapshot.at <= until)
    days = last.group_by(snapshot.goal).subquery()
    named = and_(snapshot.goal == days.c.goal, snapshot.day == days.c.day)
    return _read(tx, select(t.snapshot).join(days, named))


def _read(tx: Connection, statement: AnySelect) -> dict[str, Snapshot]:
    return {
        row.goal: Snapshot(
            *(row.goal, row.day, row.at, Status(row.status), row.progress, row.probability, row.done, row.scope),
            unit=row.unit,
        )
        for row in tx.execute(statement)
    }


def _row(one: Snapshot) -> tuple[object, ...]:
    figures = (one.progress, one.probability, one.done, one.scope)
    return (one.goal, one.day.isoformat(), micros(one.at), one.status.value, *figures, one.unit)


def _said(one: Snapshot) -> tuple[object, ...]:
    return (one.status, one.progress, one.probability, one.done, one.scope, one.unit)
