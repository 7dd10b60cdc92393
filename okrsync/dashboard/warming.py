"""Pages are made before anybody asks: all of them once, and those that people look at after something was written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from time import monotonic

import structlog

from okrsync.dashboard.making import Making, Mark, Wanted
from okrsync.errors import OkrsyncError

log = structlog.get_logger(__name__)

LOOK = 3.0
"""Seconds between two looks at whether something was written."""

RESTLESS = 60.0
"""Seconds that are waited at most for an end of the writing."""

EASE = 1.0
"""So many times as long as a page took, the next one is waited with: other work goes first …"""

REST = 4.0
"""… and so many times as long as all of them took, the next round: it takes a tenth of a processor at most."""


class Warming:
    """One thread from :meth:`begin` to :meth:`end`. First it works after a moment, once the daemon has started; later
    where nothing was written from one look to the next, and never while there is something ``weightier`` to do."""

    def __init__(self, making: Making, weightier: Callable[[], bool]) -> None:
        self._making, self._weightier = making, weightier
        self._ended = threading.Event()

    def begin(self) -> None:
        threading.Thread(target=self._run, name="warming", daemon=True).start()

    def end(self) -> None:
        """Nothing is begun any more; what is being made is not waited for."""
        self._ended.set()

    def _run(self) -> None:
        made: Mark | None = None  # that of the pages
        seen: Mark | None = None  # that of the last look
        since = monotonic()  # when the pages began to be older
        self._ended.wait(LOOK)
        while not self._ended.is_set():
            began, mark = monotonic(), self._mark()
            if mark is None or mark == made:
                since = monotonic()
            elif (made is None or mark == seen or monotonic() - since > RESTLESS) and not self._weightier():
                self._renew(self._making.lately() if made else self._making.doors())
                made = mark
            seen = mark
            self._making.tidy()
            self._ended.wait(max(LOOK, REST * (monotonic() - began)))

    def _mark(self) -> Mark | None:
        """None where the database does not answer, of which others speak."""
        try:
            return self._making.mark()
        except OkrsyncError:
            return None

    def _renew(self, pages: Iterable[Wanted]) -> None:
        for wanted in pages:
            began = monotonic()
            self._one(wanted)
            if self._ended.wait(EASE * (monotonic() - began)):
                return

    def _one(self, wanted: Wanted) -> None:
        try:
            self._making.renew(wanted)
        except OkrsyncError:
            pass  # what is asked for is gone, or the database is away: whoever asks again is told
        except Exception as fault:
            log.error("page not made", page=wanted.page.name, exc_info=fault)
