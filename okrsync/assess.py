"""What the store says about the goals at one instant: the input of every report and of what is written back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import rollup
from config import Config
from okrsync.model import KeyResult, KeyResultKind, ObjectiveProgress, Progress, SourceState, SourceStatus, Ticket
from okrsync.store import people, sources, tickets

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Freshness:
    """How much a number can be trusted: ``as_of`` is the oldest of the sources' last successes."""

    as_of: datetime | None
    complete: bool
    sources: tuple[SourceStatus, ...]
    unreadable: tuple[str, ...]  # scopes, as people know them


@dataclass(frozen=True, slots=True)
class Assessment:
    now: datetime
    freshness: Freshness
    progress: Mapping[str, Progress]
    objectives: Mapping[str, ObjectiveProgress]
    tickets: Mapping[str, Sequence[Ticket]]  # target → what is linked to it now


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
    successes = [status.last_success for status in statuses]
    known = [success for success in successes if success is not None]
    complete = (
        len(known) == len(configured)
        and not unreadable
        and all(status.state is SourceState.OK for status in statuses)
        and not behind(statuses, config.thresholds.source_limit, now)
    )
    return Freshness(min(known, default=None), complete, statuses, unreadable)


def behind(statuses: Sequence[SourceStatus], limit: timedelta, now: datetime) -> set[str]:
    """The sources that were not synced within their limit."""
    return {status.id for status in statuses if status.last_success is None or now - status.last_success > limit}


def assess(tx: Connection, config: Config, now: datetime) -> Assessment:
    """Progress and status of every key result and objective, from what is stored."""
    fresh = freshness(tx, config, now)
    late = behind(fresh.sources, config.thresholds.source_limit, now)
    goals = config.goals
    linked = tickets.linked(tx, [*goals.key_results, *goals.objectives])
    readings = people.readings(tx)
    windows = {kr.id: kr.window.start for kr in goals.key_results.values() if kr.window.start is not None}
    removed = tickets.removed(tx, windows)
    progress = {
        kr.id: rollup.measure_key_result(
            kr,
            linked.get(kr.id, []),
            readings.get(kr.id, []),
            config.thresholds,
            now,
            goals.timezone,
            stale=bool(late & feeding(kr, linked.get(kr.id, []))),
            removed=removed.get(kr.id, 0),
        )
        for kr in goals.key_results.values()
    }
    objectives = rollup.measure_objectives(goals, progress, linked, config.thresholds, now)
    return Assessment(now, fresh, progress, objectives, linked)


def feeding(kr: KeyResult, linked: Sequence[Ticket]) -> set[str]:
    """The sources that this key result lives on; a metric that people read lives on none."""
    if kr.kind in (KeyResultKind.METRIC, KeyResultKind.KEEP):
        return set()
    return {ticket.source for ticket in linked} | {epic.source for epic in kr.epics}
