"""Objectives: their progress, and the status of the worst that weighs (docs/status.md)."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from okrsync.model import (
    Cause,
    Goals,
    GoalState,
    ItemKind,
    Objective,
    ObjectiveProgress,
    Progress,
    Relation,
    Say,
    Status,
    Thresholds,
    Ticket,
)
from rollup.facts import percent
from rollup.keys import natural
from rollup.lines import clamp
from rollup.scope import pieces
from rollup.span import EPSILON
from rollup.workload import Linked, Workload, together, workload

WORST_FIRST: Sequence[frozenset[Status]] = (
    frozenset({Status.MISSED, Status.OFF_TRACK}),
    frozenset({Status.AT_RISK}),
    frozenset({Status.STALE}),
    frozenset({Status.NO_DUE_DATE, Status.ON_TRACK}),
    frozenset({Status.DONE, Status.ACHIEVED}),
    frozenset({Status.TOO_EARLY}),
    frozenset({Status.NOT_STARTED}),
    frozenset({Status.NO_DATA}),
)
"""The order in which one status speaks for several. The last three speak only where nothing else does: the one that
knows most comes first, so that ``no_data`` is said where nothing at all is known."""

SILENT = frozenset({Status.TOO_EARLY, Status.NOT_STARTED, Status.NO_DATA})
"""They worsen nothing, and are counted."""

ENDED = frozenset({Status.DONE, Status.ACHIEVED})


@dataclass(frozen=True, slots=True)
class _Input:
    """A key result or a contributing child, as its objective sees it."""

    id: str
    weight: float
    status: Status
    progress: float | None


def measure_objectives(
    goals: Goals,
    progress: Mapping[str, Progress],
    tickets: Workload | Mapping[str, Sequence[Ticket]],
    thresholds: Thresholds,
    now: datetime,
    closed: Mapping[str, Linked] | None = None,
) -> dict[str, ObjectiveProgress]:
    """Every objective, in the order of the configuration, from all that contributes to it at any depth.

    ``tickets`` holds what is linked to each key result, or to an objective itself, and ``closed`` what served those
    whose window is over when it ended. ``done`` and ``scope`` are in items and count each one once, however many goals
    below it serves: as it stands now where a goal that is not closed has it.
    """
    work = tickets if isinstance(tickets, Workload) else workload(tickets)
    measured: dict[str, ObjectiveProgress] = {}
    inputs: dict[str, list[_Input]] = {one: [] for one in goals.objectives}
    over = closed or {}
    served: dict[str, list[Linked]] = {one: [] for one in goals.objectives}
    ended: dict[str, list[Linked]] = {one: [] for one in goals.objectives}

    def serve(objective: str, goal: str, kinds: Collection[ItemKind]) -> None:
        if goal in over:
            ended[objective].append(over[goal])
        else:
            served[objective].append(work.linked(goal).of_kinds(kinds))

    for one in goals.objectives:
        serve(one, one, {ItemKind.TICKET})
    for kr in goals.key_results.values():
        if kr.state is not GoalState.DROPPED:
            known = progress[kr.id]
            inputs[kr.objective].append(_Input(kr.id, kr.weight, known.status, known.progress))
            serve(kr.objective, kr.id, kr.counts)
    for objective in children_first(goals.objectives):
        mine = together(served.pop(objective.id) or [work.linked("")])
        parts = (mine, *ended[objective.id])
        measured[objective.id] = result = _measure(objective, inputs[objective.id], parts, thresholds, now)
        above = objective.parent
        if above is not None and objective.relation is Relation.CONTRIBUTES and result.status is not Status.DROPPED:
            inputs[above].append(_Input(objective.id, objective.weight, result.status, result.progress))
            served[above].append(mine)
            ended[above] += ended[objective.id]
    return {one: measured[one] for one in goals.objectives}


def _measure(
    objective: Objective,
    inputs: Sequence[_Input],
    parts: Sequence[Linked],
    thresholds: Thresholds,
    now: datetime,
) -> ObjectiveProgress:
    known = [(one.weight, clamp(one.progress)) for one in inputs if one.progress is not None]
    weight = math.fsum(share for share, _ in known)
    done, total = pieces(parts, thresholds)
    speaking = _speaking(inputs, thresholds)
    return ObjectiveProgress(
        objective=objective.id,
        status=_status(objective, speaking, now),
        progress=math.fsum(share * value for share, value in known) / weight if weight > 0 else None,
        measured=(len(known), len(inputs)),
        done=float(done) if total else None,
        scope=float(total) if total else None,
        causes=_causes(speaking, inputs),
    )


def _status(objective: Objective, speaking: Sequence[_Input], now: datetime) -> Status:
    if objective.state is GoalState.DROPPED:
        return Status.DROPPED
    if speaking:
        return speaking[0].status
    start = objective.window.start
    return Status.NOT_STARTED if start is not None and now < start else Status.NO_DATA


def _speaking(inputs: Sequence[_Input], thresholds: Thresholds) -> list[_Input]:
    """The inputs that hold enough of the weight, or the heaviest where none does, of those that can be judged if any
    can; the worst first, and the heavier of two that are alike."""
    total = math.fsum(one.weight for one in inputs)
    heavy = [one for one in inputs if total > 0 and one.weight / total >= thresholds.heavy_share - EPSILON]
    if not heavy:
        judged = [one for one in inputs if one.status not in SILENT] or inputs
        most = max((one.weight for one in judged), default=0.0)
        heavy = [one for one in judged if one.weight >= most]
    return sorted(heavy, key=lambda one: (_rank(one.status), -one.weight, one.status, natural(one.id)))


def _rank(status: Status) -> int:
    return next(rank for rank, alike in enumerate(WORST_FIRST) if status in alike)


def _causes(speaking: Sequence[_Input], inputs: Sequence[_Input]) -> tuple[Cause, ...]:
    causes = []
    if speaking and _rank(speaking[0].status) < _rank(Status.ON_TRACK):
        deciding = [one for one in speaking if _rank(one.status) == _rank(speaking[0].status)]
        share = _share(deciding, inputs)
        causes.append(Cause(Say.of("progress.decided_by", goals=", ".join(one.id for one in deciding), share=share)))
    silent = [one for one in inputs if one.status in SILENT]
    if silent:
        goals, count = ", ".join(sorted((one.id for one in silent), key=natural)), len(silent)
        if speaking[0].status in ENDED:  # what is said of some is not said of all
            share = _share(silent, inputs)
            say = Say.of("progress.ended_in_part", count=count, of=len(inputs), share=share, goals=goals)
        else:
            say = Say.of("progress.silent", count=count, of=len(inputs), goals=goals)
        causes.append(Cause(say))
    return tuple(causes)


def _share(some: Sequence[_Input], inputs: Sequence[_Input]) -> int:
    """Percent of the weight that some of the inputs hold."""
    total = math.fsum(one.weight for one in inputs)
    return percent(math.fsum(one.weight for one in some) / total) if total > 0 else 0


def children_first(objectives: Mapping[str, Objective]) -> list[Objective]:
    """Every objective after all of its children. The configuration refuses cycles."""
    children: dict[str | None, list[Objective]] = {}
    for objective in objectives.values():
        children.setdefault(objective.parent, []).append(objective)
    parents_first = list(children.get(None, []))
    for objective in parents_first:
        parents_first += children.get(objective.id, [])
    return parents_first[::-1]
