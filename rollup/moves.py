"""What happened to the scope of a key result between two instants: finished, reopened, added, removed, cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import numpy as np

from okrsync.model import KeyResult, KeyResultKind, Reading, State, Thresholds
from rollup.keys import MOST
from rollup.lines import share_to_reach
from rollup.metric import in_band, raw_progress, share_in_band
from rollup.obstacles import blockage
from rollup.scope import DONE, Scope, scope
from rollup.span import WEEK, Span, instant, micros
from rollup.workload import NEVER, STATES, Array, Linked

_TODO = STATES.index(State.TODO)


@dataclass(frozen=True, slots=True)
class Some:
    """Some items: how many, what they weigh, and those that tell most; their keys, and what a sentence calls them, are
    told by ``Moves.named``."""

    count: int = 0
    weight: float = 0.0
    uids: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.count > 0


@dataclass(frozen=True, slots=True)
class Moves:
    """A key result between ``since`` and now. ``progress`` is the one of then, None where nothing was known."""

    since: datetime
    first: bool = False  # its window began at ``since``
    progress: float | None = None
    value: float | None = None  # the reading of then
    out_since: datetime | None = None  # of a band: the first reading of those that lie outside without a break
    items: int = 0  # that weigh in it now
    finished: Some = Some()  # and not done then
    reopened: Some = Some()
    added: Some = Some()
    removed: Some = Some()
    cancelled: Some = Some()
    given_up: Some = Some()  # whatever was cancelled, whenever
    open: Some = Some()
    begun: Some = Some()  # in progress
    blocked: Some = Some()  # for as long as the threshold says, the longest first
    blocked_since: datetime | None = None
    ceiling: float = 1.0  # progress once all open work but the blocked is done
    enough: int = 0  # of the blocked, the longest first, so many have to come free for the goal to be in reach

    def uids(self) -> set[int]:
        """The uids of all items that are told of."""
        return {uid for some in self._told().values() for uid in some.uids}

    def named(self, keys: Mapping[int, str], titles: Mapping[int, str]) -> Moves:
        """The same with the keys of the items beside their uids; those that have one here are called by their title."""
        told: dict[str, Any] = {
            name: replace(
                some,
                keys=tuple(keys[uid] for uid in some.uids),
                names=tuple(titles.get(uid, keys[uid]) for uid in some.uids),
            )
            for name, some in self._told().items()
        }
        return replace(self, **told)

    def _told(self) -> dict[str, Some]:
        return {one.name: some for one in fields(self) if isinstance(some := getattr(self, one.name), Some)}


def week_before(kr: KeyResult, now: datetime) -> tuple[datetime, bool]:
    """A week before now, or the first instant of a window that is younger, and whether it is."""
    start = kr.window.start
    young = start is not None and now - WEEK < start <= now
    return (start, True) if young and start is not None else (now - WEEK, False)


def moves(
    kr: KeyResult,
    then: Linked,
    now: Linked,
    readings: Sequence[Reading],
    thresholds: Thresholds,
    at: datetime,
    timezone: str,
) -> Moves:
    """What happened to a key result from a week before ``at`` until then. ``then`` and ``now`` is what was linked to
    it at both ends."""
    since, first = week_before(kr, at)
    told = Moves(since, first)
    if kr.kind is not KeyResultKind.WORK:
        mine = sorted((one for one in readings if one.key_result == kr.id and one.at <= at), key=lambda one: one.at)
        old = [one for one in mine if one.at <= since]
        last = old[-1] if old else None
        keep = kr.kind is KeyResultKind.KEEP
        progress = share_in_band(kr, old, timezone) if keep else raw_progress(kr, last)
        told = replace(
            told,
            progress=progress,
            value=last.value if last is not None else None,
            out_since=_out_since(kr, mine) if keep else None,
        )
        if kr.kind is not KeyResultKind.MIXED:
            return told
    earlier, scoped = scope(then, kr.counts, thresholds), scope(now, kr.counts, thresholds)
    if kr.kind is KeyResultKind.WORK:
        told = replace(told, progress=earlier.progress)
    return _weigh(told, kr, earlier, scoped, then, now, thresholds, at)


def _weigh(
    told: Moves,
    kr: KeyResult,
    earlier: Scope,
    scoped: Scope,
    then: Linked,
    now: Linked,
    thresholds: Thresholds,
    at: datetime,
) -> Moves:
    leaves, since = scoped.leaves, micros(told.since)
    stood, stand = then.work.items["uid"][then.rows], now.work.items["uid"][now.rows]
    was_done = scoped.done_by(since)
    done = leaves["state"] == DONE
    new = (scoped.linked > since) & ~np.isin(leaves["uid"], stood)
    left = ~np.isin(earlier.leaves["uid"], stand)
    gave = scoped.given_up[~np.isin(scoped.given_up["uid"], earlier.given_up["uid"])]
    gave = gave[(gave["finished"] > since) & (gave["finished"] < NEVER)]
    told = replace(
        told,
        items=len(leaves),
        finished=_some(scoped, done & ~was_done, -leaves["finished"]),
        reopened=_some(scoped, ~done & was_done),
        added=_some(scoped, new, -scoped.linked),
        removed=_some(earlier, left),
        cancelled=Some(len(gave), float(len(gave)), tuple(gave["uid"][:MOST].tolist())),
        given_up=Some(len(scoped.given_up), scoped.cancelled, tuple(scoped.given_up["uid"][:MOST].tolist())),
        open=_some(scoped, scoped.open, scoped.linked),
        begun=_some(scoped, scoped.begun, scoped.linked),
    )
    if not scoped.total:
        return told
    share = share_to_reach(kr, thresholds)
    obstacle = blockage(scoped, Span(kr.window, at), share, thresholds)
    if not len(obstacle.leaves):
        return told
    chosen = np.isin(leaves["uid"], obstacle.leaves["uid"])
    freed = np.cumsum(scoped.weights[chosen][np.argsort(leaves["blocked"][chosen], kind="stable")])
    missing = (share - obstacle.ceiling) * scoped.total - 1e-9
    return replace(
        told,
        blocked=_some(scoped, chosen, leaves["blocked"]),
        blocked_since=instant(int(obstacle.leaves["blocked"].min())),
        ceiling=obstacle.ceiling,
        enough=int(np.searchsorted(freed, missing)) + 1 if missing > 0 else 0,
    )


def _some(scoped: Scope, chosen: Array, rank: Array | None = None) -> Some:
    """Some leaves of a scope, those of the lowest rank first."""
    uids = scoped.leaves["uid"][chosen]
    if rank is not None:
        uids = uids[np.argsort(rank[chosen], kind="stable")]
    return Some(len(uids), scoped.weight(chosen), tuple(uids[:MOST].tolist()))


def _out_since(kr: KeyResult, readings: Sequence[Reading]) -> datetime | None:
    since = None
    for one in readings:
        since = None if in_band(kr, one.value) else since or one.at
    return since
