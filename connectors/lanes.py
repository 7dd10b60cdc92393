"""How fast one account may send, and until when a tool asked it to wait.

A tool counts by token, not by connection: every transport of one account shares a :class:`Quota`, and where the tool
asks one of them to wait, all of them do.
"""

from __future__ import annotations

import threading
import time


class Lane:
    """A token bucket: at most ``rate`` requests a second after a burst of ``burst``."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, float(burst)
        self._tokens, self._at = float(burst), time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Seconds to wait before the request that now holds a token may be sent."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate) - 1
            self._at = now
            return max(0.0, -self._tokens / self._rate)


class Quota:
    """What one account may send: a lane for its reads, one for its writes (or one for both), and a pause for all."""

    def __init__(self, reads: Lane, writes: Lane) -> None:
        self.reads, self.writes = reads, writes
        self._until = 0.0
        self._users = 0

    def hold(self, seconds: float) -> None:
        """Nothing more is sent for so many seconds."""
        self._until = max(self._until, time.monotonic() + seconds)

    def held(self) -> float:
        """Seconds for which nothing may be sent; 0 where something may."""
        return max(0.0, self._until - time.monotonic())

    def lift(self) -> None:
        """The tool answers again."""
        self._until = 0.0


_shared: dict[str, Quota] = {}
_lock = threading.Lock()


def join(owner: str, quota: Quota) -> Quota:
    """The quota of ``owner`` as long as anybody uses it, of whom ``quota`` is the first's; "" shares with nobody."""
    if not owner:
        return quota
    with _lock:
        found = _shared.setdefault(owner, quota)
        found._users += 1
        return found


def leave(owner: str) -> None:
    """One user less; the last one takes the quota away."""
    with _lock:
        found = _shared.get(owner)
        if found is not None:
            found._users -= 1
            if not found._users:
                del _shared[owner]
