"""The goals that tools keep themselves, as they stood when they were last read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from okrsync.model import RemoteGoal, SaidStatus
from okrsync.store import tables as t
from okrsync.store import veil
from okrsync.store.bulk import delete_rows, upsert_rows
from okrsync.store.codec import clean, dumps, loads
from okrsync.store.dirty import touch


def save_goals(tx: Connection, source: str, goals: Sequence[RemoteGoal]) -> bool:
    """The goals of this source are these and no others; whether that is news. Nothing is written where it is none."""
    stored = {goal_id: goal for (owner, goal_id), goal in _goals(tx).items() if owner == source}
    veiled = veil.stored(tx)
    said = {clean(goal.id): veiled.document(loads(dumps(asdict(goal)))) for goal in goals}
    new = [(source, goal_id, dumps(goal)) for goal_id, goal in said.items() if stored.get(goal_id) != goal]
    gone = [(source, goal_id) for goal_id in stored.keys() - said.keys()]
    upsert_rows(tx, t.goal, ("source", "id", "document"), new)
    delete_rows(tx, t.goal, ("source", "id"), gone)
    if new or gone:
        touch(tx)
    return bool(new or gone)


def goals(tx: Connection) -> dict[tuple[str, str], RemoteGoal]:
    """(source, id) → every goal of the sources that are configured."""
    return {name: _decoded(goal) for name, goal in _goals(tx).items()}


def _decoded(goal: dict[str, Any]) -> RemoteGoal:
    said = goal.get("said")
    if said is not None:
        said = SaidStatus(**{**said, "at": datetime.fromisoformat(said["at"])})
    return RemoteGoal(**{**goal, "said": said})


def _goals(tx: Connection) -> dict[tuple[str, str], dict[str, Any]]:
    rows = tx.execute(select(t.goal.c.source, t.goal.c.id, t.goal.c.document).order_by(t.goal.c.source, t.goal.c.id))
    return {(source, goal_id): goal for source, goal_id, goal in rows}
