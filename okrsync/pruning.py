"""Key results to keep or to drop: what the store holds of each, and what dropping some would do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import config as configuration
from config import Config, Difference, How
from okrsync.model import GoalState, Json, KeyResult
from okrsync.preview import RUNS, Preview, preview
from okrsync.store import workload
from okrsync.worked import work_of
from rollup import streams
from rollup.alive import open_goals
from rollup.effort import leaf_tickets, weigh
from rollup.pruning import Candidate, Rank, rank
from rollup.worked import Period
from rollup.workload import Array

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from okrsync.store import Store

KEYS = 1000
"""So many of the items that would become orphans are named."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """The candidates in their order, and how many key results stand beside them."""

    ranks: tuple[Rank, ...]
    standing: int


def ranked(tx: Connection, config: Config, now: datetime, *, everything: bool) -> Ranked:
    """The drafts, against the key results that are approved; or ``everything`` that takes work now, drafts or not."""
    goals = config.goals
    alive = [goals.key_results[one] for one in open_goals(goals, now) if one in goals.key_results]
    work = workload.read(tx, goals)
    efforts = _efforts(tx, config, now, work.links, work.targets)
    served = {kr.id: work.linked(kr.id) for kr in alive}
    every = [Candidate(kr, work.items["uid"][served[kr.id].rows], efforts.get(kr.id, 0.0)) for kr in alive]
    candidates = [one for one in every if everything or is_draft(config, one.kr)]
    standing = [] if everything else [one for one in every if not is_draft(config, one.kr)]
    return Ranked(tuple(rank(candidates, standing)), len(standing))


def is_draft(config: Config, kr: KeyResult) -> bool:
    """Whether it is proposed only, or its objective is."""
    return GoalState.DRAFT in (kr.state, config.goals.objectives[kr.objective].state)


def _efforts(
    tx: Connection, config: Config, now: datetime, links: Array, targets: Sequence[str | None]
) -> dict[str, float]:
    """The effort that is linked to each goal, done and to do; an item that serves several is split among them."""
    every = work_of(tx, config, Period(now, now)).work
    counted = every[leaf_tickets(every) & (every["verdict"] > 0)]
    mine, parts = streams.shares(counted["uid"], weigh(counted, config.thresholds), links)
    return streams.by_goal(mine, parts, targets)


def without(
    store: Store,
    config: Config,
    names: Sequence[str],
    now: datetime,
    *,
    each: bool,
    watch: Callable[[str, int], None] = lambda *_: None,
) -> Preview:
    """What it would do to drop each of these key results alone, the first ones or ``each``, and all of them together.
    Nothing is written."""
    from connectors import registry

    kinds = registry.settings()
    changes = [
        Difference(
            How.SET,
            ("objectives", config.goals.key_results[name].objective, "key_results", name, "state"),
            new="dropped",
        )
        for name in names
    ]

    def restore(given: Mapping[str, Json]) -> Config:
        return configuration.restored(given, config.path, kinds)

    dropped = restore(configuration.applied(config.given, changes))
    return preview(
        store, restore(config.given), dropped, now, restore, runs=None if each else RUNS, watch=watch, named=KEYS
    )
