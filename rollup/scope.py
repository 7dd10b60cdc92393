"""The scope of a key result: which items weigh, how much, and what they add up to."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from okrsync.model import ItemKind, State, Thresholds
from rollup.workload import KINDS, NOBODY, STATES, Array, Linked

LARGEST = 1e15
"""An estimate above it, ten times what Jira takes, is a mistake; with it sums and squares could not be told."""

DONE, BEGUN = STATES.index(State.DONE), STATES.index(State.IN_PROGRESS)


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What a key result consists of now. ``leaves`` are the items that weigh, with their weights and since when each is
    linked, row by row. Sums are exact, whatever the order of the items."""

    leaves: Array  # ITEM
    weights: Array
    linked: Array
    turns: Array  # TURN, of these items and others
    unit: str  # "points" | "items"
    estimated: float | None  # share of the leaves with an estimate; None without leaves
    total: float  # N
    finished: float  # the weight of what is done
    earned: float  # D: finished, and the credit for work in progress where it is set
    cancelled: float
    given_up: Array  # ITEM, what was cancelled

    @property
    def progress(self) -> float | None:
        return self.earned / self.total if self.total > 0 else None

    @property
    def independent(self) -> float:
        """n = N²/Σw²: how many items of equal weight would be as uncertain."""
        squares = exact(self.weights**2)
        return self.total**2 / squares if squares > 0 else 0.0

    @property
    def mean(self) -> float:
        """The mean weight of a leaf, which turns weights into items."""
        return self.total / len(self.leaves)

    @property
    def open(self) -> Array:
        """Which leaves are not done."""
        still: Array = self.leaves["state"] != DONE
        return still

    @property
    def begun(self) -> Array:
        """Which leaves are in progress."""
        begun: Array = self.leaves["state"] == BEGUN
        return begun

    def weight(self, chosen: Array) -> float:
        """The weight of some of the leaves."""
        return exact(self.weights[chosen])

    def linked_by(self, instant: int) -> float:
        """The weight of what had been linked by an instant."""
        return self.weight(self.linked <= instant)

    def done_by(self, instant: int) -> Array:
        """Which leaves counted as done at an instant, as their histories tell."""
        done: Array = self.leaves["done"] <= instant
        if len(self.turns):
            turned = self.turns["uid"][self.turns["at"] <= instant]
            mine = turned[np.isin(turned, self.leaves["uid"])]
            np.logical_xor.at(done, np.searchsorted(self.leaves["uid"], mine), True)
        return done


def scope(linked: Linked, counts: Collection[ItemKind], thresholds: Thresholds) -> Scope:
    """The scope that these items make."""
    linked = linked.of_kinds(counts)
    mine = linked.items()
    given_up = cancelled(linked, thresholds)
    leaf = bottom(mine, ~given_up)
    leaves, given = (mine.take(np.flatnonzero(one)) for one in (leaf, given_up & bottom(mine)))
    weights, share, default = weigh(leaves["points"], thresholds)
    if default is not None:
        lost = estimates(given["points"])
        lost = np.where(np.isnan(lost), default, lost)
    else:
        lost = np.ones(len(given))
    finished, begun = (exact(weights[leaves["state"] == state]) for state in (DONE, BEGUN))
    return Scope(
        leaves=leaves,
        weights=weights,
        linked=linked.since[leaf],
        turns=linked.work.turns,
        unit="items" if default is None else "points",
        estimated=share,
        total=exact(weights),
        finished=finished,
        earned=finished + thresholds.in_progress_credit * begun,
        cancelled=exact(lost),
        given_up=given,
    )


def tallies(
    items: Array, given_up: Array, begins: Array, counts: Collection[ItemKind], thresholds: Thresholds
) -> list[tuple[float, float]]:
    """What :func:`scope` would have earned, and its total, of several scopes at once: the items of one stand side by
    side from its place in ``begins`` to the next one, and no uid is in two of them."""
    leaf = bottom(items, ~given_up & np.isin(items["kind"], [KINDS.index(kind) for kind in counts]))
    leaves = np.flatnonzero(leaf)
    points, states = items["points"][leaves], items["state"][leaves]
    done, begun = states == DONE, states == BEGUN
    bounds = np.searchsorted(leaves, begins).tolist()
    found = []
    for first, last in pairwise(bounds):
        weights, _, _ = weigh(points[first:last], thresholds)
        earned = exact(weights[done[first:last]])
        if thresholds.in_progress_credit:
            earned += thresholds.in_progress_credit * exact(weights[begun[first:last]])
        found.append((earned, exact(weights)))
    return found


