"""What each goal got of the effort of a period, beside what it weighs (docs/status.md)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from okrsync.model import (
    Gap,
    GapKind,
    Goals,
    KeyResult,
    KeyResultKind,
    Objective,
    Relation,
    Say,
    Severity,
    Thresholds,
    Window,
)
from rollup.alive import GONE, dead
from rollup.facts import percent, tidy
from rollup.span import EPSILON

CHANCE = 2.0
"""A share of effort is told from a share of weight once it lies so many standard errors away."""

MEASURED_ONLY = frozenset({KeyResultKind.METRIC, KeyResultKind.KEEP})
"""Kinds that may do without work."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What a goal got and what it weighs. ``effort`` is in items of average size, with all that contributes to the goal
    at any depth. The shares are those among its ``beside``: what contributes to the same objective, or the objectives
    at the top; None where it is not compared."""

    goal: str
    above: str | None
    effort: float
    beside: float  # the effort of all that it is compared with, its own included
    effort_share: float | None = None
    weight_share: float | None = None

    @property
    def difference(self) -> float | None:
        """The share of effort less that of weight."""
        if self.effort_share is None or self.weight_share is None:
            return None
        return self.effort_share - self.weight_share


def balances(goals: Goals, effort: Mapping[str, float], period: Window) -> list[Balance]:
    """Every goal, each objective before its key results and these before its children.

    Compared are the goals that ran in the period, by the weights of the roll-up; of key results that are only measured
    those that work is linked to. What a goal only supports is not compared, nor added to it.
    """
    gone = dead(goals.objectives)
    total = {kr: effort.get(kr, 0.0) for kr in goals.key_results}

    def add_up(objective: str) -> float:
        if objective not in total:
            below = [*(total[kr.id] for kr in _key_results(goals, objective))]
            below += [add_up(one.id) for one in _children(goals, objective)]
            total[objective] = math.fsum([effort.get(objective, 0.0), *below])
        return total[objective]

    for objective in goals.objectives:
        add_up(objective)

    def compared(goal: KeyResult | Objective) -> bool:
        if isinstance(goal, KeyResult):
            alive = goal.state not in GONE and goal.objective not in gone
            return alive and _ran(goal.window, period) and (goal.kind not in MEASURED_ONLY or total[goal.id] > 0)
        return goal.id not in gone and _ran(goal.window, period)

    def weighed(above: str | None, group: Sequence[KeyResult | Objective]) -> Iterator[Balance]:
        among = {one.id: one.weight for one in group if compared(one)}
        weight, whole = math.fsum(among.values()), math.fsum(total[one] for one in among)
        for one in group:
            if one.id in among and weight > 0 and whole > 0:
                yield Balance(one.id, above, total[one.id], whole, total[one.id] / whole, one.weight / weight)
            else:
                yield Balance(one.id, above, total[one.id], whole)

    def downwards(balance: Balance) -> Iterator[Balance]:
        yield balance
        if balance.goal in goals.objectives:
            inputs: list[KeyResult | Objective] = [*_key_results(goals, balance.goal), *_children(goals, balance.goal)]
            for one in weighed(balance.goal, inputs):
                yield from downwards(one)

    every = goals.objectives.values()
    tops = [*weighed(None, [one for one in every if one.parent is None])]
    tops += [Balance(one.id, None, total[one.id], 0.0) for one in every if one.parent and not _contributes(one)]
    return [balance for top in tops for balance in downwards(top)]


def effort_gaps(
    found: Sequence[Balance],
    goals: Goals,
    excused: Collection[str],
    since: str,
    thresholds: Thresholds,
    now: datetime,
) -> list[Gap]:
    """The goals whose share of the effort lies far from their share of the weight, and farther than by chance. Of two
    that are beside one another the one that got too little is told.

    ``excused`` are goals of which it is no gap that they got little. ``since`` is the first day of the
    period, as people write it.
    """
    groups: dict[str | None, list[Balance]] = {}
    for one in found:
        if one.difference is not None:
            groups.setdefault(one.above, []).append(one)
    gaps = []
    for beside in groups.values():
        far = [one for one in beside if len(beside) > 1 and _is_far(one, thresholds)]
        starved = [one for one in far if _starved(one) and one.goal not in excused]
        told = starved if len(beside) == 2 and starved else [one for one in far if one in starved or not _starved(one)]
        weight = math.fsum(_goal(goals, one.goal).weight for one in beside)
        for one in told:
            goal = _goal(goals, one.goal)
            if not _early(goal.window, thresholds, now):
                objective = goal.objective if isinstance(goal, KeyResult) else goal.id
                gaps.append(_gap(one, goal.weight, weight, since, objective))
    return gaps


def _is_far(one: Balance, thresholds: Thresholds) -> bool:
    if one.difference is None or one.weight_share is None:
        return False
    error = math.sqrt(one.weight_share * (1 - one.weight_share) / one.beside)
    return abs(one.difference) >= max(thresholds.effort_difference, CHANCE * error) - EPSILON


def _starved(one: Balance) -> bool:
    return one.difference is not None and one.difference < 0


def _gap(one: Balance, own: float, weight: float, since: str, objective: str) -> Gap:
    share = one.effort_share or 0.0
    facts: dict[str, str | int | float] = {
        "effort": percent(share),
        "weight": percent(one.weight_share or 0.0),
        "spent": tidy(one.effort),
        "of": tidy(one.beside),
        "since": since,
    }
    where = "top" if one.above is None else "below"
    if one.above is not None:
        facts["above"] = one.above
    fitting = _fitting(share, weight - own)
    return Gap(
        GapKind.EFFORT_AGAINST_WEIGHT,
        Severity.MEDIUM,
        one.goal,
        Say.of(f"goal.gap.effort_{where}", **facts),
        Say.of("goal.fix.effort_less" if _starved(one) else "goal.fix.effort_more", id=one.goal),
        typed=f"weight = {fitting}" if fitting > 0 else f"okrsync backlog --objective {objective}",
    )


def _fitting(share: float, others: float) -> float:
    """The weight at which a goal would weigh what it gets, beside others of this weight; at most what none reaches."""
    return float(f"{min(share / max(1 - share, 0.01), 99.0) * others:.2g}")


def _early(window: Window, thresholds: Thresholds, now: datetime) -> bool:
    if window.start is None or window.end is None:
        return False
    return (now - window.start) / (window.end - window.start) < thresholds.early_elapsed


def _goal(goals: Goals, goal: str) -> KeyResult | Objective:
    return goals.key_results.get(goal) or goals.objectives[goal]


def _ran(window: Window, period: Window) -> bool:
    """Whether any instant is in both; what has no end runs on."""
    begun = window.start is None or period.end is None or window.start < period.end
    return begun and (window.end is None or period.start is None or window.end > period.start)


def _key_results(goals: Goals, objective: str) -> list[KeyResult]:
    return [kr for kr in goals.key_results.values() if kr.objective == objective]


def _children(goals: Goals, objective: str) -> list[Objective]:
    """What contributes to an objective."""
    return [one for one in goals.objectives.values() if one.parent == objective and _contributes(one)]


def _contributes(objective: Objective) -> bool:
    return objective.relation is Relation.CONTRIBUTES
