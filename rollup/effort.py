"""Where the effort of a period went: leaf tickets completed in it or in progress at its end (docs/status.md)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from okrsync.model import Cycle, Goals, ItemKind, Team, Thresholds, Ticket, VerdictKind, Window
from rollup.facts import lies_in
from rollup.scope import bottom, estimates, exact
from rollup.span import EPSILON, WEEK
from rollup.worked import VERDICTS, Period
from rollup.workload import KINDS, Array

NO_CYCLE = timedelta(weeks=13)
"""How far back a period reaches where no cycle contains now."""


@dataclass(frozen=True, slots=True)
class EffortReport:
    """The effort of [``since``, ``until``] in items of average size, by what it served; ``by_ticket`` adds up to it.

    ``beside`` counts what is never added to it: of the pull requests and of the commits of the period, how many served
    no objective, and how many there were.
    """

    since: datetime
    until: datetime
    total: float
    orphan: float
    exempt: float
    traced: float
    unresolvable: float
    orphans: int  # so many of the tickets in ``by_ticket`` served no objective
    by_ticket: Mapping[int, float]
    beside: Mapping[ItemKind, tuple[int, int]]

    @property
    def orphan_share(self) -> float | None:
        """The share that served no objective; None where there was no effort."""
        return self.orphan / self.total if self.total > 0 else None


def orphan_share(work: Array, period: Period, thresholds: Thresholds) -> EffortReport:
    """What share of the effort of the period served no objective.

    Orphans of every class count, open work on dead goals too. Tickets that were not judged yet are left out. ``work``
    (``rollup.worked``) holds all tickets by growing uid, whenever they were worked on and whatever is asked for: they
    tell which are leaves and what a team's mean is; the effort is that of the chosen among them.
    """
    counted = work[leaf_tickets(work) & (work["verdict"] > 0) & work["now"]]
    effort, chosen = weigh(counted, thresholds), counted["chosen"]
    spent = {kind: effort[chosen & (counted["verdict"] == place)] for place, kind in enumerate(VERDICTS) if kind}
    return EffortReport(
        since=period.since,
        until=period.until,
        total=exact(effort[chosen]),
        orphan=exact(spent[VerdictKind.ORPHAN]),
        exempt=exact(spent[VerdictKind.EXEMPT]),
        traced=exact(spent[VerdictKind.TRACED]),
        unresolvable=exact(spent[VerdictKind.UNRESOLVABLE]),
        orphans=len(spent[VerdictKind.ORPHAN]),
        by_ticket=dict(zip(counted["uid"][chosen].tolist(), effort[chosen].tolist(), strict=True)),
        beside=_beside(work),
    )


def _beside(work: Array) -> dict[ItemKind, tuple[int, int]]:
    """Kind → (orphans, all) of the pull requests and commits; those that were given up are in neither."""
    counted = work["now"] & work["chosen"] & (work["verdict"] > 0) & ~work["given_up"]
    orphans = counted & (work["verdict"] == VERDICTS.index(VerdictKind.ORPHAN))
    found = {}
    for kind in (ItemKind.PULL_REQUEST, ItemKind.COMMIT):
        alike = work["kind"] == KINDS.index(kind)
        found[kind] = (int(np.count_nonzero(orphans & alike)), int(np.count_nonzero(counted & alike)))
    return found


def trend(work: Array, period: Period, thresholds: Thresholds) -> list[tuple[str, float | None]]:
    """The share of orphan effort of each week, under its ISO name (``2026-W41``); None for a week without effort.

    Read from histories: a ticket linked only after a week's end was an orphan in it, what is exempt stays exempt.
    ``work`` is as in ``orphan_share``.
    """
    judged = work[leaf_tickets(work) & (work["verdict"] > 0) & (work["weeks"] > 0)]
    shares = []
    for place, (start, _) in enumerate(period.ends):
        counted = judged[judged["weeks"] >> np.uint32(place) & 1 > 0]
        effort, chosen = weigh(counted, thresholds), counted["chosen"]
        total = exact(effort[chosen])
        lost = exact(effort[chosen & (counted["lost"] >> np.uint32(place) & 1 > 0)])
        shares.append((week_name(start), lost / total if total > 0 else None))
    return shares


def weigh(work: Array, thresholds: Thresholds) -> Array:
    """The effort of each of these tickets: points ÷ the team's mean where it estimates enough, else one each.

    A ticket without an estimate in such a team is of average size. Work of no team is scaled within its project, so
    that two projects with different habits still add up.
    """
    effort = np.ones(len(work))
    order = np.argsort(work["group"], kind="stable")
    for places in np.split(order, np.flatnonzero(np.diff(work["group"][order])) + 1):
        points = estimates(work["points"][places])
        known = points[~np.isnan(points)]
        mean = exact(known) / len(known) if len(known) else 0.0
        if mean > 0 and len(known) >= thresholds.estimated_share * len(places) - EPSILON:
            effort[places] = np.where(np.isnan(points), 1.0, points / mean)
    return effort


def effort_by_goal(served: Mapping[str, Iterable[Ticket]], effort: Mapping[int, float]) -> dict[str, float]:
    """The effort spent on each goal; a ticket that serves m of them gives each 1/m, so that nothing counts twice."""
    owners: dict[int, list[str]] = {}
    for goal, tickets in served.items():
        for uid in {ticket.uid for ticket in tickets}:
            owners.setdefault(uid, []).append(goal)
    parts: dict[str, list[float]] = {goal: [] for goal in served}
    for uid, goals in owners.items():
        for goal in goals:
            parts[goal].append(effort.get(uid, 0.0) / len(goals))
    return {goal: math.fsum(shares) for goal, shares in parts.items()}


def team_of(item: Ticket, teams: Sequence[Team]) -> str | None:
    """The first team, in the order of the file, that names the item's project, repository or one of its labels."""
    return team_at(item.source, item.project, item.labels, teams)


