"""Signals as the daemon hears them: none is lost, whenever it comes, and nothing is done inside a handler."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from threading import Event
from types import TracebackType
from typing import Self

ENDING = (signal.SIGTERM, signal.SIGINT)
ASKING = (signal.SIGHUP, signal.SIGUSR1)


class Signals:
    """Those that ask for something, in the order in which they came, until one that ends the process: that one sets
    ``stop`` at once. Entered and left in the main thread.

    They come through a pipe, into which the interpreter writes from wherever it is: a thread that is just about to
    wait, or that waits for a lock, would sleep through a handler.
    """

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._ending = False

    def __enter__(self) -> Self:
        self._out, self._in = os.pipe()
        os.set_blocking(self._in, False)
        self._before = signal.set_wakeup_fd(self._in, warn_on_full_buffer=False)
        for number in (*ENDING, *ASKING):
            signal.signal(number, self._hear)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """The handlers stay: a process that is ending is not ended once more."""
        signal.set_wakeup_fd(self._before)
        os.close(self._out)
        os.close(self._in)

    def __iter__(self) -> Iterator[int]:
        """Waits for each."""
        while not self._stop.is_set():
            for number in os.read(self._out, 64):
                if number in ENDING:
                    return
                yield number

    def _hear(self, number: int, _: object) -> None:
        if number in ENDING and not self._ending:  # a second one in the middle of the first would wait for it for ever
            self._ending = True
            self._stop.set()
