"""The chance that a key result of work reaches its share in time, in closed form (docs/status.md).

Done and added items are counted in weeks back from now; both rates are Gamma distributed around the plan and that
evidence, so over the remaining weeks the counts are negative binomial, and their sum is exact up to 1e-12. What has
become of such chances (docs/calibration.md) makes them milder.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from okrsync.model import Thresholds
from rollup.scope import Scope, exact
from rollup.span import EPSILON, WEEK, Span, local_day, micros
from rollup.workload import NEVER, Array

NEGLIGIBLE = 1e-18
"""A term this much smaller than the greatest one adds nothing to a sum of doubles."""

SUREST = 0.995
"""No chance is taken to be nearer to 0 or 1 than this: of real goals that seemed lost some were reached."""

FARTHEST = 10 * 52 * WEEK
"""A pace that needs longer than this to end is no pace."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the weeks so far tell, newer ones weighing more. Counts are in items: weight ÷ mean weight of the scope."""

    done: float  # E_d
    added: float  # E_a
    weeks: float  # E_w

    @property
    def pace(self) -> float:
        """Items done a week."""
        return self.done / self.weeks if self.weeks > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Rate:
    """A weekly rate that is Gamma distributed; ``shape`` 0 is no rate at all."""

    shape: float
    rate: float

    def counts(self, weeks: float) -> Counts:
        """What comes in so many weeks: negative binomial, as the probabilities of ``first``, ``first + 1`` …"""
        odds = weeks / (self.rate + weeks)
        if self.shape <= 0 or odds <= 0:
            return Counts(0, (1.0,))
        mode = max(int((self.shape - 1) * odds / (1 - odds)), 0)
        above = [1.0]
        count = mode
        while above[-1] > NEGLIGIBLE:
            above.append(above[-1] * odds * (self.shape + count) / (count + 1))
            count += 1
        below: list[float] = []
        term, count = 1.0, mode
        while count > 0 and term > NEGLIGIBLE:
            term *= count / (odds * (self.shape + count - 1))
            count -= 1
            below.append(term)
        terms = below[::-1] + above
        total = math.fsum(terms)
        return Counts(mode - len(below), tuple(term / total for term in terms))


@dataclass(frozen=True, slots=True)
class Counts:
    """A distribution over whole numbers from ``first`` on; what lies outside is negligible."""

    first: int
    probabilities: tuple[float, ...]

    def at_least(self) -> list[float]:
        """Pr(count ≥ first + i) for every i, never above 1, and falling."""
        tail, tails = 0.0, []
        for probability in reversed(self.probabilities):
            tail += probability
            tails.append(min(tail, 1.0))
        return tails[::-1]


def evidence(scope: Scope, span: Span, thresholds: Thresholds) -> Evidence:
    """The weighted counts of what was done and added after the window began. The span has both ends."""
    start = _start(span)

    past = span.now - start
    fades = np.array([_fade(age, thresholds) for age in range(past // WEEK + 1)])

    def count(at: Array) -> float:
        since = (at > micros(start)) & (at < NEVER)
        ages = np.maximum(micros(span.now) - at[since], 0) // micros(WEEK)
        return exact(scope.weights[since] * fades[ages])

    weeks = math.fsum(
        _fade(age, thresholds) * min((past - age * WEEK) / WEEK, 1.0) for age in range(math.ceil(past / WEEK))
    )
    return Evidence(count(scope.leaves["finished"]) / scope.mean, count(scope.linked) / scope.mean, weeks)


@dataclass(frozen=True, slots=True)
class Prospect:
    """What may become of a scope from now on, in items: both rates, and what it weighs and has done by now."""

    done: Rate
    added: Rate
    scope: float
    finished: float

    def ahead(self, weeks: float) -> Ahead:
        """What may have become of it in so many weeks."""
        return Ahead.of(self.done.counts(weeks), self.added.counts(weeks), self.scope, self.finished)


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """What may have become of a scope at one instant: Pr(done ≥ ``first + i``), and what may have been added."""

    first: int
    tails: Array
    more: Array
    chances: Array  # of each of ``more``
    scope: float
    finished: float

    @classmethod
    def of(cls, done: Counts, added: Counts, scope: float, finished: float) -> Ahead:
        more = np.arange(added.first, added.first + len(added.probabilities), dtype=float)
        tails = np.array([*done.at_least(), 0.0])  # the last one stands for all that is more
        return cls(done.first, tails, more, np.array(added.probabilities), scope, finished)

    def chance(self, share: float) -> float:
        """Pr(progress ≥ ``share``): Σ_y Pr(added = y) · Pr(done ≥ ⌈share·(scope + y) − finished − 10⁻⁹⌉)."""
        missing = np.ceil(share * (self.scope + self.more) - self.finished - EPSILON) - self.first
        places = np.clip(missing, -1, len(self.tails) - 1).astype(int)
        terms = self.chances * np.where(places > 0, self.tails[places], 1.0)
        return min(math.fsum(terms.tolist()), 1.0)


def prospect(scope: Scope, span: Span, seen: Evidence, thresholds: Thresholds) -> Prospect:
    """What the plan and the evidence expect. The scope weighs something and the span has both ends."""
    assert span.window.end is not None
    start = _start(span)
    length = (span.window.end - start) / WEEK
    initial = scope.linked_by(micros(start)) / scope.mean
    done = _rate(initial, length, seen.done, seen.weeks, thresholds)
    added = _rate(thresholds.prior_growth * initial, length, seen.added, seen.weeks, thresholds)
    return Prospect(done, added, scope.total / scope.mean, scope.finished / scope.mean)


def probability(scope: Scope, span: Span, seen: Evidence, share: float, thresholds: Thresholds) -> float:
    """Pr(final progress ≥ ``share``), in [0, 1]. The scope weighs something and the span has both ends."""
    assert span.window.end is not None
    left = (span.window.end - span.now) / WEEK
    return prospect(scope, span, seen, thresholds).ahead(left).chance(share)


def calibrated(chance: float, thresholds: Thresholds) -> float:
    """What a chance of the closed form is worth, by what became of real ones (docs/calibration.md), in (0, 1).

    Its odds are taken to the power of ``certainty``: at 0.5, 9 to 1 becomes 3 to 1. It rises with the chance.
    """
    known = min(max(chance, 1 - SUREST), SUREST)
    return 1 / (1 + math.pow((1 - known) / known, thresholds.certainty))


def uncalibrated(chance: float, thresholds: Thresholds) -> float:
    """The chance of the closed form that is worth this one, in (0, 1); where none is, the surest that there is."""
    surest = math.log(SUREST / (1 - SUREST))
    odds = math.log(chance / (1 - chance)) / thresholds.certainty
    return 1 / (1 + math.exp(-min(max(odds, -surest), surest)))


def finish(scope: Scope, span: Span, seen: Evidence, timezone: str) -> date | None:
    """The day on which today's open work would be done at the pace so far; None where that is never."""
    open_items = (scope.total - scope.finished) / scope.mean
    if seen.pace <= 0 or open_items / seen.pace > FARTHEST / WEEK:
        return None
    return local_day(span.now + open_items / seen.pace * WEEK, timezone)


def _rate(planned: float, length: float, seen: float, weeks: float, thresholds: Thresholds) -> Rate:
    prior = thresholds.prior_weeks
    spread = thresholds.overdispersion
    return Rate((prior * planned / length + seen) / spread, (prior + weeks) / spread)


def _fade(age: int, thresholds: Thresholds) -> float:
    return float(2.0 ** (-age / thresholds.half_life_weeks))


def _start(span: Span) -> datetime:
    assert span.window.start is not None
    return span.window.start
