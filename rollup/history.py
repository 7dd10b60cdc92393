"""Key results as they stood at any instant of their past, with the links that held then, as columns.

A past holds every item that ever served a goal, when it moved from state to state, and in which periods it served
what; from it comes the workload of any instant (``rollup.workload``), which is measured as today's is. What no tool
keeps is taken as of today: estimates, parents, and the resolution, which counts from when the item was last completed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from okrsync.model import (
    ItemKind,
    KeyResult,
    Progress,
    Reading,
    State,
    Status,
    Thresholds,
)
from rollup import workload as work
from rollup.measure import measure_key_result
from rollup.span import MICROSECOND, micros
from rollup.workload import KINDS, NEVER, NOBODY, STATES, Array, Workload

ITEM = np.dtype(
    [
        ("uid", "<i8"),
        ("parent", "<i8"),  # as in ``rollup.workload``, as are points, resolution, source and kind
        ("points", "<f8"),
        ("created", "<i8"),
        ("completed", "<i8"),  # as the tool tells it; NEVER where it does not
        ("gone", "<i8"),  # when it was deleted; NEVER while it is there
        ("resolution", "<u4"),
        ("source", "<u2"),
        ("kind", "u1"),
        ("state", "u1"),  # now
    ]
)
"""An item that served a goal at some time."""

CHANGE = np.dtype([("uid", "<i8"), ("at", "<i8"), ("before", "u1"), ("after", "u1")])
"""A dated change of an item's state, in the order of its tool."""

PERIOD = np.dtype([("uid", "<i8"), ("since", "<i8"), ("until", "<i8"), ("target", "<u4")])
"""An item served a goal in ``[since, until)``; NEVER: it still does."""

_DONE, _TODO = STATES.index(State.DONE), STATES.index(State.TODO)


# ── lives ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, eq=False)
class Lives:
    """When items moved from state to state: of each a first state, and its moves, one after the other.

    Rows of ``at``, ``state`` and ``run`` belong to the item between whose bounds they lie. ``run`` is since when an
    item that is done after the move has been so without a break, NEVER where nobody knows.
    """

    first: Array
    bounds: Array  # of item i: bounds[i] to bounds[i + 1]
    at: Array
    state: Array
    run: Array

    def moved(self, instant: int) -> Array:
        """The place of the last move of each item until then; that before its first one where there was none."""
        counted = np.concatenate([[0], np.cumsum(self.at <= instant)])
        places: Array = self.bounds[:-1] + counted[self.bounds[1:]] - counted[self.bounds[:-1]] - 1
        return places

    def of(self, rows: Array) -> Lives:
        """Those of the items in these rows."""
        sizes = self.bounds[rows + 1] - self.bounds[rows]
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        places = np.arange(bounds[-1]) + np.repeat(self.bounds[rows] - bounds[:-1], sizes)
        return Lives(self.first[rows], bounds, self.at[places], self.state[places], self.run[places])


def lives(items: Array, changes: Array) -> Lives:
    """What the changes of these items tell, both by growing uid; as ``rollup.timeline`` tells it of one ticket.

    An item without changes is done from its completion on, and before that not begun. What the tool says of the
    present, and since when, goes before what its log ends with.
    """
    changes = changes[np.isin(changes["uid"], items["uid"])]
    sizes = np.searchsorted(changes["uid"], items["uid"], "right") - np.searchsorted(changes["uid"], items["uid"])
    told, completed = sizes > 0, items["completed"] < NEVER
    first = np.where(completed & ~told, _TODO, items["state"])
    first[told] = changes["before"][(np.cumsum(sizes) - sizes)[told]]
    at, state = _in_order(changes), changes["after"].copy()
    last = (np.cumsum(sizes) - 1)[told]  # the place of the last change of each item that has any
    untold = np.zeros(len(items), bool)  # which were completed without a word of it at the end of their log
    untold[told] = (items["state"][told] == _DONE) & (state[last] != _DONE) & completed[told]
    since = np.repeat(items["completed"], sizes)
    over = np.repeat(untold, sizes) & (at > since)
    at[over], state[over] = since[over], _DONE
    ending = completed & ~told  # which end with their completion
    ending[told] = untold[told] & (state[last] != _DONE)
    state[last] = np.where(ending[told], state[last], items["state"][told])
    bounds = np.concatenate([[0], np.cumsum(sizes + ending)])
    more = np.flatnonzero(ending)
    where = np.cumsum(sizes)[more]
    at = np.insert(at, where, items["completed"][more])
    state = np.insert(state, where, items["state"][more])
    return Lives(first, bounds, at, state, _runs(bounds, at, state))


def _in_order(changes: Array) -> Array:
    """When the changes took effect: none before the one that its tool tells before it."""
    at: Array = changes["at"].copy()
    back = np.flatnonzero((np.diff(changes["uid"]) == 0) & (np.diff(at) < 0))
    for uid in np.unique(changes["uid"][back]):
        mine = slice(*np.searchsorted(changes["uid"], [uid, uid + 1]))
        at[mine] = np.maximum.accumulate(at[mine])
    return at


