"""The open work in the order in which it matters: what the worst objective waits for comes first (docs/status.md)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

import numpy as np

from okrsync.model import (
    Commitment,
    Goals,
    KeyResultKind,
    ObjectiveProgress,
    OrphanClass,
    Progress,
    Say,
    State,
    Status,
    Thresholds,
    VerdictKind,
)
from rollup.facts import percent, tidy
from rollup.lines import share_to_reach
from rollup.objectives import WORST_FIRST
from rollup.scope import scope
from rollup.span import EPSILON, instant, local_day, whole_days
from rollup.workload import NEVER, STATES, Array, Workload

VERDICTS = tuple(VerdictKind)
ORPHANS = (None, *OrphanClass)

OPEN = np.dtype(
    [
        ("uid", "<i8"),
        ("created", "<i8"),  # as all instants in ``rollup.workload``
        ("due", "<i4"),  # the ordinal of its day, NO_DAY where it has none
        ("place", "<u4"),  # whose work it is, as the reader of the columns counts it
        ("kind", "u1"),  # as in ``rollup.workload``, as is the state
        ("state", "u1"),
        ("verdict", "u1"),  # places in VERDICTS and in ORPHANS
        ("orphan", "u1"),
    ]
)
"""An item that was judged and is not finished."""

SERVES = np.dtype([("uid", "<i8"), ("target", "<u4")])
"""It is linked to a goal now."""

HOLDS = np.dtype([("uid", "<i8"), ("held", "<i8")])
"""It holds up another one."""

NO_DAY = date.max.toordinal()

FREES, HELD, BEGUN, TODO, SUM = range(5)
"""What an item does for its key result, the first first: it holds up others; it is held up itself; it is in progress;
it is to be begun; or it is the sum of others, which come before it."""

NEEDED, BESIDE, BEYOND = range(3)
"""Whether the key result needs it to be reached; beside all key results, on the objective itself; or more than that."""

RANKED = np.dtype(
    [
        ("row", "<i8"),  # of the items
        ("target", "<i8"),  # -1: it serves none
        ("role", "u1"),
        ("need", "u1"),
        ("held", "<i8"),  # since when
    ]
)
"""An item in its place."""

_TRACED, _EXEMPT = VERDICTS.index(VerdictKind.TRACED), VERDICTS.index(VerdictKind.EXEMPT)
_IN_PROGRESS = STATES.index(State.IN_PROGRESS)


@dataclass(frozen=True, slots=True, eq=False)
class Unfinished:
    """The open items by growing uid, the goals that each serves, and which of them holds up which."""

    items: Array
    serves: Array
    holds: Array
    targets: Sequence[str | None]  # what the places in ``serves`` mean


@dataclass(frozen=True, slots=True)
class Need:
    """What is left of a key result: so much of its open work, to reach its share."""

    left: float
    open: float
    unit: str
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Backlog:
    """The open items in order; what is exempt is left out, for it waits for no objective."""

    unfinished: Unfinished
    ranked: Array
    needs: Mapping[str, Need]
    _freed: Mapping[tuple[int, int], Sequence[int]] = field(repr=False)  # by uid and target
    _also: Mapping[int, Sequence[int]] = field(repr=False)  # the targets of the items that have several

    def goal(self, place: int) -> str | None:
        """The goal under which the item in this place stands."""
        target = int(self.ranked["target"][place])
        return None if target < 0 else self.unfinished.targets[target]

    def due(self, place: int) -> str | None:
        """The day on which it is due, ISO 8601."""
        day = int(self.unfinished.items["due"][self.ranked["row"][place]])
        return None if day == NO_DAY else date.fromordinal(day).isoformat()

    def others(self, place: int) -> list[str]:
        """The other goals that it serves."""
        uid, mine = int(self.unfinished.items["uid"][self.ranked["row"][place]]), int(self.ranked["target"][place])
        names = (self.unfinished.targets[target] for target in self._also.get(uid, ()) if target != mine)
        return [name for name in names if name is not None]

    def frees(self, place: int) -> list[int]:
        """The uids of what it holds up among the work of its goal."""
        uid, target = self.unfinished.items["uid"][self.ranked["row"][place]], self.ranked["target"][place]
        return list(self._freed.get((int(uid), int(target)), ()))


def backlog(
    unfinished: Unfinished,
    goals: Goals,
    progress: Mapping[str, Progress],
    objectives: Mapping[str, ObjectiveProgress],
    work: Workload,
    thresholds: Thresholds,
) -> Backlog:
    """Every open item once, where it stands best; then those that serve no goal.

    In the order of: the objective's status, that of its worst key result, its weight; whether the key result needs the
    item to be reached; the key result's status, commitment and weight; what the item does for it; how many others it
    holds up; the day on which it is due; its age.
    """
    items, targets = unfinished.items, unfinished.targets
    above, below = _places(goals, progress, objectives, targets)
    serves = unfinished.serves
    rows = np.searchsorted(items["uid"], serves["uid"])
    known = (items["verdict"][rows] == _TRACED) & (above[serves["target"]] >= 0) if len(rows) else np.zeros(0, bool)
    serves, rows = serves[known], rows[known]
    held = _held(items, work)[rows]
    freed = _freed(unfinished.holds, serves)
    frees = _counted(freed, serves)
    sizes, sums, needs = _sizes(serves, goals, work, thresholds)
    role = np.select(
        [sums, held < NEVER, frees > 0, items["state"][rows] == _IN_PROGRESS], [SUM, HELD, FREES, BEGUN], TODO
    )
    inside = (serves["uid"], items["created"][rows], items["due"][rows], -frees, role, below[serves["target"]])
    first = np.lexsort((*inside, above[serves["target"]]))
    need = np.empty(len(rows), np.int64)
    need[first] = _needed(serves["target"][first], sizes[first], targets, needs, goals)
    order = np.lexsort((*inside, need, above[serves["target"]]))
    _, best = np.unique(serves["uid"][order], return_index=True)
    order = order[np.sort(best)]
    ranked = np.zeros(len(order), RANKED)
    ranked["row"], ranked["target"], ranked["role"] = rows[order], serves["target"][order], role[order]
    ranked["need"], ranked["held"] = need[order], held[order]
    return Backlog(unfinished, np.concatenate([ranked, _unlinked(items, rows)]), needs, freed, _several(serves))


def _places(
    goals: Goals,
    progress: Mapping[str, Progress],
    objectives: Mapping[str, ObjectiveProgress],
    targets: Sequence[str | None],
) -> tuple[Array, Array]:
    """Target → the place of its objective, -1 where it is no goal; and its own place in that."""
    order = {name: place for place, name in enumerate([*goals.objectives, *goals.key_results])}

    worst = dict.fromkeys(goals.objectives, len(WORST_FIRST))
    for kr in goals.key_results.values():
        worst[kr.objective] = min(worst[kr.objective], _rank(progress[kr.id].status))

    def of_objective(name: str) -> tuple[float, ...]:
        return (_rank(objectives[name].status), worst[name], -goals.objectives[name].weight, order[name])

    def of_key_result(name: str) -> tuple[float, ...]:
        kr = goals.key_results[name]
        aspires = kr.commitment is Commitment.ASPIRATIONAL
        return (_rank(progress[name].status), aspires, -kr.weight, order[name])

    tops = {name: place for place, name in enumerate(sorted(goals.objectives, key=of_objective))}
    krs = {name: place for place, name in enumerate(sorted(goals.key_results, key=of_key_result))}
    above, below = np.full(len(targets), -1), np.full(len(targets), len(krs))
    for place, name in enumerate(targets):
        if name is not None and name in krs:
            above[place], below[place] = tops[goals.key_results[name].objective], krs[name]
        elif name is not None and name in tops:
            above[place] = tops[name]
    return above, below


def _held(items: Array, work: Workload) -> Array:
    """Since when each of these items is held up, as far as it weighs anywhere."""
    held = np.full(len(items), NEVER)
    if len(work.items) and len(items):
        places = np.minimum(np.searchsorted(work.items["uid"], items["uid"]), len(work.items) - 1)
        mine = work.items["uid"][places] == items["uid"]
        held[mine] = work.items["blocked"][places[mine]]
    return held


def _freed(holds: Array, serves: Array) -> dict[tuple[int, int], list[int]]:
    """(item, goal) → what the item holds up among the work of that goal, where there is any."""
    goals_of: dict[int, list[int]] = {}
    for uid, target in serves[np.isin(serves["uid"], np.concatenate([holds["uid"], holds["held"]]))].tolist():
        goals_of.setdefault(uid, []).append(target)
    found: dict[tuple[int, int], list[int]] = {}
    for uid, held in sorted(set(holds.tolist())):
        for target in set(goals_of.get(uid, ())) & set(goals_of.get(held, ())):
            found.setdefault((uid, target), []).append(held)
    return found


def _counted(freed: Mapping[tuple[int, int], Sequence[int]], serves: Array) -> Array:
    """How many others each item holds up that serve the same goal."""
    found = np.zeros(len(serves), np.int64)
    concerned = np.isin(serves["uid"], [uid for uid, _ in freed])
    for row in np.flatnonzero(concerned).tolist():
        found[row] = len(freed.get(tuple(serves[row].tolist()), ()))
    return found


def _sizes(serves: Array, goals: Goals, work: Workload, thresholds: Thresholds) -> tuple[Array, Array, dict[str, Need]]:
    """What each item weighs in its key result; which are the sum of others there; and what each key result needs."""
    sizes, sums = np.zeros(len(serves)), np.zeros(len(serves), bool)
    needs: dict[str, Need] = {}
    order = np.argsort(serves["target"], kind="stable")
    bounds = np.searchsorted(serves["target"][order], np.arange(len(work.targets) + 1))
    places = {name: place for place, name in enumerate(work.targets)}
    for kr in goals.key_results.values():
        place = places.get(kr.id)
        if place is None or kr.kind is not KeyResultKind.WORK:
            continue
        linked = work.linked(kr.id)
        mine = scope(linked, kr.counts, thresholds)
        rows = order[bounds[place] : bounds[place + 1]]
        uids = serves["uid"][rows]
        leaf = np.isin(uids, mine.leaves["uid"])
        sizes[rows[leaf]] = mine.weights[np.searchsorted(mine.leaves["uid"], uids[leaf])]
        counted = linked.of_kinds(kr.counts)
        sums[rows] = ~leaf & np.isin(uids, work.items["uid"][counted.rows])
        if mine.total > 0:
            share = share_to_reach(kr, thresholds)
            left = max(share * mine.total - mine.earned, 0.0)
            needs[kr.id] = Need(left, mine.weight(mine.open), mine.unit, share)
    return sizes, sums, needs


def _needed(
    target: Array, sizes: Array, targets: Sequence[str | None], needs: Mapping[str, Need], goals: Goals
) -> Array:
    """Of items in the order of their goals: which of them each goal needs, the first first."""
    found = np.full(len(target), NEEDED)
    begins = np.flatnonzero(np.diff(target.astype(np.int64), prepend=-1)).tolist()
    for first, last in pairwise([*begins, len(target)]):
        name = targets[target[first]]
        if name in goals.objectives:
            found[first:last] = BESIDE
        elif name is not None and (need := needs.get(name)) is not None:
            before = np.cumsum(sizes[first:last]) - sizes[first:last]
            found[first:last] = np.where(before >= need.left - EPSILON, BEYOND, NEEDED)
    return found


def _unlinked(items: Array, linked: Array) -> Array:
    """What serves no goal: work in progress, then what is due, then the oldest."""
    loose = items["verdict"] != _EXEMPT
    loose[linked] = False
    rows = np.flatnonzero(loose)
    some = items[rows]
    order = np.lexsort((some["uid"], some["created"], some["due"], some["state"] != _IN_PROGRESS))
    ranked = np.zeros(len(rows), RANKED)
    ranked["row"], ranked["target"], ranked["held"] = rows[order], -1, NEVER
    ranked["role"] = np.where(some["state"][order] == _IN_PROGRESS, BEGUN, TODO)
    return ranked


def _several(serves: Array) -> dict[int, list[int]]:
    uids, counts = np.unique(serves["uid"], return_counts=True)
    found: dict[int, list[int]] = {}
    for uid, target in serves[np.isin(serves["uid"], uids[counts > 1])].tolist():
        found.setdefault(uid, []).append(target)
    return found


def _rank(status: Status) -> int:
    """The worst first; a dropped goal last of all."""
    return next((rank for rank, alike in enumerate(WORST_FIRST) if status in alike), len(WORST_FIRST))


# ── why ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def of_goal(
    found: Backlog,
    place: int,
    goals: Goals,
    progress: Mapping[str, Progress],
    objectives: Mapping[str, ObjectiveProgress],
) -> Iterator[Say]:
    """What the goal of the item in this place has to do with its rank, clause by clause."""
    goal = found.goal(place)
    if goal is None:
        item = found.unfinished.items[found.ranked["row"][place]]
        orphan = ORPHANS[item["orphan"]]
        yield Say.of(f"backlog.orphan.{orphan}" if orphan else f"backlog.{VERDICTS[item['verdict']]}")
    elif goal in goals.objectives:
        yield Say.of("backlog.objective", objective=goal, status=objectives[goal].status.value)
    else:
        above = goals.key_results[goal].objective
        facts = {"objective": above, "objective_status": objectives[above].status.value}
        yield Say.of("backlog.key_result", kr=goal, kr_status=progress[goal].status.value, **facts)
        if (need := found.needs.get(goal)) is not None:
            yield _need(goal, int(found.ranked["need"][place]), need)


def _need(goal: str, need: int, known: Need) -> Say:
    share = percent(known.share)
    if known.left <= EPSILON:
        return Say.of("backlog.reached", kr=goal, share=share)
    if need == BEYOND:
        return Say.of("backlog.beyond", kr=goal, share=share)
    left = tidy(known.left) if known.unit == "points" else math.ceil(known.left - EPSILON)
    return Say.of(f"backlog.need_{known.unit}", left=left, open=tidy(known.open), share=share)


def of_item(found: Backlog, place: int, goals: Goals, keys: Mapping[int, str], now: datetime) -> Iterator[Say]:
    """What the item itself has to do with its rank; ``keys`` are those of what it frees."""
    role = int(found.ranked["role"][place])
    if role == HELD:
        yield Say.of("backlog.held", days=whole_days(now - instant(int(found.ranked["held"][place]))))
    if freed := found.frees(place):
        yield Say.of("backlog.frees", items=", ".join(keys[uid] for uid in freed))
    if role in _SAID:
        yield Say.of(_SAID[role])
    item = found.unfinished.items[found.ranked["row"][place]]
    if item["due"] != NO_DAY:
        due = date.fromordinal(int(item["due"]))
        late = (local_day(now, goals.timezone) - due).days
        yield Say.of("backlog.overdue", days=late) if late > 0 else Say.of("backlog.due", day=due.isoformat())
    others = found.others(place)
    if others:
        yield Say.of("backlog.also", goals=", ".join(others))


_SAID = {BEGUN: "backlog.begun", TODO: "backlog.todo", SUM: "backlog.sum"}
