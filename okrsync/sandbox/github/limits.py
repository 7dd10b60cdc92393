"""Rate limits of one token: how much is left of the hour, as the headers and ``/rate_limit`` tell it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

HOUR = timedelta(hours=1)
PERIODS = {"search": timedelta(minutes=1)}
"""How long a budget lasts, where it is not an hour."""

ALLOWED = {"core": 5000, "search": 30, "graphql": 5000}
ANONYMOUS = {"core": 60, "search": 10, "graphql": 0}


@dataclass(slots=True)
class Budget:
    """What one token may still ask of one resource until ``reset``. A ``limit`` of 0 is none."""

    resource: str
    limit: int
    reset: datetime
    used: int = 0

    @property
    def left(self) -> int:
        """How many requests, or points, are left; never less than none."""
        return max(0, self.limit - self.used)

    def headers(self, *, exhausted_until: datetime | None = None) -> dict[str, str]:
        """The ``X-RateLimit-…`` headers; with an instant, as if nothing were left until then."""
        gone = exhausted_until is not None
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": "0" if gone else str(self.left),
            "X-RateLimit-Reset": str(int((exhausted_until or self.reset).timestamp())),
            "X-RateLimit-Used": str(self.limit if gone else self.used),
            "X-RateLimit-Resource": self.resource,
        }

    def raw(self) -> dict[str, Any]:
        reset = int(self.reset.timestamp())
        return {"limit": self.limit, "used": self.used, "remaining": self.left, "reset": reset}


class Limits:
    """The budgets of every token. ``allowed`` may be changed; a budget that has begun keeps its limit to its end.

    ``creation`` is how much content one token may create in any stretch of such a length; nothing holds it back at
    first (GitHub itself: 80 in a minute, 500 in an hour).
    """

    def __init__(self, clock: Callable[[], datetime], allowed: Mapping[str, int] = ALLOWED) -> None:
        self._clock = clock
        self.allowed = dict(allowed)
        self._budgets: dict[tuple[str, str], Budget] = {}
        self.creation: dict[timedelta, int] = {}
        self._created: dict[str, deque[datetime]] = {}

    def budget(self, token: str, resource: str) -> Budget:
        """The budget of this hour, or minute; it begins with the first request."""
        now = self._clock()
        known = self._budgets.get((token, resource))
        if known is None or known.reset <= now:
            allowed = self.allowed[resource]
            limit = allowed if token else min(allowed, ANONYMOUS[resource])
            known = self._budgets[token, resource] = Budget(resource, limit, now + PERIODS.get(resource, HOUR))
        return known

    def creates(self, token: str) -> timedelta:
        """Note that a token creates content now; how long it has to wait instead, where that is too much."""
        now = self._clock()
        made = self._created.setdefault(token, deque(maxlen=10_000))
        waits = [
            made[-most] + stretch - now
            for stretch, most in self.creation.items()
            if len(made) >= most and made[-most] + stretch > now
        ]
        if not waits:
            made.append(now)
        return max(waits, default=timedelta())

    def raw(self, token: str) -> dict[str, Any]:
        """The answer of ``GET /rate_limit``, which costs nothing."""
        resources = {resource: self.budget(token, resource).raw() for resource in self.allowed}
        return {"resources": resources, "rate": resources["core"]}
