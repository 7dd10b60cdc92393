"""The way of a key result as a drawing of one line: what was planned, what was reached, and the time that is left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from okrsync.model import Point, Window

WIDTH, HEIGHT = 216, 56
EDGE = 7
"""What is left free around the lines, so that the dot at their end is whole."""
HIGHEST = 1.25
"""Progress beyond it is drawn there."""
BENT = 1.5
"""A point that lies no farther above or below the line between its neighbours is not drawn: less than a pixel."""

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spark:
    """Lines as the ``d`` of SVG's ``path``, broken where nothing is known, and where the last one ends; y grows
    downwards. The drawing is as high as the whole way, or as what exceeds it."""

    planned: str
    reached: str
    last: Place


def spark(points: Sequence[Point], window: Window) -> Spark | None:
    """The drawing, the right edge of which is the end of the window; None where fewer than two instants are known, for
    one makes no line."""
    known = [point for point in points if point.progress is not None]
    if len(known) < 2:
        return None
    first = min(points[0].at, window.start or points[0].at)
    last = max(points[-1].at, window.end or points[-1].at)
    top = max(1.0, *(_within(one) for point in points for one in (point.progress, point.planned)))

    def x(at: datetime) -> int:
        return round(EDGE + (at - first) / (last - first) * (WIDTH - 2 * EDGE))

    def y(progress: float | None) -> int:
        return round(HEIGHT - EDGE - _within(progress) / top * (HEIGHT - 2 * EDGE))

    planned = [None if one.planned is None else (x(one.at), y(one.planned)) for one in points]
    reached = [None if one.progress is None else (x(one.at), y(one.progress)) for one in points]
    return Spark(_path(planned), _path(reached), (x(known[-1].at), y(known[-1].progress)))


def _path(places: Sequence[Place | None]) -> str:
    """The lines through these places; None breaks them. Steps are relative, for that is shorter."""
    runs: list[list[Place]] = [[]]
    for place in places:
        if place is not None:
            runs[-1].append(place)
        elif runs[-1]:
            runs.append([])
    return "".join(_run(_thin(run)) for run in runs if len(run) > 1)


def _run(places: Sequence[Place]) -> str:
    steps = " ".join(f"{x - before_x} {y - before_y}" for (before_x, before_y), (x, y) in pairwise(places))
    return f"M{places[0][0]} {places[0][1]}l{steps}".replace(" -", "-")


def _thin(run: Sequence[Place]) -> list[Place]:
    """Both ends, and the places between them at which the line bends so far that one sees it."""
    first, *rest = dict(run).items()  # of two in one column the later one
    kept, passed = [first], first
    low, high = -math.inf, math.inf  # the slopes that pass all since the last one that was kept
    for place in rest:
        if not low <= _slope(kept[-1], place) <= high:
            kept.append(passed)
            low, high = -math.inf, math.inf
        low = max(low, _slope(kept[-1], place, -BENT))
        high = min(high, _slope(kept[-1], place, BENT))
        passed = place
    return [*kept, passed]


def _slope(start: Place, end: Place, off: float = 0.0) -> float:
    return (end[1] + off - start[1]) / (end[0] - start[0])


def _within(progress: float | None) -> float:
    return 0.0 if progress is None else min(max(progress, 0.0), HIGHEST)
