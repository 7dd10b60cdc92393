"""The goals as they stood before, told from the histories of the items, with no snapshot needed.

Links, states, reopenings, cancellations, blocks and readings are those of then. The configuration, estimates, parents
and whatever else no tool keeps a history of are those of today.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import rollup
from config import Config
from okrsync.assess import Assessment, Freshness, behind, feeding, freshness
from okrsync.closing import over
from okrsync.model import Point, Snapshot, SourceState
from okrsync.store import blocks, past, people, snapshots, tickets
from rollup.burn_up import burn_up
from rollup.history import measure_at
from rollup.span import MICROSECOND, local_day, micros

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from rollup.history import Past


def burn_ups(
    tx: Connection,
    config: Config,
    now: datetime,
    *,
    only: Collection[str] | None = None,
    known: Past | None = None,
) -> dict[str, tuple[Point, ...]]:
    """Key result → its state at the last instant of each local ISO week of its window until now, and now, or when its
    window ended; of these key results, or of all. One that has not begun has no points. ``known``: the past of all
    goals, where it was read already."""
    goals = config.goals
    chosen = [kr for kr in goals.key_results.values() if only is None or kr.id in only]
    known = past.read(tx, goals, None if only is None else [kr.id for kr in chosen]) if known is None else known
    readings = people.readings(tx)
    return {kr.id: burn_up(kr, known, readings.get(kr.id, ()), config.thresholds, now, goals.timezone) for kr in chosen}


def assess_at(tx: Connection, config: Config, at: datetime, now: datetime, known: Past | None = None) -> Assessment:
    """Progress and status of every key result and objective at an instant until ``now``, under today's configuration,
    from all that is known now of the time until then. The last instant of a window ends it. ``known`` as in
    :func:`burn_ups`."""
    goals = config.goals
    fresh = freshness_at(tx, config, at, now)
    known = past.read(tx, goals) if known is None else known
    readings, said = people.readings(tx), snapshots.newest(tx, at)
    blocked = blocks.blocked(tx, at)
    work = known.at(micros(at))
    progress = {
        kr.id: measure_at(
            kr,
            known,
            readings.get(kr.id, ()),
            config.thresholds,
            at,
            goals.timezone,
            blocked=blocked,
            published=said[kr.id].status if kr.id in said else None,
            stale=bool(fresh.late & feeding(kr, work.linked(kr.id).of_kinds(kr.counts).sources())),
        )
        for kr in goals.key_results.values()
    }
    closed = {
        one.goal: known.of(one.goal).at(one.last).linked(one.goal).of_kinds(one.kinds)
        for one in over(goals, at + MICROSECOND)
    }
    objectives = rollup.measure_objectives(goals, progress, work, config.thresholds, at, closed)
    keys = tickets.keys(tx, rollup.unnamed(progress.values()))
    named = {kr: rollup.named(said, keys) for kr, said in progress.items()}
    return Assessment(at, fresh, named, objectives)


def look_back(
    tx: Connection, config: Config, at: datetime, now: datetime, known: Past | None = None
) -> tuple[Assessment, Mapping[str, Snapshot]]:
    """:func:`assess_at`, and what was published of the goals on that day by then."""
    said = snapshots.of_day(tx, local_day(at, config.goals.timezone))
    return assess_at(tx, config, at, now, known), {goal: one for goal, one in said.items() if one.at <= at}


def freshness_at(tx: Connection, config: Config, at: datetime, now: datetime) -> Freshness:
    """How much the numbers of an instant can be trusted now: a source that was read in full since then tells all that
    it knows of it, however it does by now."""
    fresh = freshness(tx, config, now)
    late = behind(fresh.sources, config.thresholds.source_limit, at)
    lagging = {one.id for one in fresh.sources if one.last_success is None or one.last_success < at}
    failed = {one.id for one in fresh.sources if one.id in lagging and one.state is not SourceState.OK}
    late |= failed | {source.id for source in config.sources} - {one.id for one in fresh.sources}
    as_of = None if fresh.as_of is None else min(fresh.as_of, at)
    return replace(fresh, as_of=as_of, complete=not late and not fresh.unreadable, late=frozenset(late))
