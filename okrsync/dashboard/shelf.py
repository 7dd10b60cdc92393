"""Answers that are kept as long as nothing was written, so that a page over a large company is there at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from okrsync.errors import StoreError

T = TypeVar("T")

PATIENCE = 0.15
"""Seconds that a new answer is waited for where an older one is there."""

FRESH = 60.0
"""Seconds after which an answer is made anew though nothing was written, for time passes."""

REST = 4.0
"""An answer counts as new for so many times as long as it took to make, whatever is written meanwhile: while tools are
read, something is written all the time, and pages take a fifth of a processor at most."""

SLOW = 0.6
"""Seconds that an answer counts to have taken at least, where that was longer than :data:`PATIENCE`: whoever was given
an older one asks again in two seconds (``older.html``), and finds this one though much is written."""

KEPT = 128
"""Answers of a shelf at most."""

ROOM = 32 * 1024**2
"""Bytes of a shelf at most; one that is longer is given and not kept."""

AT_ONCE = 2
"""Answers that are made side by side: they take a processor each."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was made from ``begun`` to ``ended``, when the mark was ``mark``."""

    value: Any
    mark: object
    begun: float
    ended: float

    def settled(self, mark: object, now: float) -> bool:
        """Whether making it anew would bring nothing worth the while."""
        age, took = now - self.ended, self.ended - self.begun
        if took > PATIENCE:
            took = max(took, SLOW)
        return (self.mark == mark and age < FRESH) or age < REST * took


class _Making:
    """An answer that a thread makes; once ``done`` is set, it is there or the fault is."""

    __slots__ = ("answer", "begun", "done", "fault")

    def __init__(self) -> None:
        self.begun, self.done = monotonic(), threading.Event()
        self.answer: _Answer | None = None
        self.fault: BaseException | None = None


class Shelf:
    """What was made once is there at once as long as the mark stays; then it is made anew, and the older one given
    where that takes longer than :data:`PATIENCE`. Of one key one answer is made at a time.

    A mark is whatever equals itself as long as an answer stays right; it is read before the answer is begun. ``size``
    tells the bytes of an answer. The threads are daemons: they only read, and nothing is lost with them.
    """

    def __init__(self, size: Callable[[Any], int] = lambda _: 0) -> None:
        self._size, self._lock, self._turns = size, threading.Lock(), threading.Semaphore(AT_ONCE)
        self._answers: OrderedDict[Hashable, _Answer] = OrderedDict()  # the one that was asked for last stands last
        self._makings: dict[Hashable, _Making] = {}
        self._bytes = 0
        self._closed = False

    def newest(self, key: Hashable, mark: object, make: Callable[[], T]) -> T:
        """The answer of now, however long it takes; raises what ``make`` raises, StoreError once closed."""
        asked = monotonic()
        while True:
            with self._lock:
                kept = self._answers.get(key)
                if kept is not None and kept.mark == mark and monotonic() - kept.ended < FRESH:
                    self._answers.move_to_end(key)
                    value: T = kept.value
                    return value
                making = self._begin(key, mark, make)
            answer = _awaited(making)
            if making.begun >= asked or answer.mark == mark:
                return answer.value  # type: ignore[no-any-return]

    def take(self, key: Hashable, mark: object, make: Callable[[], T]) -> tuple[T, bool]:
        """The answer, and whether it is of now: an older one is given after :data:`PATIENCE`, where there is one, and
        the new one is made beside. Raises what ``make`` raises, StoreError once closed."""
        asked = monotonic()
        until = asked + PATIENCE
        while True:
            with self._lock:
                kept = self._answers.get(key)
                if kept is not None:
                    self._answers.move_to_end(key)
                    if kept.settled(mark, monotonic()):
                        return kept.value, True
                making = self._begin(key, mark, make)
            if kept is not None and not making.done.wait(max(0.0, until - monotonic())):
                return kept.value, False
            answer = _awaited(making)
            if making.begun >= asked or answer.settled(mark, monotonic()):
                return answer.value, True  # else it was begun before what was written since

    def close(self) -> None:
        """Nothing is begun any more, and nothing kept; whoever waits is told what was being made."""
        with self._lock:
            self._closed = True
            self._answers.clear()
            self._bytes = 0

    def _begin(self, key: Hashable, mark: object, make: Callable[[], Any]) -> _Making:
        """The making of this key that is under way, or a new one; under the lock."""
        if self._closed:
            raise StoreError("okrsync is ending; ask again in a moment")
        making = self._makings.get(key)
        if making is None:
            making = _Making()
            threading.Thread(target=self._make, args=(key, making, mark, make), name="shelf", daemon=True).start()
            self._makings[key] = making  # no sooner: where no thread can be started, nobody may wait for it
        return making

    def _make(self, key: Hashable, making: _Making, mark: object, make: Callable[[], Any]) -> None:
        try:
            with self._turns:
                begun = monotonic()
                value = make()
                making.answer = _Answer(value, mark, begun, monotonic())
        except BaseException as fault:
            making.fault = fault
        with self._lock:
            del self._makings[key]
            self._keep(key, making.answer)
        making.done.set()

    def _keep(self, key: Hashable, answer: _Answer | None) -> None:
        """What was kept under this key is over; where there was a fault, nothing is; under the lock."""
        older = self._answers.pop(key, None)
        self._bytes -= 0 if older is None else self._size(older.value)
        if answer is None or self._closed or self._size(answer.value) > ROOM:
            return
        self._answers[key] = answer
        self._bytes += self._size(answer.value)
        while self._bytes > ROOM or len(self._answers) > KEPT:
            _, gone = self._answers.popitem(last=False)
            self._bytes -= self._size(gone.value)


def _awaited(making: _Making) -> _Answer:
    making.done.wait()
    if making.fault is not None:
        raise making.fault
    assert making.answer is not None
    return making.answer
