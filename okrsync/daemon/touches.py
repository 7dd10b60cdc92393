"""Which webhooks wait to be heeded, and how often they are: never oftener than polling would be bearable.

A webhook says that something changed and is never believed further. What several name is read together; a burst is
heeded at once, what goes on and on every ten seconds. Nothing is lost: what waits is read by the next cycle.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from time import monotonic

SETTLE = 0.25  # seconds in which what belongs together arrives
BURST, EVERY = 5, 10.0  # so many narrowed cycles at once, then one in so many seconds
MOST = 20  # scopes of a narrowed cycle; more are read as a whole
ITEMS = 1000  # that a cycle is told of; with more of them, the source is read as a whole


@dataclass(slots=True)
class Touched:
    """What is to be read of a source: these scopes (None: all of them), and in any case these items, by remote id."""

    scopes: set[str] | None = field(default_factory=set)
    items: set[str] = field(default_factory=set)


class Touches:
    """What was touched and not read since, by source. Safe to use from any thread."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._waiting: dict[str, Touched] = {}
        self._arranged: set[str] = set()  # sources for which somebody comes
        self._paid: dict[str, float] = {}  # source → until when its cycles are paid for, one EVERY seconds

    def note(self, source: str, scopes: Collection[str] | None, items: Collection[str]) -> float | None:
        """In how many seconds somebody is to come for it; None where that is arranged already."""
        with self._lock:
            waiting = self._waiting.setdefault(source, Touched())
            waiting.items |= set(items)
            if scopes is None or waiting.scopes is None or len(waiting.items) > ITEMS:
                waiting.scopes = None
            else:
                waiting.scopes |= set(scopes)
                if len(waiting.scopes) > MOST:
                    waiting.scopes = None
            if len(waiting.items) > ITEMS:
                waiting.items.clear()
            if source in self._arranged:
                return None
            self._arranged.add(source)
            return self._turn(source)

    def waits(self, source: str) -> bool:
        """Whether anything of it is to be read; whoever was arranged to come has come."""
        with self._lock:
            self._arranged.discard(source)
            return source in self._waiting

    def take(self, source: str) -> Touched | None:
        """What is to be read, if anything; from now on nothing waits."""
        with self._lock:
            return self._waiting.pop(source, None)

    def _turn(self, source: str) -> float:
        now = self._now()
        paid = max(self._paid.get(source, now), now)
        at = max(now + SETTLE, paid - (BURST - 1) * EVERY)
        self._paid[source] = max(paid, at) + EVERY
        return at - now
