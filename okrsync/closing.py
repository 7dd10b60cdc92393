"""What served the goals whose window is over, as it stood when that ended (``rollup.closing``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from config import Config
from okrsync.model import Goals, ItemKind
from okrsync.store import past, periods
from rollup.closing import Closing, closed, closing
from rollup.span import micros
from rollup.workload import Array, Linked, Workload

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Closed:
    """What served a goal when its window ended, and how many items had left it since that began."""

    end: datetime
    linked: Linked
    removed: int


@dataclass(frozen=True, slots=True)
class Over:
    """A goal whose window is over: ``[begun, end)``."""

    goal: str
    kinds: frozenset[ItemKind]
    begun: datetime | None
    end: datetime

    @property
    def last(self) -> int:
        """Its last instant, in µs since 1970."""
        return micros(self.end) - 1


def closed_goals(tx: Connection, config: Config, work: Workload, now: datetime) -> dict[str, Closed]:
    """Goal → what served it, for each goal whose window is over."""
    return stood(tx, config, work, list(over(config.goals, now)))


def stood(tx: Connection, config: Config, work: Workload, gone_by: Sequence[Over]) -> dict[str, Closed]:
    """Goal → what served it at the last instant of each of these. Of the items only those are read that moved since."""
    if not gone_by:
        return {}
    ended = periods.ended(tx, {one.goal: one.kinds for one in gone_by})
    served = {one.goal: work.linked(one.goal).of_kinds(one.kinds) for one in gone_by}
    told = {one.goal: closing(served[one.goal], one.end, config.thresholds) for one in gone_by}
    moved = {one.goal: _moved(told[one.goal], ended.get(one.goal, periods.NONE), one.last) for one in gone_by}
    uids = np.unique(np.concatenate(list(moved.values())))
    known = past.read(tx, config.goals, uids=uids, names=(work.sources, work.resolutions)) if len(uids) else None
    found = {}
    for one in gone_by:
        linked = told[one.goal].kept
        if known is not None and len(moved[one.goal]):
            then = known.of(one.goal).at(one.last).linked(one.goal).of_kinds(one.kinds)
            linked = closed(linked, then)
        found[one.goal] = Closed(one.end, linked, _removed(one, linked, ended.get(one.goal, periods.NONE)))
    return found


def over(goals: Goals, now: datetime) -> Iterator[Over]:
    """The goals whose window is over."""
    for kr in goals.key_results.values():
        if kr.window.end is not None and kr.window.end <= now:
            yield Over(kr.id, kr.counts, kr.window.start, kr.window.end)
    for one in goals.objectives.values():
        if one.window.end is not None and one.window.end <= now:
            yield Over(one.id, frozenset({ItemKind.TICKET}), one.window.start, one.window.end)


def _moved(told: Closing, ended: Array, at: int) -> Array:
    """The items that stood otherwise when the window ended, or left since."""
    left = ended["uid"][(ended["since"] <= at) & (ended["until"] > at)]
    kept = told.kept.work.items["uid"][told.kept.rows]
    return np.concatenate([told.moved, np.setdiff1d(left, kept)])


def _removed(one: Over, linked: Linked, ended: Array) -> int:
    """How many items left the goal inside its window, and were not in it when that ended."""
    if one.begun is None:
        return 0
    left = (ended["until"] >= micros(one.begun)) & (ended["until"] <= one.last)
    return len(np.setdiff1d(ended["uid"][left], linked.work.items["uid"][linked.rows]))
