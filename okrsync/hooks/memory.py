"""Which deliveries came already."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

MOST = 10_000  # deliveries of one source
KEPT = timedelta(days=3)  # as long as GitHub can send one again


class Memory:
    """The newest deliveries of each source, by name; bounded in number and time. Safe to use from any thread."""

    def __init__(self, most: int = MOST, kept: timedelta = KEPT) -> None:
        self._most, self._kept = most, kept
        self._lock = threading.Lock()
        self._seen: dict[str, OrderedDict[bytes, datetime]] = {}

    def is_new(self, source: str, name: bytes, now: datetime) -> bool:
        """Whether it did not come before; from now on it did."""
        with self._lock:
            seen = self._seen.setdefault(source, OrderedDict())
            known = seen.pop(name, None)
            seen[name] = now
            while seen and (len(seen) > self._most or now - next(iter(seen.values())) > self._kept):
                seen.popitem(last=False)
            return known is None or now - known > self._kept

    def forget(self, source: str, name: bytes) -> None:
        """It may come again: what it told of did not get through."""
        with self._lock:
            self._seen.get(source, OrderedDict()).pop(name, None)
