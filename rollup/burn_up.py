"""A key result week by week: where it stood at the end of each, beside what was planned until then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import repeat

import numpy as np

from okrsync.model import KeyResult, KeyResultKind, Point, Reading, Thresholds
from rollup.effort import iso_weeks
from rollup.history import Past
from rollup.lines import share_to_reach
from rollup.metric import expected, raw_progress, share_in_band
from rollup.scope import is_cancelled, refusals, tallies
from rollup.span import MICROSECOND, WEEK, Span, instant, micros

CELLS = 1 << 20
"""So many items times instants are looked at at once: memory stays the same however large a key result is."""


def burn_up(
    kr: KeyResult, past: Past, readings: Sequence[Reading], thresholds: Thresholds, now: datetime, timezone: str
) -> tuple[Point, ...]:
    """A key result at the last instant of each ISO week of its window (or of what is known, where that has no
    beginning), and at ``now``, or when its window ended; nothing before it begins."""
    mine = past.of(kr.id)
    given = sorted((one for one in readings if one.key_result == kr.id), key=lambda one: one.at)
    start = kr.window.start if kr.window.start is not None else _first(mine, given)
    if start is None or start > now:
        return ()
    at = moments(kr, start, now, timezone)
    weighing = kr.kind in (KeyResultKind.WORK, KeyResultKind.MIXED)
    worked = _worked(kr, mine, at, thresholds) if weighing else repeat((None, None), len(at))
    return tuple(
        _point(kr, given, done, total, thresholds, one, timezone) for one, (done, total) in zip(at, worked, strict=True)
    )


def moments(kr: KeyResult, start: datetime, now: datetime, timezone: str) -> list[datetime]:
    """The last instant of each local ISO week from ``start`` on, and ``now``; no later than the end of the window."""
    last = now if kr.window.end is None else min(now, kr.window.end - MICROSECOND)
    return [*(end for end in _ends(last, timezone, (last - start) // WEEK + 2) if start <= end < last), last]


@lru_cache(maxsize=64)  # of key results of one cycle they are the same
def _ends(last: datetime, timezone: str, count: int) -> tuple[datetime, ...]:
    weeks = iso_weeks(last, timezone, count)
    return tuple(week.end - MICROSECOND for week in weeks if week.end is not None)


def planned(kr: KeyResult, span: Span, thresholds: Thresholds) -> float | None:
    """The progress that the plan expects by now: the even pace to the share to reach, the curve of a metric, or for a
    band the share of days itself; None for a window without both ends."""
    if span.elapsed is None:
        return None
    share = share_to_reach(kr, thresholds)
    if kr.kind is KeyResultKind.WORK:
        return share * span.elapsed
    return share if kr.kind is KeyResultKind.KEEP else expected(kr, span)


def _first(mine: Past, given: Sequence[Reading]) -> datetime | None:
    """When anything is first known of a key result."""
    linked = [instant(int(mine.periods["since"].min()))] if len(mine.periods) else []
    return min([*linked, *(one.at for one in given)], default=None)


def _point(
    kr: KeyResult,
    given: Sequence[Reading],
    done: float | None,
    total: float | None,
    thresholds: Thresholds,
    at: datetime,
    timezone: str,
) -> Point:
    known = [one for one in given if one.at <= at]
    last = known[-1] if known else None
    if kr.kind is KeyResultKind.WORK:
        progress = done / total if done is not None and total else None
    elif kr.kind is KeyResultKind.KEEP:
        progress = share_in_band(kr, known, timezone)
    else:
        progress = raw_progress(kr, last)
    value = None if last is None else last.value
    return Point(at, progress, done, total, value, planned(kr, Span(kr.window, at), thresholds))


def _worked(kr: KeyResult, mine: Past, at: Sequence[datetime], thresholds: Thresholds) -> Iterator[tuple[float, float]]:
    """What was earned by each of these instants, and of how much."""
    refused = refusals(thresholds)
    given_up = np.array([*(is_cancelled(one, refused) for one in mine.resolutions), False])
    step = max(1, CELLS // max(len(mine.items), len(mine.lives.at), len(mine.periods), 1))
    for first in range(0, len(at), step):
        items, begins = mine.along([micros(one) for one in at[first : first + step]])
        yield from tallies(items, given_up[items["resolution"]], begins, kr.counts, thresholds)
