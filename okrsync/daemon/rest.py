"""A maintenance, as the work of the process heeds it: nothing new begins, and what runs leaves off."""

from __future__ import annotations

import threading
from collections.abc import Callable
from zoneinfo import ZoneInfo

import structlog

from config import Config
from okrsync.cycle import Clock
from okrsync.daemon.halting import Halt
from okrsync.daemon.maintenance import Window, standing

log = structlog.get_logger(__name__)


class Rest:
    """Knows whether a maintenance lasts; its begin and its end are told once. ``after`` is what its end calls for."""

    def __init__(self, config: Callable[[], Config], clock: Clock, halt: Halt, after: Callable[[], None]) -> None:
        self._config, self._clock, self._halt, self._after = config, clock, halt, after
        self._lock = threading.Lock()
        self._window: Window | None = None

    def now(self) -> Window | None:
        """The maintenance that lasts, None where work goes on; whatever began or ended since is heeded from here on."""
        with self._lock:  # looked at in turn, so that nobody's older look follows a newer one
            config = self._config()
            window = standing(config.schedule, ZoneInfo(config.timezone), self._clock())
            before, self._window = self._window, window
            if window is not None:
                self._halt.set()
            elif before is not None:
                self._halt.clear()
        if window is not None and (before is None or before.end != window.end):
            log.warning("maintenance", until=window.end.isoformat(), why=window.why)
        elif window is None and before is not None:
            log.info("maintenance over", why=before.why)
            self._after()
        return window
