"""Where the effort of a period went: leaf tickets completed in it or in progress at its end (docs/status.md)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

from okrsync.model import Cycle, Goals, ItemKind, State, Team, Thresholds, Ticket, VerdictKind, Window
from rollup.facts import lies_in
from rollup.scope import is_cancelled, is_estimated, parents
from rollup.span import EPSILON, WEEK
from rollup.timeline import completed_at, finished_at, linked_at, state_at

NO_CYCLE = timedelta(weeks=13)
"""How far back a period reaches where no cycle contains now."""


Chosen: TypeAlias = Callable[[Ticket], bool]


def _every(_: Ticket) -> bool:
    return True


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
    by_ticket: Mapping[int, float]
    beside: Mapping[ItemKind, tuple[int, int]]

    @property
    def orphan_share(self) -> float | None:
        """The share that served no objective; None where there was no effort."""
        return self.orphan / self.total if self.total > 0 else None


def orphan_share(
    tickets: Iterable[Ticket],
    goals: Goals,
    teams: Sequence[Team],
    since: datetime | None,
    now: datetime,
    thresholds: Thresholds | None = None,
    chosen: Chosen = _every,
) -> EffortReport:
    """What share of the effort from ``since`` (by default: of the current cycle) until ``now`` served no objective.

    Orphans of every class count, open work on dead goals too. Tickets that were not judged yet are left out. Give all
    tickets, whenever they were worked on and whatever is asked for: they tell which are leaves and what a team's mean
    is; the effort is that of the ``chosen`` among them.
    """
    start = since if since is not None else _period_start(goals, now)
    limits = thresholds or Thresholds()
    every = [ticket for ticket in tickets if ticket.verdict is not None or ticket.kind is ItemKind.TICKET]
    judged = [ticket for ticket in leaf_tickets(every, limits) if ticket.verdict is not None]
    spent = _spent(judged, lambda ticket: _counts_now(ticket, start, now), chosen, teams, limits)
    shares: dict[VerdictKind, list[float]] = {kind: [] for kind in VerdictKind}
    for ticket in judged:
        if ticket.uid in spent and ticket.verdict is not None:
            shares[ticket.verdict].append(spent[ticket.uid])
    return EffortReport(
        since=start,
        until=now,
        total=math.fsum(spent.values()),
        orphan=math.fsum(shares[VerdictKind.ORPHAN]),
        exempt=math.fsum(shares[VerdictKind.EXEMPT]),
        traced=math.fsum(shares[VerdictKind.TRACED]),
        unresolvable=math.fsum(shares[VerdictKind.UNRESOLVABLE]),
        by_ticket=spent,
        beside=_beside((one for one in every if _counts_now(one, start, now) and chosen(one)), limits),
    )


def _beside(worked_on: Iterable[Ticket], limits: Thresholds) -> dict[ItemKind, tuple[int, int]]:
    """Kind → (orphans, all) of the pull requests and commits; those that were given up are in neither."""
    refused = _refused(limits)
    counts = {ItemKind.PULL_REQUEST: (0, 0), ItemKind.COMMIT: (0, 0)}
    for one in worked_on:
        if one.kind in counts and not is_cancelled(one, refused):
            orphans, count = counts[one.kind]
            counts[one.kind] = (orphans + (one.verdict is VerdictKind.ORPHAN), count + 1)
    return counts


def trend(
    tickets: Iterable[Ticket],
    teams: Sequence[Team],
    weeks: Sequence[Window],
    thresholds: Thresholds | None = None,
    chosen: Chosen = _every,
) -> list[tuple[str, float | None]]:
    """The share of orphan effort of each week, under its ISO name (``2026-W41``); None for a week without effort.

    Read from histories: a ticket linked only after a week's end was an orphan in it, what is exempt stays exempt. All
    tickets are given and the ``chosen`` count, as in ``orphan_share``.
    """
    limits = thresholds or Thresholds()
    judged = [ticket for ticket in leaf_tickets(tickets, limits) if ticket.verdict is not None]
    shares = []
    for week in weeks:
        start, end = week.start, week.end
        if start is None or end is None:
            continue
        spent = _spent(judged, partial(_counted_then, start=start, end=end), chosen, teams, limits)
        lost = [spent[one.uid] for one in judged if one.uid in spent and _was_orphan(one, end)]
        total = math.fsum(spent.values())
        shares.append((week_name(start), math.fsum(lost) / total if total > 0 else None))
    return shares


def _spent(
    judged: Sequence[Ticket], when: Chosen, chosen: Chosen, teams: Sequence[Team], limits: Thresholds
) -> dict[int, float]:
    counted = [ticket for ticket in judged if when(ticket)]
    weights = weigh(counted, teams, limits)
    return {ticket.uid: weights[ticket.uid] for ticket in counted if chosen(ticket)}


def weigh(tickets: Sequence[Ticket], teams: Sequence[Team], thresholds: Thresholds) -> dict[int, float]:
    """The effort of each of these tickets, by uid: points ÷ the team's mean where it estimates enough, else one each.

    A ticket without an estimate in such a team is of average size. Work of no team is scaled within its project, so
    that two projects with different habits still add up.
    """
    groups: dict[tuple[str, ...], list[Ticket]] = {}
    for ticket in tickets:
        team = team_of(ticket, teams)
        groups.setdefault((team,) if team is not None else (ticket.source, ticket.project), []).append(ticket)
    spent: dict[int, float] = {}
    for group in groups.values():
        points = [float(one.points or 0.0) for one in group if is_estimated(one)]
        mean = math.fsum(points) / len(points) if points else 0.0
        by_points = mean > 0 and len(points) >= thresholds.estimated_share * len(group) - EPSILON
        for one in group:
            spent[one.uid] = float(one.points or 0.0) / mean if by_points and is_estimated(one) else 1.0
    return spent


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


def team_of(ticket: Ticket, teams: Sequence[Team]) -> str | None:
    """The first team, in the order of the file, that names the item's project, repository or one of its labels."""
    labels = {label.casefold() for label in ticket.labels}
    for team in teams:
        if lies_in((*team.projects, *team.repositories), ticket.source, ticket.project):
            return team.id
        if any(label.casefold() in labels for label in team.labels):
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


