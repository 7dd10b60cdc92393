"""The metric of a goal that a tool keeps itself: the progress of its key results, on the goal's own scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from okrsync.model import Json, KeyResult, Progress, RemoteGoal, Say, Status
from rollup.facts import percent
from rollup.lines import clamp
from rollup.restraint import REPEAT, SILENT, apart

PERCENTAGE = "percentage"


def metric(
    goal: RemoteGoal,
    served: Sequence[tuple[KeyResult, Progress]],
    stands: Json,
    written: datetime | None,
    now: datetime,
    *,
    status_moved: bool,
) -> tuple[Json, Say]:
    """The value that the metric should have, and why; the one that stands there while nothing may be said.

    ``stands`` is what the metric is known to hold, ``written`` when okrsync last confirmed that (None: it never did),
    ``status_moved`` whether the status of the goal is told anew.
    """
    share = _share(served)
    if share is None or not goal.writable or goal.initial is None or goal.target is None or goal.initial == goal.target:
        return stands, Say.of("write.unchanged")
    names = ", ".join(kr.id for kr, _ in served)
    value = rounded(goal.initial + share * (goal.target - goal.initial), goal)
    stood = (stands - goal.initial) / (goal.target - goal.initial) if isinstance(stands, int | float) else None
    if written is None:
        return value, Say.of("write.first", id=names)
    if status_moved:
        return value, Say.of("write.status", id=names)
    if stood is None or apart(percent(stood), percent(share)):
        return value, Say.of("write.progress", id=names)
    return (value, Say.of("write.weekly")) if now - written >= REPEAT else (stands, Say.of("write.unchanged"))


def rounded(value: float, goal: RemoteGoal) -> float:
    """A value of the goal's metric as its tool shows it: a percentage is a fraction, with two more decimals."""
    decimals = goal.precision + 2 if goal.unit == PERCENTAGE else goal.precision
    return round(float(value), decimals) + 0.0  # no minus before a zero


def _share(served: Sequence[tuple[KeyResult, Progress]]) -> float | None:
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
