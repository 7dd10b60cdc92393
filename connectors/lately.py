"""What was read a moment ago, so that the write that follows does not ask again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from okrsync.errors import Rejected

FRESH = 60.0  # seconds for which what was read is good enough to write by

K = TypeVar("K")
V = TypeVar("V")


def overtaken(host: str, key: str) -> Rejected:
    """Why a write on this object is not sent: what was read of it stands there no more."""
    return Rejected(f"{host}: {key} was changed just before it was written; okrsync plan shows it anew", status=409)


class Lately(Generic[K, V]):
    """What was read lately, by what it was read of. Given once: after a write nothing is known of its object. Safe to
    use from any thread."""

    def __init__(self) -> None:
        self._held: dict[K, tuple[float, V]] = {}
        self._lock = Lock()

    def note(self, found: Mapping[K, V], asked_at: float) -> None:
        """These were found by what was asked at an instant of :func:`time.monotonic`."""
        with self._lock:
            self._held |= {key: (asked_at, value) for key, value in found.items()}
            old = monotonic() - FRESH
            self._held = {key: held for key, held in self._held.items() if held[0] >= old}

    def take(self, *keys: K) -> dict[K, V]:
        """What is known of these, as far as it is fresh; from now on nothing is."""
        old = monotonic() - FRESH
        with self._lock:
            taken = {key: self._held.pop(key) for key in dict.fromkeys(keys) if key in self._held}
        return {key: value for key, (at, value) in taken.items() if at >= old}

    def looked(self, key: K, ask: Callable[[K], V]) -> V:
        """What is answered now, which is known from now on."""
        asked_at = monotonic()
        value = ask(key)
        self.note({key: value}, asked_at)
        return value

    def taken(self, key: K, ask: Callable[[K], V]) -> V:
        """What is known of this, else what is answered now; from now on nothing is."""
        known = self.take(key)
        return known[key] if known else ask(key)
