"""Writing back after a link job: a plan, or its application as far as nobody has to confirm it first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from time import monotonic

import structlog

from config import Config
from okrsync.assess import freshness
from okrsync.connections import Connect
from okrsync.cycle import Clock, Halted
from okrsync.daemon.halting import Halt
from okrsync.daemon.jobs import Jobs
from okrsync.daemon.reading import sweep
from okrsync.errors import Refused, Rejected
from okrsync.linking import standing
from okrsync.model import WriteMode, WriteState
from okrsync.store import Store, journal
from okrsync.writing import pausing
from okrsync.writing.applying import apply
from okrsync.writing.modes import modes
from okrsync.writing.outcome import Outcome
from okrsync.writing.plan import plan

log = structlog.get_logger(__name__)

KEY = "write back"
BY = "okrsync run"
PATIENCE = 60.0  # seconds for which it waits for sources that are being read: half a pull misleads
REFRESH = 3600.0  # seconds after which time alone may have made a write due


class Writing:
    """The writes of this process. ``calm`` waits until no source is being read, ``goes_on`` hears that it is at
    work."""

    def __init__(
        self,
        store: Store,
        config: Callable[[], Config],
        *,
        connect: Connect,
        clock: Clock,
        halt: Halt,
        jobs: Jobs,
        calm: Callable[[float], bool],
        goes_on: Callable[[str], None],
    ) -> None:
        self._store, self._config = store, config
        self._connect, self._clock = connect, clock
        self._halt, self._jobs = halt, jobs
        self._calm, self._goes_on = calm, goes_on
        self._done: tuple[object, ...] | None = None  # on what basis all that was due was planned or written
        self._standstill: pausing.Standstill | None = None  # the pause that was told of
        self._asked_for = 0  # the run whose confirmation was asked for

    def due(self) -> None:
        """Something may have to be written."""
        self._jobs.submit(KEY, self.run)

    def run(self) -> None:
        """What may be applied is, or a plan is made. Nothing is computed where nothing changed since all that was due
        was done."""
        config = self._config()
        allowed = modes(config.writeback, {source.id for source in config.sources})
        if allowed <= {WriteMode.OFF} or not self._calm(PATIENCE):
            return
        basis = self._basis(config)
        if basis == self._done:
            return
        self._done = None
        if allowed & {WriteMode.APPLY, WriteMode.DRAFT} and not self._paused(config):
            self._done = basis if self._apply(config) else None
            return
        made = plan(self._store, config, connect=self._connect, by=BY, now=self._clock())
        self._done = basis
        if made.run is not None:
            log.info("planned", run=made.run, writes=len(made.writes))

    def _paused(self, config: Config) -> bool:
        """Whether nothing may be sent now; said once a pause."""
        with self._store.read() as tx:
            standstill = pausing.current(tx, config.writeback, self._clock())
        if standstill is not None and standstill != self._standstill:
            log.warning("paused", why=standstill.told)
        self._standstill = standstill
        return standstill is not None

    def _basis(self, config: Config) -> tuple[object, ...]:
        """Another value whenever another plan may be due: by what is stored or configured, what was not read, or the
        hour."""
        now = self._clock()
        with self._store.read() as tx:
            fresh = freshness(tx, config, now)
            said = journal.newest_approval(tx), pausing.current(tx, config.writeback, now)
            hour = now.timestamp() // REFRESH
            return standing(tx), fresh.late, fresh.unreadable, hour, *said, config

    def _apply(self, config: Config) -> bool:
        """Whether all that is due stands there now, or waits for a person or for its source."""
        try:
            run, outcomes = apply(
                self._store,
                config,
                connect=self._connect,
                clock=self._clock,
                by=BY,
                patient=True,
                watch=self._breathe,
                wait=self._halt.wait,
            )
        except Refused as fault:
            self._ask(str(fault))
            return True
        finally:
            sweep()
        if outcomes:
            done = Counter(outcome.state.value for outcome in outcomes)
            log.info("applied", run=run, **done)
        if waiting := [outcome.until for outcome in outcomes if outcome.until is not None]:
            self._jobs.at(KEY, min(waiting), self.due)
        return all(outcome.state is WriteState.APPLIED or isinstance(outcome.fault, Rejected) for outcome in outcomes)

    def _breathe(self, _: Outcome) -> None:
        """Between two writes: on, or out where the process is to end or a maintenance began."""
        self._goes_on(KEY)
        if self._halt.is_set():
            raise Halted

    def _ask(self, sentence: str) -> None:
        """A person is asked once a run: the daemon holds the database, so it is stopped while somebody applies."""
        with self._store.read() as tx:
            run = journal.newest_run(tx)
        if run is not None and run.id != self._asked_for:
            self._asked_for = run.id
            log.warning("needs confirmation; stop okrsync run, apply, start it again", run=run.id, why=sentence)


def calm(busy: Callable[[], bool], halt: Halt, patience: float) -> bool:
    """Wait until nothing is busy, as long as that is worth it; False where work is to be left off."""
    until = monotonic() + patience
    while busy() and monotonic() < until and not halt.is_set():
        halt.wait(0.1)
    return not halt.is_set()
