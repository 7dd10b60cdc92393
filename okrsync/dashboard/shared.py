"""What several pages are made of: made once, by whoever needs it first, and let go when nobody does any more."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Any, TypeVar

T = TypeVar("T")

FRESH = 60.0
"""Seconds after which a part is made anew though nothing was written, for time passes."""

KEPT = 12
"""Parts at most, beside those that are being made or taken: of 100,000 items all work is one of 6 MB,
and what is known of it one of 11."""


class _Part:
    __slots__ = ("ended", "lock", "mark", "value")

    def __init__(self) -> None:
        self.lock, self.ended = threading.Lock(), monotonic()
        self.mark: object = None
        self.value: Any = None


class Shared:
    """Parts by their names; of one name one is made at a time, and whoever else needs it waits. The making of a part
    may take others, but never one that takes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: OrderedDict[Hashable, _Part] = OrderedDict()  # the one that was taken last stands last

    def take(self, name: Hashable, mark: object, make: Callable[[], T]) -> T:
        """The part as it is while the mark, which is not None, equals itself; raises what ``make`` raises. It is for
        reading only: others have the same."""
        with self._lock:
            part = self._parts.setdefault(name, _Part())
            self._parts.move_to_end(name)
            self._shed()
        with part.lock:
            if part.mark != mark or monotonic() - part.ended > FRESH:
                part.mark = part.value = None
                part.value = make()
                part.mark, part.ended = mark, monotonic()
            value: T = part.value
            return value

    def tidy(self) -> None:
        """Nothing is held that would be made anew anyway."""
        with self._lock:
            for name, part in list(self._parts.items()):
                if not part.lock.locked() and monotonic() - part.ended > FRESH:
                    del self._parts[name]

    def _shed(self) -> None:
        """Those that were taken longest ago go; under the lock."""
        spare = len(self._parts) - KEPT
        for name in [name for name, part in self._parts.items() if not part.lock.locked()][: max(spare, 0)]:
            del self._parts[name]