def team_at(source: str, project: str, labels: Iterable[str], teams: Sequence[Team]) -> str | None:
    """The team of an item of which this is known."""
    folded = {label.casefold() for label in labels}
    for team in teams:
        if lies_in((*team.projects, *team.repositories), source, project):
            return team.id
        if any(label.casefold() in folded for label in team.labels):
            return team.id
    return None


def current_cycle(goals: Goals, now: datetime) -> Cycle | None:
    """The shortest cycle that contains ``now``, the first in the configuration of two that are as long."""
    lengths = [
        (cycle.window.end - cycle.window.start, order, cycle)
        for order, cycle in enumerate(goals.cycles.values())
        if cycle.window.start is not None and cycle.window.end is not None
        if cycle.window.start <= now < cycle.window.end
    ]
    return min(lengths, default=(None, None, None))[2]


def iso_weeks(now: datetime, timezone: str, count: int) -> list[Window]:
    """The last ``count`` weeks, Monday to Monday in a time zone, the one that contains ``now`` last."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    monday = today - timedelta(days=today.weekday())
    starts = [monday - back * WEEK for back in range(count - 1, -2, -1)]  # wall-clock arithmetic: always midnight
    instants = [start.astimezone(now.tzinfo) for start in starts]
    return [Window(start, end) for start, end in pairwise(instants)]


def week_name(start: datetime) -> str:
    """The ISO name of a week by its first instant, whatever the time zone: the year is that of its Thursday."""
    year, week, _ = (start + WEEK / 2).isocalendar()
    return f"{year}-W{week:02d}"


def leaf_tickets(work: Array) -> Array:
    """Which are the tickets in which effort lies: not given up, and not the sum of others that are here too."""
    return bottom(work, (work["kind"] == KINDS.index(ItemKind.TICKET)) & ~work["given_up"])


def period_start(goals: Goals, now: datetime) -> datetime:
    """The first instant of the current cycle; where there is none, of the last quarter."""
    cycle = current_cycle(goals, now)
    if cycle is None or cycle.window.start is None:
        return now - NO_CYCLE
    return cycle.window.start
