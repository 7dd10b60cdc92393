"""The work of a period as it is stored: when it was done, and what it served then, by the links, goals and words of
then."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

import rollup
from config import Config
from mapping.tree import GoalTree
from okrsync.exempted import tell_exempt
from okrsync.model import Goals, GoalState
from okrsync.store import ends
from okrsync.store.worked import Records, Seat, records, worked
from okrsync.teams import Teams
from rollup.worked import Period
from rollup.workload import Array, Names

if TYPE_CHECKING:
    from sqlalchemy import Connection

WEEKS = 13
"""So many weeks are told, the last of a period."""


class Place(NamedTuple):
    """Where items stand."""

    source: str
    project: str
    team: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Worked:
    """All work as columns (``rollup.worked``) with what the places in them mean."""

    period: Period
    work: Array
    places: Sequence[Place]
    people: Sequence[str | None]  # empty unless they were asked for

    def only(
        self,
        *,
        team: str | None = None,
        sources: Collection[str] | None = None,
        projects: Collection[str] | None = None,
        age: int | None = None,
        assignee: str | None = None,
    ) -> Worked:
        """The same work, of which the effort of the team, the sources, the projects (``SOURCE:KEY``), the age (a place
        in the ages of ``rollup.worked``) and the assignee, if people are told, is asked for; None: of all of them."""
        if all(one is None for one in (team, sources, projects, age, assignee)):
            return self
        asked_for = [
            (sources is None or one.source in sources)
            and team in (None, one.team)
            and (projects is None or f"{one.source}:{one.project}" in projects)
            for one in self.places
        ]
        work = self.work.copy()
        work["chosen"] &= np.array(asked_for, bool)[work["place"]]
        if age is not None:
            work["chosen"] &= work["age"] == age
        if assignee is not None:
            work["chosen"] &= np.array([one == assignee for one in self.people], bool)[work["assignee"]]
        return replace(self, work=work)

    def sealed(self) -> Worked:
        """The same, of which nothing can be changed any more."""
        self.work.setflags(write=False)
        return self

    def codes(self, name: str) -> tuple[list[str | None], Array]:
        """The teams, the sources or the projects (``SOURCE:KEY``), in order of their names, and for each row of the
        work the place of its own among them."""
        named = [f"{one.source}:{one.project}" if name == "project" else getattr(one, name) for one in self.places]
        known = sorted(set(named), key=lambda one: (one is None, one or ""))
        places = np.array([known.index(one) for one in named], np.uint32)
        return known, places[self.work["place"]]


def period_of(config: Config, now: datetime, since: datetime | None = None) -> Period:
    """From the first instant of a local day, by default of the current cycle, until now, with its ISO weeks."""
    start = rollup.period_start(config.goals, now)
    if since is not None:
        start = since.replace(tzinfo=ZoneInfo(config.goals.timezone)).astimezone(UTC)
    count = min(WEEKS, (now - start) // timedelta(weeks=1) + 1)
    return Period(start, now, rollup.iso_weeks(now, config.goals.timezone, count))


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """What all work of any period is told from."""

    parts: Iterable[Records]
    places: Sequence[Place]  # complete once the parts were gone through, as are the people and the scales
    people: Sequence[str | None]
    scales: Sequence[str | None]

    def kept(self) -> Recorded:
        """The same, to be gone through more than once, of which nothing can be changed any more."""
        return replace(self, parts=tuple(part.sealed() for part in self.parts))


def recorded(tx: Connection, config: Config, *, by_assignee: bool = False, since: datetime | None = None) -> Recorded:
    """What is known of all work, read part by part as it is gone through, which is possible once; of links no more than
    periods need that begin no earlier than ``since``."""
    teams, places = Teams(config), Names()
    known: list[Place] = []

    def seat(source: str, project: str, labels: str | None) -> Seat:
        place = Place(source, project, teams.of(source, project, labels))
        number = places.place("\0".join((source, project, place.team or "")))
        if number == len(known):
            known.append(place)
        return Seat(teams.scale(source, project, labels), number)

    people, scales = Names(), Names()
    parts = records(
        *(tx, seat, config.thresholds),
        labels=teams.by_label,
        groups=scales,
        people=people if by_assignee else None,
        since=since,
    )
    return Recorded(parts, known, people.known, scales.known)


def work_of(
    tx: Connection,
    config: Config,
    period: Period,
    *,
    by_assignee: bool = False,
    told_from: Recorded | None = None,
) -> Worked:
    """All work, of which the effort of all is asked for; ``told_from`` is what it is told from, where that was read
    already, with people or without."""
    known = told_from or recorded(tx, config, by_assignee=by_assignee, since=period.begin)
    work = worked(known.parts, period, _Alive(config.goals, ends.ended(tx), period).bits)
    tell_exempt(tx, config, work, period)
    return Worked(period, work, known.places, known.people)


class _Alive:
    """When goals took work. Of one that was dropped or closed before okrsync saw it, nobody knows since when: it never
    did."""

    def __init__(self, goals: Goals, ended: dict[str, datetime], period: Period) -> None:
        self._dead = [(bit, GoalTree(_as_of(goals, ended, last), last).deaths.keys()) for bit, _, last in period.spans]

    def bits(self, goal: str) -> int:
        """A bit for each end of the period at which the goal took work."""
        return sum(1 << bit for bit, dead in self._dead if goal not in dead)


def _as_of(goals: Goals, ended: dict[str, datetime], at: datetime) -> Goals:
    """The goals, with those taken up again that were dropped or closed after that."""
    later = {goal for goal, since in ended.items() if since > at}
    if not later:
        return goals
    objectives, key_results = dict(goals.objectives), dict(goals.key_results)
    for goal in later & objectives.keys():
        objectives[goal] = replace(objectives[goal], state=GoalState.APPROVED)
    for goal in later & key_results.keys():
        key_results[goal] = replace(key_results[goal], state=GoalState.APPROVED)
    return replace(goals, objectives=objectives, key_results=key_results)
