"""How work is done: an engine runs it, a timetable brings it back, and a failure is told when it begins and ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from okrsync.cycle import Clock, Halted
from okrsync.daemon.timetable import Timetable
from okrsync.errors import OkrsyncError, StoreError
from okrsync.ports import Engine, Job

log = structlog.get_logger(__name__)

AGAIN = timedelta(seconds=10)  # after which work comes back that the database kept from being done


class Jobs:
    """The work of a process, each kind of it by a key; never two of one key at once."""

    def __init__(self, engine: Engine, timetable: Timetable, clock: Clock, stop: threading.Event) -> None:
        self._engine, self._timetable, self._clock, self._stop = engine, timetable, clock, stop
        self._lock = threading.Lock()
        self._failing: dict[str, str] = {}  # key → what its last job said
        self._stuck: set[str] = set()  # keys that the database kept from being done

    def submit(self, key: str, work: Callable[[], object]) -> bool:
        """True where it was queued, False where one of its key waits already, or the process is to end.

        What fails says so, and the next one has its chance: soon, where it was the database.
        """
        return self._engine.submit(Job(key, lambda: self._run(key, work)))

    def at(self, key: str, when: datetime, work: Callable[[], object]) -> None:
        """Done then by the daemon's clock, within a day, beside any timetable; told again, it is done at the new
        time."""
        self.after(key, when - self._clock(), work)

    def after(self, key: str, pause: timedelta, work: Callable[[], object]) -> None:
        """Done after so long; told again, it is done at the new time."""
        if not self._stop.is_set():
            self._timetable.once(key, pause, work)

    def _run(self, key: str, work: Callable[[], object]) -> None:
        try:
            work()
        except Halted:
            log.info("left off", job=key)
        except StoreError as fault:
            self._in_trouble(key, fault)
            self.after(f"{key}, again", AGAIN, lambda: self.submit(key, work))
        except OkrsyncError as fault:
            self._failed(key, fault)
        except Exception:
            log.exception("failed unexpectedly", job=key)
        else:
            self._done(key)

    def _in_trouble(self, key: str, fault: StoreError) -> None:
        with self._lock:
            known = bool(self._stuck)
            self._stuck.add(key)
        (log.debug if known else log.error)("database trouble", job=key, error=str(fault))

    def _failed(self, key: str, fault: OkrsyncError) -> None:
        said = str(fault)
        with self._lock:
            known = self._failing.get(key) == said
            self._failing[key] = said
        (log.debug if known else log.error)("failed", job=key, error=said)

    def _done(self, key: str) -> None:
        with self._lock:
            failed = self._failing.pop(key, None)
            well = key in self._stuck
            if well:
                self._stuck.clear()
        if well:
            log.info("database well again")
        if failed is not None:
            log.info("works again", job=key)
