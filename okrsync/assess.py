"""What the store says about the goals at one instant: the input of every report and of what is written back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import rollup
from config import Config
from okrsync.closing import closed_goals
from okrsync.model import (
    KeyResult,
    KeyResultKind,
    ObjectiveProgress,
    Progress,
    Reading,
    RemoteGoal,
    SourceState,
    SourceStatus,
)
from okrsync.store import goals as remote_goals
from okrsync.store import people, snapshots, sources, tickets, workload

if TYPE_CHECKING:
    from sqlalchemy import Connection

GOAL = "goal:"
"""What stands before the id of a goal that a tool keeps itself, where the configuration names it."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How much a number can be trusted: ``as_of`` is the oldest of the sources' last successes."""

    as_of: datetime | None
    complete: bool
    sources: tuple[SourceStatus, ...]
    unreadable: tuple[str, ...]  # scopes, as people know them
    late: frozenset[str] = frozenset()  # sources that failed, were never read, or not in time


@dataclass(frozen=True, slots=True)
class Assessment:
    now: datetime
    freshness: Freshness
    progress: Mapping[str, Progress]
    objectives: Mapping[str, ObjectiveProgress]


def freshness(tx: Connection, config: Config, now: datetime) -> Freshness:
    """The state of the configured sources, and whether all of them are read in full and in time."""
    configured = {source.id for source in config.sources}
    statuses = tuple(status for status in sources.statuses(tx) if status.id in configured)
    unreadable = tuple(
        f"{source.id}:{scope.key}"
        for source in config.sources
        for scope in sources.scopes(tx, source.id)
        if not scope.readable
    )
    healthy = {status.id for status in statuses if status.state is SourceState.OK}
    late = (configured - healthy) | behind(statuses, config.thresholds.source_limit, now)
    known = [status.last_success for status in statuses if status.last_success is not None]
    return Freshness(min(known, default=None), not late and not unreadable, statuses, unreadable, frozenset(late))


def behind(statuses: Sequence[SourceStatus], limit: timedelta, now: datetime) -> set[str]:
    """The sources that were not synced within their limit."""
    return {status.id for status in statuses if status.last_success is None or now - status.last_success > limit}


def assess(tx: Connection, config: Config, now: datetime) -> Assessment:
    """Progress and status of every key result and objective, from what is stored: from what was last published of them
    too, for damping holds it. One whose window is over is seen as it ended."""
    fresh = freshness(tx, config, now)
    late = behind(fresh.sources, config.thresholds.source_limit, now)
    goals = config.goals
    work = workload.read(tx, goals)
    readings, said = people.readings(tx), snapshots.newest(tx, now)
    windows = {kr.id: kr.window.start for kr in goals.key_results.values() if kr.window.start is not None}
    removed = tickets.removed(tx, windows, {kr.id: kr.counts for kr in goals.key_results.values()})
    over = closed_goals(tx, config, work, now)
    progress = {}
    for kr in goals.key_results.values():
        ended = over.get(kr.id)
        linked = ended.linked if ended is not None else work.linked(kr.id).of_kinds(kr.counts)
        progress[kr.id] = rollup.measure_key_result(
            kr,
            linked,
            [one for one in readings.get(kr.id, []) if ended is None or one.at < ended.end],
            config.thresholds,
            now if ended is None else ended.end,
            goals.timezone,
            stale=bool(late & feeding(kr, linked.sources())),
            removed=removed.get(kr.id, 0) if ended is None else ended.removed,
            published=said[kr.id].status if kr.id in said else None,
        )
    closed = {goal: one.linked for goal, one in over.items()}
    objectives = rollup.measure_objectives(goals, progress, work, config.thresholds, now, closed)
    keys = tickets.keys(tx, rollup.unnamed(progress.values()))
    named = {kr: rollup.named(known, keys) for kr, known in progress.items()}
    return Assessment(now, fresh, named, objectives)


def feeding(kr: KeyResult, linked: set[str]) -> set[str]:
    """The sources that this key result lives on: those of what weighs in it (``linked``) and of what it names. A metric
    that people read lives on none."""
    measured = {kr.metric.goal.source} if kr.metric.goal is not None else {kr.metric.source} - {""}
    if kr.kind in (KeyResultKind.METRIC, KeyResultKind.KEEP):
        return measured
    named = {epic.source for epic in kr.epics} | {container.partition(":")[0] for container in kr.containers}
    return measured | named | linked


def read_goals(tx: Connection, config: Config, now: datetime) -> int:
    """How many readings were added: one for every key result whose metric is that of a goal in a tool, where that goal
    has another value than it was last seen with. What a person records in between holds until the goal moves."""
    reading = [kr for kr in config.goals.key_results.values() if kr.metric.goal is not None]
    if not reading:
        return 0
    stored, readings = remote_goals.goals(tx), people.readings(tx)
    added = 0
    for kr in reading:
        ref = kr.metric.goal
        goal = stored.get((ref.source, ref.key.removeprefix(GOAL))) if ref is not None else None
        if ref is None or goal is None or goal.current is None:
            continue
        value = shown(goal.current, goal, kr.unit)
        last = [one.value for one in readings.get(kr.id, ()) if one.by == ref.source][-1:]
        if last != [value]:
            people.add_reading(tx, Reading(kr.id, now, value, ref.source))
            added += 1
    return added


def shown(value: float, goal: RemoteGoal, unit: str) -> float:
    """A value of a tool's goal in the unit of a key result: a percentage, which tools keep as a fraction, is 25 where
    the key result counts in ``%`` and 0.25 where it does not."""
    scale = 100.0 if goal.unit == "percentage" and unit == "%" else 1.0
    return round(value * scale, 9)
