"""How fast a source is written, and how long a run waits for it: what a tool publishes is kept to before it has to say
so (docs/writing-back.md)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import TypeAlias

from okrsync.cycle import Clock, Halted
from okrsync.model import Surface
from okrsync.ports import Budget

LONGEST = timedelta(seconds=60)
"""What a run waits for; what takes longer stays planned, and no thread is held for it."""

STEP = 1.0  # seconds between two looks whether the process is to end

Wait: TypeAlias = Callable[[float], bool]
"""Waits so many seconds; True, perhaps earlier, where the process is to end."""


class Patience:
    """The time of one run in one source: what its clock says, and at least what was waited."""

    def __init__(self, clock: Clock, wait: Wait, halt: Event) -> None:
        self._clock, self._wait, self._halt = clock, wait, halt
        self._least: datetime | None = None

    def now(self) -> datetime:
        said = self._clock()
        return said if self._least is None else max(said, self._least)

    def breathe(self) -> None:
        """On, or out where the process is to end."""
        if self._halt.is_set():
            raise Halted

    def until(self, at: datetime) -> bool:
        """True once it is ``at``; False, at once, where that is too far."""
        if at - self.now() > LONGEST:
            return False
        while (now := self.now()) < at:
            step = min((at - now).total_seconds(), STEP)
            self.breathe()
            if self._wait(step):
                raise Halted
            self._least = now + timedelta(seconds=step)
        return True


@dataclass(frozen=True, slots=True)
class Turn:
    """When writes may be sent by a budget that is used up."""

    at: datetime
    budget: Budget

    def told(self, source: str) -> str:
        """What is said of a write that waits for it."""
        minutes = self.budget.per / timedelta(minutes=1)
        budget = f"{self.budget.writes} writes in {minutes:g} min"
        return f"waits: {source} takes {budget}; next at {self.at:%Y-%m-%d %H:%M} UTC"


@dataclass(slots=True)
class _Spending:
    budget: Budget
    times: deque[datetime] = field(default_factory=deque)


class Pace:
    """How much of its budgets was spent on a source, by this run and those before it."""

    def __init__(self, budgets: Sequence[Budget], sent: Iterable[tuple[Surface, datetime]]) -> None:
        self._spendings = [_Spending(budget) for budget in budgets]
        for surface, at in sent:
            self.spent([surface], at)

    def turn(self, surfaces: Collection[Surface], now: datetime) -> Turn | None:
        """What writes to these surfaces have to wait for; None where they may be sent now."""
        turns = [turn for one in self._spendings if (turn := _turn(one, surfaces, now)) is not None]
        return max(turns, key=lambda turn: turn.at, default=None)

    def spent(self, surfaces: Iterable[Surface], at: datetime) -> None:
        """A write to each of these surfaces is sent at this moment."""
        for surface in surfaces:
            for one in self._spendings:
                if surface in one.budget.surfaces:
                    one.times.append(at)


def longest(budgets: Iterable[Budget]) -> timedelta:
    """How far back writes matter to any of these."""
    return max((budget.per for budget in budgets), default=timedelta())


def _turn(spending: _Spending, surfaces: Collection[Surface], now: datetime) -> Turn | None:
    budget, times = spending.budget, spending.times
    wanted = min(sum(surface in budget.surfaces for surface in surfaces), budget.writes)
    while times and times[0] <= now - budget.per:
        times.popleft()
    surplus = len(times) + wanted - budget.writes
    return Turn(times[surplus - 1] + budget.per, budget) if wanted and surplus > 0 else None