def _runs(bounds: Array, at: Array, state: Array) -> Array:
    """Since when each item has been done after each of its moves, NEVER where it is not."""
    done = state == _DONE
    begins = done.copy()
    begins[1:] &= ~done[:-1]
    heads = bounds[:-1][np.diff(bounds) > 0]
    begins[heads] = done[heads]  # whatever stands before it is another item's
    begun = np.where(begins, at, 0)
    places = np.maximum.accumulate(np.where(begins | ~done, np.arange(len(at)), 0))
    run: Array = np.where(done, begun[places], NEVER)
    return run


# ── the past ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Past:
    """Items by growing uid, their lives, row by row, and the periods in which they served goals, by growing uid."""

    items: Array
    lives: Lives
    periods: Array
    sources: Sequence[str | None]
    resolutions: Sequence[str | None]
    targets: Sequence[str | None]

    def at(self, instant: int, blocked: Mapping[int, int] | None = None) -> Workload:
        """What was linked to each goal at an instant (µs since 1970), and how it stood then; ``blocked``: uid → since
        when it had been blocked then."""
        rows = np.searchsorted(self.items["uid"], self.periods["uid"])
        there = (self.items["created"][rows] <= instant) & (self.items["gone"][rows] > instant)
        held = there & (self.periods["since"] <= instant) & (self.periods["until"] > instant)
        links = np.zeros(int(held.sum()), work.LINK)
        for name in ("uid", "since", "target"):
            links[name] = self.periods[name][held]
        links = links[np.lexsort((links["since"], links["target"], links["uid"]))]
        again = (np.diff(links["uid"]) == 0) & (np.diff(links["target"]) == 0)
        links = links[np.concatenate([[True], ~again])] if len(links) else links
        chosen = np.unique(rows[held])
        items = self._standing(chosen, instant)
        if blocked:
            items["blocked"] = [blocked.get(uid, NEVER) for uid in items["uid"].tolist()]
        resolutions = (*self.resolutions, None)
        return Workload(items, self._later_turns, links, self.sources, resolutions, self.targets)

    def _standing(self, chosen: Array, instant: int) -> Array:
        """The items in these rows as they stood at an instant."""
        mine, told = self.items[chosen], self.lives
        place = told.moved(instant)[chosen]
        moved = place >= told.bounds[chosen]
        place = np.where(moved, place, 0)
        items = np.zeros(len(chosen), work.ITEM)
        for name in ("uid", "parent", "points", "source", "kind"):
            items[name] = mine[name]
        items["state"] = told.first[chosen]
        run = np.full(len(chosen), NEVER)
        if len(told.at):
            items["state"] = np.where(moved, told.state[place], items["state"])
            run = np.where(moved, told.run[place], NEVER)
        done = items["state"] == _DONE
        lasts = done & (mine["state"] == _DONE) & (run == self._latest[chosen])
        known = (mine["completed"] <= instant) & (lasts | (run == NEVER))
        items["finished"] = np.where(known & done, mine["completed"], run)
        items["done"] = self._first_done[chosen]
        items["blocked"] = NEVER
        items["resolution"] = np.where(self._resolved[chosen] <= instant, mine["resolution"], len(self.resolutions))
        return items

    def along(self, instants: Sequence[int]) -> tuple[Array, Array]:
        """What :meth:`at` tells of the items at each of these instants, without their histories, one instant after the
        other, and where those of each begin and the last ones end. Uids are new ones: no item is there twice."""
        at, items = np.array(instants, np.int64)[:, None], self.items
        shown = self._held(at) & (items["created"] <= at) & (items["gone"] > at)
        moment, row = np.nonzero(shown)
        place = self._places(at)[moment, row]
        moved = place >= self.lives.bounds[row]
        found = np.zeros(len(row), work.ITEM)
        for name in ("points", "source", "kind"):
            found[name] = items[name].take(row)
        above = np.minimum(np.searchsorted(items["uid"], items["parent"]), max(len(items) - 1, 0))
        above = np.where(items["uid"][above] == items["parent"], above, NOBODY) if len(items) else above
        found["uid"] = moment * len(items) + row
        found["parent"] = np.where(above[row] >= 0, moment * len(items) + above[row], NOBODY)
        found["state"] = self.lives.first[row]
        found["state"][moved] = self.lives.state[place[moved]]
        then = self._resolved[row] <= at[:, 0][moment]
        found["resolution"] = np.where(then, items["resolution"][row], len(self.resolutions))
        return found, np.searchsorted(moment, np.arange(len(instants) + 1))

    def _held(self, at: Array) -> Array:
        """Which items (columns) served anything at each of these instants (rows)."""
        held = (self.periods["since"] <= at) & (self.periods["until"] > at)
        firsts = np.searchsorted(self.periods["uid"], self.items["uid"])
        return np.logical_or.reduceat(held, firsts, axis=1) if len(firsts) else held

    def _places(self, at: Array) -> Array:
        """As :meth:`Lives.moved`, a row for each of these instants."""
        bounds = self.lives.bounds
        counted = np.zeros((len(at), len(self.lives.at) + 1), np.int64)
        np.cumsum(self.lives.at <= at, axis=1, out=counted[:, 1:])
        places: Array = bounds[:-1] + counted[:, bounds[1:]] - counted[:, bounds[:-1]] - 1
        return places

    @cached_property
    def _latest(self) -> Array:
        """Since when each item has been done as it is now; NEVER where it is not, or nobody knows."""
        moved = np.diff(self.lives.bounds) > 0
        latest = np.full(len(self.items), NEVER)
        latest[moved] = self.lives.run[self.lives.bounds[1:][moved] - 1]
        return latest

    @cached_property
    def _resolved(self) -> Array:
        """Since when each item has had its resolution."""
        since = np.where(self._latest < NEVER, self._latest, self.items["completed"])
        return np.where(since < NEVER, since, self.items["created"])

    @cached_property
    def _turns(self) -> Array:
        """When each item became done, ceased to be, and so on in turn."""
        told, created = self.lives, self.items["created"]
        rows = np.repeat(np.arange(len(self.items)), np.diff(told.bounds))
        done = told.state == _DONE
        before = np.concatenate([[False], done[:-1]])[: len(done)]
        heads = told.bounds[:-1][np.diff(told.bounds) > 0]
        before[heads] = told.first[rows[heads]] == _DONE
        turned = np.flatnonzero(done != before)
        always = np.flatnonzero(told.first == _DONE)
        turns = np.zeros(len(turned) + len(always), work.TURN)
        turns["uid"] = np.concatenate([self.items["uid"][always], self.items["uid"][rows[turned]]])
        turns["at"] = np.concatenate([created[always], np.maximum(told.at[turned], created[rows[turned]])])
        ordered: Array = turns[np.argsort(turns["uid"], kind="stable")]
        return ordered  # what was done from the start stands first

    @cached_property
    def _firsts(self) -> Array:
        """Which turns are the first of their item."""
        firsts: Array = np.diff(self._turns["uid"], prepend=NOBODY) != 0
        return firsts

    @cached_property
    def _later_turns(self) -> Array:
        """All turns of each item but its first."""
        later: Array = self._turns[~self._firsts]
        return later

    @cached_property
    def _first_done(self) -> Array:
        first = np.full(len(self.items), NEVER)
        turns = self._turns[self._firsts]
        first[np.searchsorted(self.items["uid"], turns["uid"])] = turns["at"]
        return first

    @cached_property
    def _served(self) -> tuple[Array, Array]:
        """The places of the periods, those of one target side by side, and where each target begins."""
        order = np.argsort(self.periods["target"], kind="stable")
        return order, np.searchsorted(self.periods["target"][order], np.arange(len(self.targets) + 1))

    def of(self, target: str) -> Past:
        """What ever served one goal, and that alone."""
        order, bounds = self._served
        mine = np.zeros(0, PERIOD)
        if target in self.targets:
            place = self.targets.index(target)
            mine = self.periods[order[bounds[place] : bounds[place + 1]]]
            mine["target"] = 0
        rows = np.searchsorted(self.items["uid"], np.unique(mine["uid"]))
        return Past(self.items.take(rows), self.lives.of(rows), mine, self.sources, self.resolutions, (target,))

    def removed(self, kinds: Collection[ItemKind], since: datetime, at: datetime) -> int:
        """How many items of these kinds lost a link to the one goal that this is the past of between two instants, and
        had none at the second."""
        begun, end, until = micros(since), micros(at), self.periods["until"]
        weighing = self.items["uid"][np.isin(self.items["kind"], [KINDS.index(kind) for kind in kinds])]
        left = self.periods["uid"][(until >= begun) & (until <= end)]
        held = self.periods["uid"][(self.periods["since"] <= end) & (until > end)]
        return len(np.setdiff1d(np.intersect1d(left, weighing), held))


# ── key results ──────────────────────────────────────────────────────────────────────────────────────────────────────


def measure_at(
    kr: KeyResult,
    past: Past,
    readings: Sequence[Reading],
    thresholds: Thresholds,
    at: datetime,
    timezone: str,
    *,
    stale: bool = False,
    blocked: Mapping[int, int] | None = None,
    published: Status | None = None,
) -> Progress:
    """What would have been said of a key result at an instant, with all that is known by now of the time until then;
    items are named by uid. ``blocked``: uid → since when an item had been blocked then (µs); ``published``: what had
    last been said. A window that was over is seen as it ended."""
    mine, known, begun, end = past.of(kr.id), at, kr.window.start, kr.window.end
    if end is not None and end <= at + MICROSECOND:
        at, known = end, end - MICROSECOND
    return measure_key_result(
        kr,
        mine.at(micros(known), blocked).linked(kr.id).of_kinds(kr.counts),
        [one for one in readings if one.at <= known],
        thresholds,
        at,
        timezone,
        stale=stale,
        removed=mine.removed(kr.counts, begun, known) if begun is not None else 0,
        published=published,
    )
