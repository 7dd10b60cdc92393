"""Where the effort of a period went: leaf tickets completed in it or in progress at its end (docs/status.md)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from okrsync.model import Cycle, Goals, ItemKind, Team, Thresholds, Ticket, VerdictKind, Window
from rollup.facts import lies_in
from rollup.scope import bottom, estimates, exact, totals
from rollup.span import EPSILON, WEEK
from rollup.worked import VERDICTS, WHOLE, Period, counted_in, stood
from rollup.workload import KINDS, Array

NO_CYCLE = timedelta(weeks=13)
"""How far back a period reaches where no cycle contains now."""

_ORPHAN = VERDICTS.index(VerdictKind.ORPHAN)


@dataclass(frozen=True, slots=True)
class Spent:
    """Effort in items of average size, by what it served; the four add up to all of it."""

    traced: float = 0.0
    exempt: float = 0.0
    orphan: float = 0.0
    unresolvable: float = 0.0

    @property
    def total(self) -> float:
        return math.fsum((self.traced, self.exempt, self.orphan, self.unresolvable))

    @property
    def orphan_share(self) -> float | None:
        """The share that served no objective; None where there was no effort."""
        return self._share(self.orphan)

    @property
    def exempt_share(self) -> float | None:
        """The share that needs no objective."""
        return self._share(self.exempt)

    @property
    def coverage(self) -> float | None:
        """The share that serves an objective or needs none."""
        return self._share(self.traced + self.exempt)

    def _share(self, part: float) -> float | None:
        return part / self.total if self.total > 0 else None

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            *(self.traced + other.traced, self.exempt + other.exempt),
            *(self.orphan + other.orphan, self.unresolvable + other.unresolvable),
        )


@dataclass(frozen=True, slots=True)
class Week:
    """The effort of a week under its ISO name (``2026-W41``)."""

    name: str
    spent: Spent


@dataclass(frozen=True, slots=True, eq=False)
class EffortReport:
    """The effort of a period. ``rows`` are the places of the tickets in which it lies, ``sizes`` what each of them
    cost, and ``verdicts`` what each of them was at its end (places in VERDICTS)."""

    spent: Spent
    rows: Array
    sizes: Array
    verdicts: Array

    @property
    def tickets(self) -> int:
        """How many tickets it lies in."""
        return len(self.rows)

    @property
    def orphans(self) -> int:
        """How many of them served no objective."""
        return int(np.count_nonzero(self.verdicts == _ORPHAN))


def orphan_share(work: Array, thresholds: Thresholds) -> EffortReport:
    """Where the effort of the period of ``work`` went, and what share of it served no objective.

    Orphans of every class count, open work on dead goals too. Tickets that were not judged yet are left out. ``work``
    (``rollup.worked``) holds all tickets by growing uid, whenever they were worked on and whatever is asked for: they
    tell which are leaves and what a team's mean is; the effort is that of the chosen among them.
    """
    counted = np.flatnonzero(leaf_tickets(work) & (work["verdict"] > 0) & counted_in(work, WHOLE))
    effort, chosen = weigh(work[counted], thresholds), work["chosen"][counted]
    rows, sizes = counted[chosen], effort[chosen]
    verdicts = stood(work[rows], WHOLE)
    [spent] = told(sizes, verdicts, np.zeros(len(rows), np.int64), 1)
    return EffortReport(spent, rows, sizes, verdicts)


def weekly(
    work: Array, period: Period, thresholds: Thresholds, by: Array | None = None, count: int = 1
) -> list[list[Week]]:
    """For each group below ``count`` its weeks, oldest first; ``by`` tells the group of each row, by default they are
    one. ``work`` is as in ``orphan_share``; effort is weighed over all, so that groups add up.

    Each week is told by what was true at its end: by the links of then, goals that were not over yet, exemptions that
    had been given.
    """
    mine = leaf_tickets(work) & (work["verdict"] > 0) & (work["weeks"] > 0)
    judged, groups = work[mine], np.zeros(np.count_nonzero(mine), np.uint8) if by is None else by[mine]
    weeks: list[list[Week]] = [[] for _ in range(count)]
    for bit, (start, _) in enumerate(period.ends):
        then = counted_in(judged, bit)
        counted = judged[then]
        effort, chosen = weigh(counted, thresholds), counted["chosen"]
        verdicts = stood(counted, bit)
        for group, spent in enumerate(told(effort[chosen], verdicts[chosen], groups[then][chosen], count)):
            weeks[group].append(Week(week_name(start), spent))
    return weeks


def told(sizes: Array, verdicts: Array, groups: Array, count: int) -> list[Spent]:
    """What each group below ``count`` spent; the sums are exact, whatever the order of the items."""
    kinds = len(VERDICTS)
    sums = totals(sizes, groups.astype(np.int64) * kinds + verdicts, count * kinds)
    return [Spent(*sums[group * kinds + 1 : (group + 1) * kinds]) for group in range(count)]


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
