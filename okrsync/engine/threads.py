"""Jobs of different keys side by side, each key in a thread of its own: the engine of ``sync`` and of the daemon."""

from __future__ import annotations

import threading
from time import monotonic

from okrsync.ports import Job

GRACE = 6.0
"""Seconds that the work in hand is given when the process is told to end."""


class ThreadEngine:
    """Of one key never two jobs run at once and at most one waits; keys are few, and so are the threads.

    The threads do not keep the process alive: whoever wants what runs to end calls :meth:`drain`.
    """

    def __init__(self) -> None:
        self._idle = threading.Condition()
        self._waiting: dict[str, Job] = {}
        self._running: dict[str, float] = {}  # key → since when
        self._failures: list[BaseException] = []
        self._closed = False

    def submit(self, job: Job) -> bool:
        with self._idle:
            if job.key in self._waiting or self._closed:
                return False
            if job.key not in self._running:  # the thread waits for this lock, so that it finds its job
                threading.Thread(target=self._work, args=(job.key,), name=job.key, daemon=True).start()
                self._running[job.key] = monotonic()
            self._waiting[job.key] = job
            return True

    def running(self) -> dict[str, float]:
        """For how many seconds each job runs, by its key."""
        now = monotonic()
        with self._idle:
            return {key: now - since for key, since in self._running.items()}

    def drain(self, timeout: float | None = None) -> bool:
        """True when nothing waits or runs, False where ``timeout`` seconds passed before; raises the first error that
        a job ended with."""
        until = None if timeout is None else monotonic() + timeout
        with self._idle:
            while self._running:
                left = None if until is None else until - monotonic()
                if left is not None and left <= 0:
                    return False
                self._idle.wait(left)
            failures, self._failures = self._failures, []
        if failures:
            raise failures[0]
        return True

    def close(self, timeout: float) -> bool:
        """No job starts any more; True when what runs ended within ``timeout`` seconds."""
        with self._idle:
            self._closed = True
            self._waiting.clear()
        return self.drain(timeout)

    def _work(self, key: str) -> None:
        while True:
            with self._idle:
                job = self._waiting.pop(key, None)
                if job is None:
                    del self._running[key]
                    self._idle.notify_all()
                    return
                self._running[key] = monotonic()
            try:
                job.run()
            except BaseException as failure:
                with self._idle:
                    self._failures.append(failure)
