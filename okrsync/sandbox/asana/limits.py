"""What Asana grants a token: so many requests a minute, so many searches, so much work. Nothing is limited at first."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from threading import Lock

from okrsync.sandbox.web import Request, Response, reads

MINUTE = timedelta(minutes=1)
_WORDS = "You have made too many requests recently. Please, be chill."


@dataclass(slots=True)
class Limits:
    """``requests`` and ``searches`` are numbers a minute, ``cost`` an amount of answered kilobytes a minute; None is no
    limit. Requests that are refused count too. With ``silent`` no refusal says how long to wait. ``reading`` and
    ``writing`` are numbers of requests at once, each of which takes ``seconds``; ``most`` is how many of either kind
    (True: may change something) there ever were."""

    requests: int | None = None
    searches: int | None = None
    cost: float | None = None
    silent: bool = False
    reading: int | None = 50
    writing: int | None = 15
    seconds: float = 0.0
    most: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    _flight: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    _lock: Lock = field(default_factory=Lock)
    _asked: deque[datetime] = field(default_factory=deque)
    _searched: deque[datetime] = field(default_factory=deque)
    _spent: deque[tuple[datetime, float]] = field(default_factory=deque)

    def refused(self, request: Request, now: datetime) -> Response | None:
        """The refusal of a request that is one too many, None where it may go on."""
        waits = [self._count(self._asked, self.requests, now)]
        if request.path.endswith("/tasks/search"):
            waits.append(self._count(self._searched, self.searches, now))
        waits.append(self._owed(now))
        wait = max(waits)
        if not wait:
            return None
        headers = {} if self.silent else {"Retry-After": str(ceil(wait.total_seconds()))}
        return Response.of({"errors": [{"message": _WORDS}]}, 429, headers)

    @contextmanager
    def flight(self, request: Request) -> Iterator[Response | None]:
        """The refusal of a request that comes while too many others are being answered, None where it may go on."""
        unsafe = not reads(request.method, request.path)
        granted = self.writing if unsafe else self.reading
        with self._lock:
            self._flight[unsafe] += 1
            self.most[unsafe] = max(self.most[unsafe], self._flight[unsafe])
            refused = granted is not None and self._flight[unsafe] > granted
        try:
            if self.seconds:
                time.sleep(self.seconds)
            headers = {} if self.silent else {"Retry-After": "1"}
            yield Response.of({"errors": [{"message": _WORDS}]}, 429, headers) if refused else None
        finally:
            with self._lock:
                self._flight[unsafe] -= 1

    def pay(self, response: Response, now: datetime) -> None:
        """What an answer cost is known once it was given."""
        if self.cost is not None:
            self._spent.append((now, len(response.body) / 1000))

    def _count(self, times: deque[datetime], granted: int | None, now: datetime) -> timedelta:
        if granted is None:
            return timedelta()
        while times and now - times[0] >= MINUTE:
            times.popleft()
        times.append(now)
        return times[0] + MINUTE - now if len(times) > granted else timedelta()

    def _owed(self, now: datetime) -> timedelta:
        while self._spent and now - self._spent[0][0] >= MINUTE:
            self._spent.popleft()
        if self.cost is None or sum(cost for _, cost in self._spent) <= self.cost:
            return timedelta()
        return self._spent[0][0] + MINUTE - now
