"""The pages: each turns an answer of the reports into what its template shows."""

from __future__ import annotations

from typing import Any

from okrsync.dashboard.look import Page
from okrsync.dashboard.pages import backlog, gaps, key_result, orphans, overview, run, runs, sources, teams, trace

ALL: tuple[Page[Any], ...] = (
    overview.PAGE,
    orphans.PAGE,
    trace.PAGE,
    backlog.PAGE,
    teams.PAGE,
    gaps.PAGE,
    key_result.PAGE,
    sources.PAGE,
    runs.PAGE,
    run.PAGE,
)
"""In the order in which addresses are tried."""
