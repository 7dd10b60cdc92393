"""The metric of a goal that a tool keeps itself: the progress of its key results, on the goal's own scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

from okrsync.model import Json, KeyResult, Progress, RemoteGoal, Say, Standing, Status
from rollup.facts import percent
from rollup.lines import clamp
from rollup.restraint import SILENT, Restraint, last_said, said_at

PERCENTAGE = "percentage"


def metric(
    restraint: Restraint,
    goal: RemoteGoal,
    served: Sequence[tuple[KeyResult, Progress]],
    standing: Standing | None,
    *,
    status_moved: bool,
) -> tuple[Json, Say]:
    """The value that the metric should have, and why; the one that okrsync set, or found, while nothing may be said.

    ``status_moved`` says whether the status of the goal is told anew.
    """
    known, ours = last_said(standing), standing.ours if standing is not None else None
    mean = share(served)
    if mean is None or not goal.writable or goal.initial is None or goal.target is None or goal.initial == goal.target:
        return known, Say.of("write.unchanged")
    names = ", ".join(kr.id for kr, _ in served)
    value = rounded(goal.initial + mean * (goal.target - goal.initial), goal)
    if not isinstance(ours, int | float):
        return value, Say.of("write.first", id=names)
    if status_moved:
        return value, Say.of("write.status", id=names)
    stood = (ours - goal.initial) / (goal.target - goal.initial)
    if restraint.apart(percent(stood), percent(mean)):
        return value, Say.of("write.progress", id=names, points=restraint.move)
    return (value, Say.of("write.weekly")) if restraint.due(said_at(standing)) else (known, Say.of("write.unchanged"))


def rounded(value: float, goal: RemoteGoal) -> float:
    """A value of the goal's metric as its tool shows it: a percentage is a fraction, with two more decimals."""
    decimals = goal.precision + 2 if goal.unit == PERCENTAGE else goal.precision
    return round(float(value), decimals) + 0.0  # no minus before a zero


def share(served: Sequence[tuple[KeyResult, Progress]]) -> float | None:
    """The progress of the one key result, or their weighted mean as an objective has it; None while one may not speak.

    Those that are dropped are out; an only one, or all of them, that are leave the metric as it is.
    """
    alive = [(kr, progress) for kr, progress in served if progress.status is not Status.DROPPED]
    if not alive or any(progress.status in SILENT or progress.progress is None for _, progress in alive):
        return None
    shares = [(kr.weight, progress.progress or 0.0) for kr, progress in alive]
    if len(shares) == 1:
        return shares[0][1]
    total = math.fsum(weight for weight, _ in shares)
    return math.fsum(weight * clamp(share) for weight, share in shares) / total if total > 0 else None
