"""Progress, forecast, status, and what should stand in the tools. Pure: no network, no clock, no environment."""

from __future__ import annotations

from rollup.conflicts import conflicts
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
from rollup.goal_update import overriding
from rollup.keys import named, unnamed
from rollup.measure import measure_key_result
from rollup.objective_marks import bearing
from rollup.objectives import measure_objectives
from rollup.plan import Left, Planned, plan
from rollup.targets import Target, found_there, unresolved_targets
from rollup.yielding import theirs

__all__ = [
    "Desired",
    "EffortReport",
    "Left",
    "Part",
    "Planned",
    "Spent",
    "Target",
    "Week",
    "bearing",
    "conflicts",
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
    "overriding",
    "percent",
    "period_start",
    "plan",
    "team_at",
    "team_of",
    "theirs",
    "unnamed",
    "unresolved_targets",
    "weekly",
]
