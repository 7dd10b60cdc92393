"""Since when goals are dropped or closed, as the link job first saw it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Connection

from okrsync.model import Goals, GoalState, KeyResult, Objective
from okrsync.store.codec import instant, micros
from okrsync.store.meta import get_meta, set_meta

ENDED = "ended"
"""The name of what is remembered: goal → its state, and since when in µs; 0 where it was so from the beginning."""


def record(tx: Connection, goals: Goals, now: datetime) -> None:
    """Remember which goals are dropped or closed; one that is so for the first time, is so since ``now``."""
    known = get_meta(tx, ENDED)
    before = cast("dict[str, int]", known or {})
    every: Iterable[KeyResult | Objective] = (*goals.objectives.values(), *goals.key_results.values())
    over = [goal.id for goal in every if goal.state in (GoalState.DROPPED, GoalState.CLOSED)]
    at = 0 if known is None else micros(now)
    after = {goal: before.get(goal, at) for goal in over}
    if known is None or after != before:
        set_meta(tx, ENDED, after)


def ended(tx: Connection) -> dict[str, datetime]:
    """Goal → since when it is dropped or closed, of those of which that is known."""
    known = cast("dict[str, int]", get_meta(tx, ENDED) or {})
    return {goal: instant(since) for goal, since in known.items() if since}
