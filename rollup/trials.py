"""Key results of work that are over, judged as they would have been judged on the way: what a rule is calibrated on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from okrsync.model import Flag, KeyResult, Status, Thresholds
from rollup.burn_up import moments
from rollup.forecast import evidence, probability
from rollup.history import Past
from rollup.lines import share_to_reach
from rollup.scope import scope
from rollup.span import EPSILON, MICROSECOND, WEEK, Span, micros
from rollup.work import measure_work

SHARES = (0.3, 0.5, 0.7)
"""Of the window: when a trial is judged."""

FIRST_OVERDISPERSION = 1.5
"""What the chance was computed with before it was calibrated."""

Blocked = Callable[[datetime], Mapping[int, int]]
"""Instant → uid → since when an item had been blocked then (µs)."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a key result at one instant of its past, and what okrsync says of it."""

    at: datetime
    elapsed: float  # e
    progress: float  # p
    items: float  # n: of equal weight, as uncertain as the scope
    status: Status
    chance: float | None  # P; None where lines 1 to 8 spoke
    uncalibrated: float | None  # P as it was before any calibration
    hindered: bool  # blocked or stalled


@dataclass(frozen=True, slots=True)
class Trial:
    """A key result that is over: how it was seen, and whether it reached its share by its end."""

    id: str
    kind: str
    weeks: float  # length of its window
    ended: datetime
    reached: bool
    looks: tuple[Look, ...]  # at SHARES of its window, where it had a scope; nothing published before
    weekly: tuple[Look, ...]  # at the end of each week of it, each after the one before was published


def trial(
    kr: KeyResult, past: Past, thresholds: Thresholds, timezone: str, *, kind: str = "", blocked: Blocked | None = None
) -> Trial | None:
    """A key result of work whose window is over, tried; None where it had no scope in the end, or was never looked at.

    ``kind`` tells what it was taken from, ``blocked`` what stood in the way then, where that is known.
    """
    start, end = kr.window.start, kr.window.end
    assert start is not None
    assert end is not None
    mine = past.of(kr.id)
    final = scope(mine.at(micros(end - MICROSECOND)).linked(kr.id), kr.counts, thresholds).progress
    if final is None or end <= start:
        return None

    def look(at: datetime, published: Status | None = None) -> Look | None:
        return _look(kr, mine, at, thresholds, timezone, blocked=blocked, published=published)

    looks = tuple(one for share in SHARES if (one := look(start + (end - start) * share)) is not None)
    if not looks:
        return None
    weekly: list[Look] = []
    for at in moments(kr, start, end, timezone)[:-1]:
        one = look(at, weekly[-1].status if weekly else None)
        if one is not None:
            weekly.append(one)
    reached = final >= share_to_reach(kr, thresholds) - EPSILON
    return Trial(kr.id, kind, (end - start) / WEEK, end, reached, looks, tuple(weekly))


def _look(
    kr: KeyResult,
    mine: Past,
    at: datetime,
    thresholds: Thresholds,
    timezone: str,
    *,
    blocked: Blocked | None,
    published: Status | None,
) -> Look | None:
    then = scope(mine.at(micros(at), None if blocked is None else blocked(at)).linked(kr.id), kr.counts, thresholds)
    span = Span(kr.window, at)
    progress, elapsed = then.progress, span.elapsed
    if progress is None or not elapsed:
        return None
    known = measure_work(kr, then, span, thresholds, timezone, stale=False, removed=0, published=published)
    first = None
    if known.forecast is not None:
        before = replace(thresholds, overdispersion=FIRST_OVERDISPERSION)
        first = probability(then, span, evidence(then, span, before), share_to_reach(kr, before), before)
    return Look(
        at,
        elapsed,
        progress,
        then.independent,
        known.status,
        known.forecast.probability if known.forecast is not None else None,
        first,
        bool(known.flags & {Flag.BLOCKED, Flag.STALLED}),
    )


def flips(colours: Sequence[str]) -> int:
    """How often one changes into the next."""
    return sum(before != after for before, after in pairwise(colours))
