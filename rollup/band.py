"""What is likely to be reached by each coming week: the chance of a key result of work, told for every share.

It is the forecast itself (``rollup.forecast``): the same two counts, negative binomial, over the weeks until then, made
milder as the published chance is. So the line of a chance p crosses the share to reach at the end of the window exactly
where the published chance is p.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from okrsync.model import KeyResult, Thresholds
from rollup.burn_up import moments
from rollup.forecast import Ahead, evidence, prospect, uncalibrated
from rollup.scope import Scope
from rollup.span import WEEK, Span

SURE, EVEN, BOLD = 0.9, 0.5, 0.1
"""The chances that are told: what is reached nine times out of ten, every other time, and one time out of ten."""

STEPS = 24
"""So often the width of what is not known is halved: to a hundredth of a millionth of the whole."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The shares that are reached by an instant with the chances ``SURE`` (``low``), ``EVEN`` and ``BOLD``: each at
    least the one before, none above 1."""

    at: datetime
    low: float
    middle: float
    high: float


def band(kr: KeyResult, scope: Scope, span: Span, thresholds: Thresholds, timezone: str) -> tuple[Stage, ...]:
    """Now, at the end of each local ISO week that is left of the window, and at its end; nothing where no pace can be
    told: outside a whole window, or where nothing weighs anything."""
    end, elapsed = span.window.end, span.elapsed
    if end is None or elapsed is None or not span.started or span.over or not scope.total:
        return ()
    seen = evidence(scope, span, thresholds)
    expected = prospect(scope, span, seen, thresholds)
    levels = [uncalibrated(chance, thresholds) for chance in (SURE, EVEN, BOLD)]
    reached = scope.finished / scope.total
    stages = [Stage(span.now, reached, reached, reached)]
    for at in [*moments(kr, span.now, end, timezone)[:-1], end]:
        if at > span.now:
            stages.append(Stage(at, *quantiles(expected.ahead((at - span.now) / WEEK), levels)))
    return tuple(stages)


def quantiles(ahead: Ahead, chances: list[float]) -> list[float]:
    """For each of these chances, the greatest first, the greatest share up to 1 that is reached with it."""
    found, least = [], 0.0
    for chance in chances:
        low, high = least, 1.0
        if ahead.chance(1.0) >= chance:
            low = 1.0
        for _ in range(STEPS if low < high else 0):
            middle = (low + high) / 2
            low, high = (middle, high) if ahead.chance(middle) >= chance else (low, middle)
        least = low
        found.append(low)
    return found
