"""What the store says about where the effort of a period went: to which goals, by which teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from config import Config
from okrsync.model import VerdictKind, Window
from okrsync.store import parents, workload
from okrsync.store.spent import spent as spent_tickets
from okrsync.store.worked import worked
from okrsync.teams import Teams
from okrsync.worked import Recorded
from rollup.balance import Balance, balances
from rollup.scope import exact
from rollup.streams import by_goal, shares, spent
from rollup.worked import VERDICTS, Period
from rollup.workload import Array

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, eq=False)
class Spending:
    """The effort of [``since``, ``until``] in items of average size: ``tickets`` (``rollup.worked``) and what each of
    them cost; ``links`` of those that are traced (``rollup.workload``) and what each of these stands for."""

    since: datetime
    until: datetime
    tickets: Array
    effort: Array
    teams: Sequence[str | None]  # of each ticket, by its ``group``
    links: Array
    parts: Array
    goals: Sequence[str | None]  # of each link, by its ``target``

    def verdicts(self, chosen: Array | None = None) -> dict[VerdictKind, float]:
        """Verdict → the effort of the tickets that got it, of all or of those chosen; together all there is."""
        kinds, effort = self.tickets["verdict"], self.effort
        if chosen is not None:
            kinds, effort = kinds[chosen], effort[chosen]
        return {kind: exact(effort[kinds == place]) for place, kind in enumerate(VERDICTS) if kind is not None}

    def by_goal(self, chosen: Array | None = None) -> dict[str, float]:
        """Goal → the effort on it, of all tickets or of those chosen; a ticket of several goals is split evenly."""
        if chosen is None:
            return by_goal(self.links, self.parts, self.goals)
        mine = np.isin(self.links["uid"], self.tickets["uid"][chosen])
        return by_goal(self.links[mine], self.parts[mine], self.goals)

    def most(self, goal: str, count: int) -> list[int]:
        """The uids of the tickets that cost a goal most."""
        if goal not in self.goals:
            return []
        mine = self.links["target"] == self.goals.index(goal)
        order = np.argsort(-self.parts[mine], kind="stable")[:count]
        return [int(uid) for uid in self.links["uid"][mine][order]]


def spending(
    tx: Connection,
    config: Config,
    since: datetime,
    until: datetime,
    *,
    pairs: Array | None = None,
    told_from: Recorded | None = None,
) -> Spending:
    """The effort of a period, as it is stored and linked now; from what was read already, if anything was: all that is
    known of the work, or the parents of all items (:func:`okrsync.store.parents.every`), which are a part of that."""
    groups: Sequence[str | None]
    if told_from is not None:
        work, groups = worked(told_from.parts, Period(since, until)), told_from.scales
    else:
        teams = Teams(config)
        pairs = parents.every(tx) if pairs is None else pairs
        work, groups = spent_tickets(tx, pairs, since, until, teams.scale, config.thresholds, labels=teams.by_label)
    tickets, effort = spent(work, config.thresholds)
    linked = workload.read(tx, config.goals)
    traced = tickets["verdict"] == VERDICTS.index(VerdictKind.TRACED)
    links, parts = shares(tickets["uid"][traced], effort[traced], linked.links)
    known = {team.id for team in config.teams}
    named = [name if name in known else None for name in groups]
    return Spending(since, until, tickets, effort, named, links, parts, linked.targets)


def balanced(config: Config, spending: Spending, effort: Mapping[str, float] | None = None) -> list[Balance]:
    """What each goal got and what it weighs: of all effort, or of that of some."""
    spent_on = spending.by_goal() if effort is None else effort
    return balances(config.goals, spent_on, Window(spending.since, spending.until))
