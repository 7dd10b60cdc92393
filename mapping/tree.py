"""The goal tree at one instant: the way up from each goal, and which goals take no more work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from okrsync.model import Goals, GoalState, Hop, KeyResult, Objective, Relation, RuleName


@dataclass(frozen=True, slots=True)
class Death:
    """Why a goal takes no more work: ``goal`` is itself or the one above it that ended, ``how`` in what way."""

    how: str  # "dropped" | "closed" | "over"
    goal: str
    title: str
    until: datetime | None = None  # the instant after its window, where that is over
    last_day: str = ""  # the same as people say it: the last day, in the configured time zone


class GoalTree:
    """The goals of the configuration as they stand at ``now``: ``living`` are those that take work, key results first,
    and ``example`` is how one of these is written.

    Dead is a goal that is dropped or closed, or contributes to one that is, however far above; a goal that only
    *supports* a dropped one lives. Dead is also a goal whose window is over: its own (or its cycle's), else that of the
    nearest goal above that has one, so that a key result with a later end of its own outlives its objective's cycle.
    A draft is alive: work may be linked to it before it is approved.
    """

    def __init__(self, goals: Goals, now: datetime) -> None:
        self._goals = goals
        self._zone = ZoneInfo(goals.timezone)
        self._steps: dict[tuple[str, str], tuple[Hop, ...]] = {}
        every: tuple[KeyResult | Objective, ...] = (*goals.key_results.values(), *goals.objectives.values())
        deaths = {goal.id: self._death(goal, now) for goal in every}
        self.deaths = {goal: death for goal, death in deaths.items() if death}
        self.ids = (*goals.objectives, *goals.key_results)
        self.living = tuple(goal.id for goal in every if goal.id not in self.deaths)
        self.example = _form(self.living)

    def steps(self, goal: str, rule: RuleName) -> tuple[Hop, ...]:
        """The hops from ``goal``, which ``rule`` reached, up to the root."""
        known = self._steps.get((goal, rule))
        if known is None:
            known = self._steps[goal, rule] = tuple(self._climb(goal, rule))
        return known

    def day(self, at: datetime) -> str:
        """The day of an instant, in the configured time zone."""
        return at.astimezone(self._zone).date().isoformat()

    def _climb(self, goal: str, rule: RuleName) -> Iterator[Hop]:
        hop = str(rule)
        for one in self._upwards(goal):
            if isinstance(one, KeyResult):
                yield Hop("key_result", "", one.id, one.title, hop)
                hop = str(Relation.CONTRIBUTES)
            else:
                yield Hop("objective", "", one.id, one.title, hop)
                hop = str(one.relation)

    def _upwards(self, goal: str) -> Iterator[KeyResult | Objective]:
        above: str | None = goal
        if goal in self._goals.key_results:
            kr = self._goals.key_results[goal]
            yield kr
            above = kr.objective
        seen: set[str] = set()
        while above is not None and above in self._goals.objectives and above not in seen:
            seen.add(above)
            objective = self._goals.objectives[above]
            yield objective
            above = objective.parent

    def _death(self, goal: KeyResult | Objective, now: datetime) -> Death | None:
        serves: list[KeyResult | Objective] = []
        for one in self._upwards(goal.id):
            serves.append(one)
            if isinstance(one, Objective) and one.relation is Relation.SUPPORTS:
                break
        for one in serves:
            if one.state in (GoalState.DROPPED, GoalState.CLOSED):
                return Death(one.state.value, one.id, one.title)
        for one in serves:
            end = one.window.end
            if end is not None:
                return Death("over", one.id, one.title, end, self._last_day(end)) if end <= now else None
        return None

    def _last_day(self, end: datetime) -> str:
        return self.day(end - timedelta(microseconds=1))


def _form(living: Sequence[str]) -> str | None:
    """The only goal there is; of several no one in particular, but how ids begin here: ``KR-…``."""
    if len(living) < 2:
        return living[0] if living else None
    beginnings = Counter(goal.partition("-")[0] for goal in living if "-" in goal)
    word, times = max(beginnings.items(), key=itemgetter(1), default=("", 0))
    return f"{word}-…" if times > 1 else "…"