def weigh(points: Array, thresholds: Thresholds) -> tuple[Array, float | None, float | None]:
    """What each of these leaves weighs, the share of them that is estimated (None without leaves), and what a missing
    estimate is worth, None where too few are estimated and each leaf weighs one."""
    sizes = estimates(points)
    known = ~np.isnan(sizes)
    share = int(np.count_nonzero(known)) / len(points) if len(points) else None
    if share is None or share < thresholds.estimated_share:
        return np.ones(len(points)), share, None
    default = _median(sizes[known]) if share else 1.0
    return np.where(known, sizes, default), share, default


def _median(numbers: Array) -> float:
    """That of at least one number."""
    middle = ((len(numbers) - 1) // 2, len(numbers) // 2)
    low, high = np.partition(numbers, middle)[list(middle)].tolist()
    return float(low + high) / 2


def pieces(parts: Sequence[Linked], thresholds: Thresholds) -> tuple[float, int]:
    """How many of these items are done, with the credit for those in progress, of how many; each weighs one, and one
    that is in several parts counts once, as the first of them has it."""
    parts = [part for part in parts if len(part.rows)] or list(parts[:1])
    items = np.concatenate([part.items() for part in parts])
    live = np.concatenate([~cancelled(part, thresholds) for part in parts])
    if len(parts) > 1:  # else they are sorted, and each is there once
        order = np.argsort(items["uid"], kind="stable")
        order = order[np.diff(items["uid"][order], prepend=NOBODY) != 0]
        items, live = items[order], live[order]
    states = items["state"][bottom(items, live)]
    done, begun = (int(np.count_nonzero(states == state)) for state in (DONE, BEGUN))
    return done + thresholds.in_progress_credit * begun, len(states)


def cancelled(linked: Linked, thresholds: Thresholds) -> Array:
    """Which of these items were given up."""
    refused = refusals(thresholds)
    given_up = np.array([is_cancelled(one, refused) for one in linked.work.resolutions], bool)
    which: Array = given_up[linked.work.items["resolution"][linked.rows]]
    return which


def exact(numbers: Array) -> float:
    """Their sum, rounded once."""
    return math.fsum(numbers.tolist())


def totals(numbers: Array, groups: Array, count: int) -> list[float]:
    """The sum of each group below ``count``, each rounded once."""
    order = np.argsort(groups, kind="stable")
    bounds = np.searchsorted(groups[order], np.arange(count + 1)).tolist()
    ordered = numbers[order].tolist()
    return [math.fsum(ordered[first:last]) for first, last in pairwise(bounds)]


def refusals(thresholds: Thresholds) -> set[str]:
    """The resolutions that give work up, case-folded."""
    return {resolution.casefold() for resolution in thresholds.cancelled_resolutions}


def is_cancelled(resolution: str | None, refused: Collection[str]) -> bool:
    """Whether a resolution is one of these (case-folded) that give work up."""
    return resolution is not None and resolution.casefold() in refused


def estimates(points: Array) -> Array:
    """These estimates where they can be a weight, from 0 to LARGEST; else not a number."""
    return np.where((points >= 0) & (points <= LARGEST), points, math.nan)


def bottom(items: Array, chosen: Array | None = None) -> Array:
    """Which of these items, by growing uid, have no child among them, or of the ``chosen``, none among those; a parent
    that closes a cycle has none by that."""
    uids, parents = (items[name] if chosen is None else items[name][chosen] for name in ("uid", "parent"))
    leaf = np.ones(len(items), bool) if chosen is None else chosen.copy()
    if len(uids):
        above = np.minimum(np.searchsorted(uids, parents), len(uids) - 1)
        above = np.where(uids[above] == parents, above, -1)
        above[_on_cycles(above)] = -1
        low = np.ones(len(uids), bool)
        low[above[above >= 0]] = False
        leaf[leaf] = low
    return leaf


def _on_cycles(above: Array) -> Array:
    """The places that are reached by climbing from place to place for ever: those that lie on a cycle."""
    reached = above.copy()
    for _ in range(len(above).bit_length()):  # each time twice as high
        climbing = np.flatnonzero(reached >= 0)
        if not len(climbing):
            break
        reached[climbing] = reached[reached[climbing]]
    return reached[reached >= 0]
