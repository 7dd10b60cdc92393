"""The report of the week, as a job: made and sent once all sources were read."""

from __future__ import annotations

import threading
from collections.abc import Callable

from config import Config
from okrsync.cycle import Clock
from okrsync.daemon.jobs import Jobs
from okrsync.mailing import Mailing
from okrsync.store import Store
from okrsync.sync import link
from okrsync.weekly import revealer

KEY = "report"
FIRST = 600.0  # seconds for which a report waits, once started, until every source was read or failed


class Posting:
    """The reports of this process. ``acquainted`` waits until each source was read once, or failed."""

    def __init__(
        self,
        store: Store,
        config: Callable[[], Config],
        *,
        clock: Clock,
        stop: threading.Event,
        jobs: Jobs,
        acquainted: Callable[[float], bool],
    ) -> None:
        self._store, self._config, self._clock, self._stop = store, config, clock, stop
        self._jobs, self._acquainted = jobs, acquainted
        self._mailing: tuple[Config, Mailing] | None = None

    def due(self) -> None:
        """A report may be due: now, or since the process was down."""
        self._jobs.submit(KEY, self.run)

    def run(self) -> None:
        """What is due is sent; what fails comes back by itself."""
        config = self._config()
        if config.reports.weeks is None:
            return
        mailing = self._of(config)
        if mailing.due() is None or not self._acquainted(FIRST):
            return
        link(self._store, config, self._clock)
        again = mailing.send()
        if again is not None:
            self._jobs.at(KEY, again, self.due)

    def _of(self, config: Config) -> Mailing:
        """The mailing by this configuration, which remembers whom it could not reach."""
        if self._mailing is None or self._mailing[0] is not config:
            made = Mailing(self._store, config, revealer(config), clock=self._clock, stop=self._stop)
            self._mailing = config, made
        return self._mailing[1]
