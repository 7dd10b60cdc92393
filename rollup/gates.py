"""Whether what was measured of a roll-out lets it take its next step."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from mapping.wilson import wilson
from okrsync.model import Gate, Goals, ItemKind, VerdictKind
from rollup.effort import leaf_tickets
from rollup.span import EPSILON
from rollup.worked import VERDICTS, WHOLE, stood
from rollup.workload import KINDS, Array

COVERED = [VERDICTS.index(kind) for kind in (VerdictKind.TRACED, VerdictKind.EXEMPT)]


class Ruling(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NO_DATA = "no_data"  # nothing, or too little, was there to be measured: it does not pass


@dataclass(frozen=True, slots=True)
class Observed:
    """``part`` of ``whole``, in whatever it is counted; ``count`` observations stand behind it."""

    part: float
    whole: float
    count: int

    @property
    def share(self) -> float | None:
        """None where there is nothing to have a share of."""
        return self.part / self.whole if self.whole > 0 else None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was measured for a gate, and what follows; ``interval`` is that of a share told from a sample, 95 %."""

    gate: Gate
    observed: Observed
    ruling: Ruling
    interval: tuple[float, float] | None = None


def judge(gate: Gate, observed: Observed, *, sampled: bool = False) -> Judgement:
    """The ruling on a gate. What was not measured, or on fewer observations than the gate asks for, does not pass."""
    share = observed.share
    if share is None or observed.count < gate.fewest:
        return Judgement(gate, observed, Ruling.NO_DATA)
    holds = (gate.at_least is None or share >= gate.at_least - EPSILON) and (
        gate.at_most is None or share <= gate.at_most + EPSILON
    )
    interval = wilson(int(observed.part), int(observed.whole)) if sampled else None
    return Judgement(gate, observed, Ruling.PASSED if holds else Ruling.FAILED, interval)


# ── coverage ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def covered_items(work: Array) -> Observed:
    """The items of the period, of every kind and each counting one, that reach an objective or are exempt.

    ``work`` is as in ``rollup.orphan_share``: leaf tickets, pull requests and commits that were completed in the
    period or are in progress at its end, without those that were given up.
    """
    tickets = work["kind"] == KINDS.index(ItemKind.TICKET)
    counted = work["now"] & work["chosen"] & (work["verdict"] > 0) & ~work["given_up"]
    counted &= leaf_tickets(work) | ~tickets
    covered = np.isin(stood(work[counted], WHOLE), COVERED)
    return Observed(int(np.count_nonzero(covered)), len(covered), len(covered))


# ── false links ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Compared:
    """What okrsync says of a sample, against what people said: each link that is wrong, and each that is missing."""

    links: int
    wrong: tuple[tuple[str, str], ...]  # (item, goal that okrsync says)
    missed: tuple[tuple[str, str], ...]  # (item, goal that people expect)

    @property
    def observed(self) -> Observed:
        return Observed(len(self.wrong), self.links, self.links)


def compare(expected: Mapping[str, Collection[str]], said: Mapping[str, Collection[str]], goals: Goals) -> Compared:
    """``expected`` are the goals of each item of the sample by the word of people, none where it serves none; ``said``
    those by okrsync's. A link is right where one of the two goals is the other, or stands above it: whoever serves a
    key result serves its objective.
    """
    links, wrong, missed = 0, [], []
    for item, wanted in expected.items():
        found = said.get(item, ())
        links += len(found)
        wrong += [(item, goal) for goal in sorted(found) if not _near(goal, wanted, goals)]
        missed += [(item, goal) for goal in sorted(wanted) if not _near(goal, found, goals)]
    return Compared(links, tuple(wrong), tuple(missed))


def _near(goal: str, others: Collection[str], goals: Goals) -> bool:
    above = set(_climb(goal, goals))
    return any(other in above or goal in _climb(other, goals) for other in others)


def _climb(goal: str, goals: Goals) -> Iterator[str]:
    """The goal and those above it."""
    yield goal
    key_result = goals.key_results.get(goal)
    above = key_result.objective if key_result is not None else None
    if key_result is None and goal in goals.objectives:
        above = goals.objectives[goal].parent
    if above is not None:
        yield from _climb(above, goals)