def leaf_tickets(tickets: Iterable[Ticket], thresholds: Thresholds) -> list[Ticket]:
    """The tickets in which effort lies: not given up, and not the sum of others that are here too."""
    refused = _refused(thresholds)
    live = {one.uid: one for one in tickets if one.kind is ItemKind.TICKET and not is_cancelled(one, refused)}
    above = parents(live)
    return [ticket for uid, ticket in live.items() if uid not in above]


def _refused(thresholds: Thresholds) -> set[str]:
    return {resolution.casefold() for resolution in thresholds.cancelled_resolutions}


def _period_start(goals: Goals, now: datetime) -> datetime:
    cycle = current_cycle(goals, now)
    if cycle is None or cycle.window.start is None:
        return now - NO_CYCLE
    return cycle.window.start


def _counts_now(ticket: Ticket, since: datetime, now: datetime) -> bool:
    if ticket.state is State.IN_PROGRESS:
        return True
    if ticket.state is not State.DONE:
        return False
    done = finished_at(ticket)
    return done is not None and since <= done <= now


def _counted_then(ticket: Ticket, start: datetime, end: datetime) -> bool:
    if ticket.created_at >= end or (not ticket.changes and ticket.state is State.TODO):
        return False
    last = end - timedelta(microseconds=1)
    done = completed_at(ticket, last)
    return (done is not None and done >= start) or state_at(ticket, last) is State.IN_PROGRESS


def _was_orphan(ticket: Ticket, end: datetime) -> bool:
    if ticket.verdict is VerdictKind.ORPHAN:
        return True
    return ticket.verdict is VerdictKind.TRACED and linked_at(ticket) >= end
