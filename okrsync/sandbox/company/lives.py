"""The life of a piece of work in any tool: opened, started, done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from okrsync.sandbox.company.quarter import Quarter


@dataclass(frozen=True, slots=True)
class Life:
    """What has happened so far; ``None`` for what has not."""

    opened: datetime
    started: datetime | None = None
    done: datetime | None = None


class Lives:
    """Draws lives from a source of chance of its own: the same for the same name and quarter."""

    def __init__(self, quarter: Quarter, name: str) -> None:
        self.quarter = quarter
        self.random = Random(name)

    def finished(self, share: float, *, planned: bool = True) -> Life:
        """Done at this share of the quarter so far. ``planned``: opened before the quarter, else when it came up."""
        done = self.quarter.at(share)
        started = self.before(done, 2, 9)
        return Life(self._opened(started, planned), started, done)

    def under_way(self, *, planned: bool = True) -> Life:
        started = self.before(self.quarter.now, 1, 12)
        return Life(self._opened(started, planned), started)

    def waiting(self, *, planned: bool = True) -> Life:
        return Life(self._opened(self.before(self.quarter.now, 3, 45), planned))

    def many(self, count: int, done: int = 0, doing: int = 0, *, planned: bool = True) -> Sequence[Life]:
        """``count`` lives: the first ``done`` finish evenly over the quarter so far, then ``doing`` are under way."""
        return [
            self.finished((number + self.random.uniform(0.2, 0.8)) / done, planned=planned)
            if number < done
            else self.under_way(planned=planned)
            if number < done + doing
            else self.waiting(planned=planned)
            for number in range(count)
        ]

    def before(self, at: datetime, least: float, most: float) -> datetime:
        """A working moment between so many and so many days earlier."""
        return self.quarter.working(at - timedelta(days=self.random.uniform(least, most)))

    def _opened(self, started: datetime, planned: bool) -> datetime:
        if planned:
            return self.before(min(started, self.quarter.start), 1, 25)
        return self.before(started, 0.3, 5)
