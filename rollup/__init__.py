"""Progress, forecast, status, and what should stand in the tools. Pure: no network, no clock, no environment."""

from __future__ import annotations

from rollup.desired import Desired, Target, desired, unresolved_targets
from rollup.effort import (
    EffortReport,
    current_cycle,
    effort_by_goal,
    iso_weeks,
    orphan_share,
    team_of,
    trend,
)
from rollup.facts import percent
from rollup.gaps import goal_gaps
from rollup.measure import measure_key_result
from rollup.objectives import measure_objectives
from rollup.plan import plan

__all__ = [
    "Desired",
    "EffortReport",
    "Target",
    "current_cycle",
    "desired",
    "effort_by_goal",
    "goal_gaps",
    "iso_weeks",
    "measure_key_result",
    "measure_objectives",
    "orphan_share",
    "percent",
    "plan",
    "team_of",
    "trend",
    "unresolved_targets",
]
