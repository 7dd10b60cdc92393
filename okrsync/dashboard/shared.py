"""What several pages are made of: made once, by whoever needs it first, and let go when nobody does any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Any, TypeVar

T = TypeVar("T")

FRESH = 60.0
"""Seconds after which a part is made anew though nothing was written, for time passes."""


class _Part:
    __slots__ = ("ended", "lock", "mark", "took", "value")

    def __init__(self) -> None:
        self.lock, self.ended, self.took = threading.Lock(), monotonic(), 0.0
        self.mark: object = None
        self.value: Any = None

    def serves(self, mark: object, rest: float) -> bool:
        age = monotonic() - self.ended
        return self.mark is not None and ((self.mark == mark and age <= FRESH) or age < rest * self.took)


class Shared:
    """Parts by their names; of one name one is made at a time, and whoever else needs it waits. The making of a part
    may take others, but never one that takes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: dict[Hashable, _Part] = {}

    def take(self, name: Hashable, mark: object, make: Callable[[], T], *, rest: float = 0.0) -> tuple[T, bool]:
        """The part, and whether it is as of the mark, which is not None. One of a former mark serves for ``rest`` times
        as long as it took to make: while tools are read, something is written all the time. Raises what ``make``
        raises. A part is for reading only: others have the same."""
        with self._lock:
            part = self._parts.setdefault(name, _Part())
        with part.lock:
            if not part.serves(mark, rest):
                part.mark = part.value = None
                began = monotonic()
                part.value = make()
                part.mark, part.ended = mark, monotonic()
                part.took = part.ended - began
            value: T = part.value
            return value, part.mark == mark

    def tidy(self) -> None:
        """Nothing is held that would be made anew anyway."""
        with self._lock:
            for name, part in list(self._parts.items()):
                if not part.lock.locked() and monotonic() - part.ended > FRESH:
                    del self._parts[name]
