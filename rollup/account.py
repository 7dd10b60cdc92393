"""What a narrative of one key result is told from, and what follows from it at the current pace."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from okrsync.model import Cause, Flag, KeyResult, KeyResultKind, Progress, Say, Thresholds
from rollup.facts import along, percent, shortened
from rollup.keys import MOST, natural
from rollup.lines import share_to_reach
from rollup.metric import expected
from rollup.moves import Moves, Some
from rollup.span import EPSILON, Span, local_day

Facts: TypeAlias = dict[str, str | int | float]
"""What a sentence is told with."""

NEAR = timedelta(days=250)
"""A day that is nearer than this is told without its year."""

KEYS = 3
LISTED = ", "
"""So many items are named in a sentence: these, or two and how many others there are."""

TITLE = 60
"""Characters of a title in a sentence."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where the current pace leads: when the share to reach is there, when all is done, and what is done by the end."""

    reach: date
    end: date
    by_due: float  # weight of the open work that is done by the end of the window


@dataclass(frozen=True, slots=True)
class Account:
    """A key result, what is known of it now, and what happened to it in the last week. Items have keys."""

    kr: KeyResult
    progress: Progress
    moves: Moves
    thresholds: Thresholds
    now: datetime
    timezone: str

    @property
    def span(self) -> Span:
        return Span(self.kr.window, self.now)

    @property
    def works(self) -> bool:
        """Whether work is its measure."""
        return self.kr.kind is KeyResultKind.WORK

    @property
    def share(self) -> float:
        return share_to_reach(self.kr, self.thresholds)

    @property
    def whole(self) -> int:
        """Its progress in percent; it has one."""
        assert self.progress.progress is not None
        return percent(self.progress.progress)

    @property
    def today(self) -> date:
        return local_day(self.now, self.timezone)

    @property
    def last_day(self) -> date | None:
        return self.span.last_day(self.timezone)

    @property
    def left(self) -> int | None:
        """Days from today to the last one of its window; None where that has no end."""
        return None if self.last_day is None else (self.last_day - self.today).days

    @property
    def closing(self) -> bool:
        """Whether its window ends within a week."""
        return self.left is not None and 0 <= self.left <= 7

    @property
    def due(self) -> str:
        assert self.last_day is not None
        return self.told(self.last_day)

    @property
    def items(self) -> int:
        """How many items weigh in it."""
        return self.moves.items

    @property
    def expected(self) -> float | None:
        """The share of its way that is due by now; None for what has no pace."""
        measured = self.kr.kind in (KeyResultKind.METRIC, KeyResultKind.MIXED)
        return expected(self.kr, self.span) if measured and self.span.elapsed is not None else None

    @property
    def ending(self) -> float | None:
        """The value that the metric has in the end if it goes on as it did, measured by its curve."""
        kr, progress, due = self.kr, self.progress.progress, self.expected
        if progress is None or not due or kr.baseline is None or kr.target is None:
            return None
        way = kr.target - kr.baseline
        return along(kr.baseline + way * progress / due, way)

    @property
    def reached(self) -> str | None:
        """The day on which an even pace reaches the target; None for another curve."""
        start, progress = self.kr.window.start, self.progress.progress
        if self.kr.curve != "linear" or start is None or not progress or progress < 0:
            return None
        return self.day(start + (self.now - start) / progress)

    def has(self, flag: Flag) -> bool:
        return flag in self.progress.flags

    def told(self, day: date) -> str:
        """A day as sentences take it, with its year where that is not plain."""
        return day.isoformat() if abs(day - self.today) > NEAR else f"--{day:%m-%d}"

    def day(self, instant: datetime) -> str:
        """The day of an instant, in the same way."""
        return self.told(local_day(instant, self.timezone))

    def outlook(self) -> Outlook | None:
        """Where the pace leads; None where there is none, or nothing to forecast."""
        forecast, scope = self.progress.forecast, self.progress.scope
        if forecast is None or forecast.date is None or self.left is None or not scope or not self.moves.open.weight:
            return None
        still = self.moves.open.weight
        days = max((forecast.date - self.today).days, 0)
        missing = min(max(self.share * scope - (scope - still), 0.0), still)
        by_due = still * min(self.left / days, 1.0) if days else still
        reach = self.today + timedelta(days=math.ceil(days * missing / still - EPSILON))
        return Outlook(reach, forecast.date, by_due)

    def excess(self, outlook: Outlook) -> int:
        """How much of the scope has to go for the share to be reached in time at this pace, in its unit."""
        scope = self.progress.scope or 0.0
        done = scope - self.moves.open.weight + outlook.by_due
        return max(math.ceil(scope - done / self.share - EPSILON), 0)


def names(some: Some) -> str:
    """What some items are called as a sentence lists them: all of few, or two and how many others there are."""
    shown = some.names[:KEYS] if some.count <= KEYS else some.names[: KEYS - 1]
    others = some.count - len(shown)
    return LISTED.join([*(one.replace(LISTED, ",\u00a0") for one in shown), *([f"+{others}"] if others else [])])


def clause(code: str, *behind: Some, **facts: str | int | float) -> Cause:
    """A sentence, and the items behind it in natural order."""
    keys = sorted({key for some in behind for key in some.keys}, key=natural)
    more = sum(some.count - len(some.keys) for some in behind)
    return Cause(Say.of(f"narrative.{code}", **facts), tuple(keys[:MOST]), more + max(len(keys) - MOST, 0))


def title(text: str) -> str:
    """A title as a sentence quotes it."""
    return shortened(text, TITLE)
