"""Which goals still take work: those that are named to people as an example, or as what their work serves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from okrsync.model import Goals, GoalState, KeyResult, Objective, Relation

GONE = frozenset({GoalState.DROPPED, GoalState.CLOSED})


def dead(objectives: Mapping[str, Objective]) -> set[str]:
    """The objectives that are dropped or closed, or contribute to one that is, however far above."""
    gone: set[str] = set()
    alive: set[str] = set()
    for objective in objectives.values():
        trail: list[str] = []
        one: Objective | None = objective
        while one is not None and one.id not in gone and one.id not in alive and one.state not in GONE:
            trail.append(one.id)
            above = one.parent if one.relation is Relation.CONTRIBUTES else None
            one = objectives.get(above) if above is not None else None
        if one is None or one.id in alive:
            alive.update(trail)
        else:
            gone.update({*trail, one.id})
    return gone


def open_goals(goals: Goals, now: datetime) -> list[str]:
    """The ids of the goals that take work at ``now``, key results first, in the order of the configuration."""
    gone = dead(goals.objectives)

    def takes(goal: KeyResult | Objective, objective: str) -> bool:
        over = goal.window.end is not None and goal.window.end <= now
        return goal.state not in GONE and objective not in gone and not over

    key_results = [one.id for one in goals.key_results.values() if takes(one, one.objective)]
    return key_results + [one.id for one in goals.objectives.values() if takes(one, one.id)]
