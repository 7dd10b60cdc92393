"""Progress, forecast, status, and what should stand in the tools. Pure: no network, no clock, no environment."""

from __future__ import annotations

from rollup.cuts import Part, cut
from rollup.desired import Desired, desired
from rollup.effort import (
    EffortReport,
    Spent,
    Week,
    current_cycle,
    iso_weeks,
    orphan_share,
    period_start,
    team_at,
    team_of,
    weekly,
)
from rollup.facts import percent
from rollup.gaps import goal_gaps
from rollup.keys import named, unnamed
from rollup.measure import measure_key_result
from rollup.objectives import measure_objectives
from rollup.plan import plan
from rollup.targets import Target, found_there, unresolved_targets

__all__ = [
    "Desired",
    "EffortReport",
    "Part",
    "Spent",
    "Target",
    "Week",
    "current_cycle",
    "cut",
    "desired",
    "found_there",
    "goal_gaps",
    "iso_weeks",
    "measure_key_result",
    "measure_objectives",
    "named",
    "orphan_share",
    "percent",
    "period_start",
    "plan",
    "team_at",
    "team_of",
    "unnamed",
    "unresolved_targets",
    "weekly",
]
