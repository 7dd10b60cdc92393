"""Whether the process lives: its beat goes the way that all work goes, and no work goes on for ever.

Timetable, engine, a thread: where one of them stands still, so does the heart, and the service manager hears nothing
more (P40). A tool or a database that is away stops none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

import structlog

log = structlog.get_logger(__name__)

BEAT = 10.0  # seconds between two beats, or a third of what the service manager waits …
SILENCE = 45.0  # … and how long there may be none
HOUR = 3600.0
LONGEST = {
    "reconcile": 6 * HOUR + 900,  # a cycle ends itself after six hours (Options.longest), with the request in hand
    "link": HOUR,
    "write back": HOUR,  # since its last write
    "report": HOUR,
    "retention": HOUR,
    "alarm": 600,
    "reload": 600,
    "state": 600,
}
"""Seconds after which a job of this kind is taken for one that hangs."""


class Heart:
    """``running`` tells for how many seconds each job runs, ``tell`` the service manager that all is well."""

    def __init__(
        self,
        running: Callable[[], Mapping[str, float]],
        tell: Callable[[], None],
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._running, self._tell, self._now = running, tell, now
        self._beat = now()
        self._active: dict[str, float] = {}  # key → when its job showed that it goes on
        self._hanging: frozenset[str] = frozenset()

    def beat(self) -> None:
        """Done as work is; the service manager hears of it unless something hangs."""
        self._beat = self._now()
        hanging = self.hanging()
        for key in hanging - self._hanging:
            log.critical("hangs", job=key, seconds=round(self._running().get(key, 0.0)))
        self._hanging = hanging
        if not hanging:
            self._tell()

    def goes_on(self, key: str) -> None:
        """The job of this key is at work: its time is counted anew."""
        self._active[key] = self._now()

    def alive(self) -> bool:
        return self._now() - self._beat < SILENCE and not self.hanging()

    def hanging(self) -> frozenset[str]:
        """The keys of jobs that run for longer than their kind may."""
        now = self._now()
        return frozenset(
            key
            for key, seconds in self._running().items()
            if min(seconds, now - self._active.get(key, now - seconds)) > LONGEST.get(key.partition(":")[0], HOUR)
        )
