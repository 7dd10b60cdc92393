"""When work is to be left off: the process is to end, or a maintenance lasts."""

from __future__ import annotations

import threading


class Halt(threading.Event):
    """Set while ``stop`` is, which is for good, or while it is set itself, as during a maintenance."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self._stop = stop

    def is_set(self) -> bool:
        return self._stop.is_set() or super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it is set when so many seconds passed; ``stop`` ends the wait, a maintenance does not."""
        return self._stop.wait(timeout) or self.is_set()
