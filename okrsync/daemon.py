"""``okrsync run``: the scheduler chooses, threads work, the store remembers (docs/running.md).

Every source has its own timetable and is read by one cycle at a time. When a cycle ends, one link job, shared by all,
judges what changed, and one write-back job plans, or applies what may be applied, where anything may be due. A source
that is down keeps its own thread busy and nobody else's.
"""

from __future__ import annotations

import gc
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from config import Config
from okrsync.assess import freshness
from okrsync.connections import Connect, Connections
from okrsync.cycle import Halted
from okrsync.engine.threads import GRACE, ThreadEngine
from okrsync.errors import ConfigError, OkrsyncError, Refused, Rejected
from okrsync.linking import standing
from okrsync.mailing import Mailing
from okrsync.model import SourceConfig, SourceState, WriteMode, WriteState
from okrsync.ports import Job
from okrsync.store import Store, journal, sources
from okrsync.sync import Options, Watcher, link, reconcile
from okrsync.weekly import revealer
from okrsync.writing import pausing
from okrsync.writing.applying import apply
from okrsync.writing.modes import modes
from okrsync.writing.outcome import Outcome
from okrsync.writing.plan import plan

log = structlog.get_logger(__name__)

BEAT = 10.0  # seconds between two heartbeats of the scheduler …
SILENCE = 60.0  # … and how long it may be silent before the daemon calls itself dead
PATIENCE = 60.0  # seconds for which writing back waits for sources that are being read: half a pull misleads
FIRST = 600.0  # and for which a report waits, once started, until every source was read or failed
REFUSED = 3600.0  # seconds for which a token that was refused is not sent again: it may have been a login page
NEAREST, FARTHEST = timedelta(seconds=1), timedelta(days=1)  # of a tick at the time that a tool named
REFRESH = 3600.0  # seconds after which time alone may have made a write due

Clock = Callable[[], datetime]
BY = "okrsync run"


class Daemon:
    """Runs from :meth:`start` to :meth:`stop`; implements :class:`okrsync.web.health.Pulse`.

    ``token`` tells a source's token by a digest: one that was refused is not sent again until it is another one (P20),
    or an hour later.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        *,
        connect: Connect,
        token: Callable[[SourceConfig], str],
        clock: Clock,
        stop: threading.Event,
    ) -> None:
        self._store, self._config = store, config
        self._connect, self._token, self._clock = connect, token, clock
        self._options = Options(stop=stop)
        self._connections = Connections(connect)  # of the cycles; writing back connects for itself
        self._engine = ThreadEngine()
        self._scheduler = BackgroundScheduler(timezone=ZoneInfo(config.timezone))
        self._states: dict[str, SourceState] = {}
        self._refused: dict[str, tuple[str, float]] = {}  # source → digest of the token that it refused, and when
        self._reading: set[str] = set()  # sources whose cycle runs
        self._done: tuple[object, ...] | None = None  # on what basis all that was due was planned or written
        self._standstill: pausing.Standstill | None = None  # the pause that was told of
        self._asked_for = 0  # the run whose confirmation was asked for
        self._mailing = Mailing(store, config, revealer(config), clock=clock, stop=stop)
        self._beat = monotonic()
        self.skipped: Counter[str] = Counter()
        """Ticks that found a cycle of their source waiting already."""

    # ── life ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Every source is read at once, then by its own timetable."""
        with self._store.begin() as tx:
            sources.register(tx, self._config.sources)
        for source in self._config.sources:
            self._scheduler.add_job(
                partial(self._tick, source),
                self._trigger(source),
                id=source.id,
                coalesce=True,
                misfire_grace_time=None,
            )
            self._tick(source)
        if self._config.reports.weeks is not None:
            self._scheduler.add_job(
                self._report_due,
                self._mailing.trigger(),
                id="report",
                coalesce=True,
                misfire_grace_time=None,
                max_instances=1,
            )
            self._report_due()  # what was missed meanwhile
        self._scheduler.add_job(self._live, IntervalTrigger(seconds=BEAT), misfire_grace_time=None)
        self._scheduler.start()
        log.info("running", sources=[source.id for source in self._config.sources])

    def stop(self) -> bool:
        """True where all that ran came to its end in time; what did not holds no page that was not stored."""
        self._options.stop.set()
        self._scheduler.shutdown(wait=False)
        ended = self._engine.close(GRACE)
        self._connections.close()
        log.info("stopped", clean=ended)
        return ended

    def _trigger(self, source: SourceConfig) -> Any:
        if source.cron is not None:
            return CronTrigger.from_crontab(source.cron, timezone=ZoneInfo(self._config.timezone))
        every = source.every or timedelta(minutes=5)
        return IntervalTrigger(seconds=every.total_seconds())

    # ── health ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def alive(self) -> bool:
        return monotonic() - self._beat < SILENCE

    def ready(self) -> dict[str, object]:
        try:
            with self._store.read() as tx:
                fresh = freshness(tx, self._config, self._clock())
        except OkrsyncError as fault:
            return {"ready": False, "why": str(fault)}
        states = [{"id": one.id, "state": one.state.value} for one in fresh.sources]
        if self._options.stop.is_set():
            return {"ready": False, "why": "stopping", "sources": states}
        return {"ready": True, "complete": fresh.complete, "sources": states}

    def _live(self) -> None:
        self._beat = monotonic()

    # ── jobs ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _tick(self, source: SourceConfig) -> None:
        """The timetable says that it is time; a cycle that waits already serves this tick too."""
        if not self._engine.submit(Job(f"reconcile:{source.id}", self._guarded(partial(self._reconcile, source)))):
            self.skipped[source.id] += 1
            log.warning("tick skipped", source=source.id, skipped=self.skipped[source.id])

    def _guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        """A job that fails says so, and the next one has its chance."""

        def run() -> None:
            try:
                work()
            except Halted:
                log.info("writing stopped")
            except OkrsyncError as fault:
                log.error("failed", error=str(fault))
            except Exception:
                log.exception("failed unexpectedly")

        return run

    def _reconcile(self, source: SourceConfig) -> None:
        before = self._states.get(source.id, SourceState.NEVER)
        token = self._digest(source)
        refused, at = self._refused.get(source.id, (None, 0.0))
        if token is not None and token == refused and monotonic() - at < REFUSED:
            return
        self._reading.add(source.id)
        try:
            result = reconcile(
                self._store,
                source,
                goals=self._config.goals,
                borrow=partial(self._connections.borrow, token=token or ""),
                clock=self._clock,
                options=self._options,
                watcher=Watcher(),
                before=before,
            )
        except ConfigError as fault:  # its secret is missing
            tell = log.debug if before is SourceState.AUTH_FAILED else log.error
            tell("not synced", source=source.id, state=SourceState.AUTH_FAILED.value, error=str(fault))
            self._states[source.id] = SourceState.AUTH_FAILED
            return
        finally:
            self._reading.discard(source.id)
        self._states[source.id] = result.state
        if result.state is not SourceState.OK:
            _sweep()
        if result.state is SourceState.AUTH_FAILED and token is not None:
            self._refused[source.id] = (token, monotonic())
        if not self._options.stop.is_set():
            if result.retry_at is not None:
                self._come_back(source, result.retry_at)
            self._engine.submit(Job("link", self._guarded(self._link)))

    def _come_back(self, source: SourceConfig, at: datetime) -> None:
        """A tick beside the timetable when the tool may be asked again; nobody waits for it in the meantime."""
        self._again(partial(self._tick, source), f"{source.id}, again", at)

    def _again(self, what: Callable[[], None], name: str, at: datetime) -> None:
        """Done then, beside the timetable; told again under the same name, it is done at the new time."""
        if self._options.stop.is_set():
            return
        self._scheduler.add_job(
            what,
            DateTrigger(datetime.now(UTC) + min(max(at - self._clock(), NEAREST), FARTHEST)),
            id=name,
            replace_existing=True,
            misfire_grace_time=None,
        )

    def _digest(self, source: SourceConfig) -> str | None:
        """Of its token as it is before the cycle; None where there is none, which the cycle tells."""
        try:
            return self._token(source)
        except ConfigError:
            return None

    def _link(self) -> None:
        link(self._store, self._config, self._clock)
        if not self._options.stop.is_set():
            self._write_back_due()

    def _write_back_due(self) -> None:
        self._engine.submit(Job("write back", self._guarded(self._write_back)))

    def _write_back(self) -> None:
        """A plan at the end of the cycle; what may be applied is, as far as nobody has to confirm it first. Nothing is
        computed where nothing changed since all that was due was done."""
        allowed = modes(self._config.writeback, {source.id for source in self._config.sources})
        if allowed <= {WriteMode.OFF} or not self._calm():
            return
        basis = self._basis()
        if basis == self._done:
            return
        self._done = None
        if allowed & {WriteMode.APPLY, WriteMode.DRAFT} and not self._paused():
            self._done = basis if self._apply() else None
            return
        made = plan(self._store, self._config, connect=self._connect, by=BY, now=self._clock())
        self._done = basis
        if made.run is not None:
            log.info("planned", run=made.run, writes=len(made.writes))

    def _paused(self) -> bool:
        """Whether nothing may be sent now; said once a pause."""
        with self._store.read() as tx:
            standstill = pausing.current(tx, self._config.writeback, self._clock())
        if standstill is not None and standstill != self._standstill:
            log.warning("paused", why=standstill.told)
        self._standstill = standstill
        return standstill is not None

    def _calm(self) -> bool:
        """Wait until no source is being read, as long as that is worth it; False where the process is to end."""
        patience = monotonic() + PATIENCE
        while self._reading and monotonic() < patience:
            if self._options.stop.wait(0.1):
                break
        return not self._options.stop.is_set()

    def _basis(self) -> tuple[object, ...]:
        """Another value whenever another plan may be due: by what is stored, what was not read, or the hour."""
        now = self._clock()
        with self._store.read() as tx:
            fresh = freshness(tx, self._config, now)
            said = journal.newest_approval(tx), pausing.current(tx, self._config.writeback, now)
            return standing(tx), fresh.late, fresh.unreadable, now.timestamp() // REFRESH, *said

    def _apply(self) -> bool:
        """Whether all that is due stands there now, or waits for a person or for its source."""
        try:
            run, outcomes = apply(
                self._store,
                self._config,
                connect=self._connect,
                clock=self._clock,
                by=BY,
                patient=True,
                watch=self._breathe,
                wait=self._options.stop.wait,
            )
        except Refused as fault:
            self._ask(str(fault))
            return True
        finally:
            _sweep()
        if outcomes:
            done = Counter(outcome.state.value for outcome in outcomes)
            log.info("applied", run=run, **done)
        if waiting := [outcome.until for outcome in outcomes if outcome.until is not None]:
            self._again(self._write_back_due, "write back, again", min(waiting))
        return all(outcome.state is WriteState.APPLIED or isinstance(outcome.fault, Rejected) for outcome in outcomes)

    def _breathe(self, _: Outcome) -> None:
        """Between two writes: on, or out where the process is to end."""
        if self._options.stop.is_set():
            raise Halted

    def _ask(self, sentence: str) -> None:
        """A person is asked once a run: the daemon holds the database, so it is stopped while somebody applies."""
        with self._store.read() as tx:
            run = journal.newest_run(tx)
        if run is not None and run.id != self._asked_for:
            self._asked_for = run.id
            log.warning("needs confirmation; stop okrsync run, apply, start it again", run=run.id, why=sentence)

    # ── the report of the week ───────────────────────────────────────────────────────────────────────────────────────

    def _report_due(self) -> None:
        self._engine.submit(Job("report", self._guarded(self._report)))

    def _report(self) -> None:
        """What is due is sent, once all sources were read; what fails comes back by itself."""
        if self._mailing.due() is None or not self._acquainted():
            return
        link(self._store, self._config, self._clock)
        again = self._mailing.send()
        if again is not None:
            self._again(self._report_due, "report, again", again)

    def _acquainted(self) -> bool:
        """Wait until each source was read once, or failed, as long as that is worth it; False where the process is to
        end."""
        patience = monotonic() + FIRST
        while len(self._states) < len(self._config.sources) and monotonic() < patience:
            if self._options.stop.wait(0.1):
                return False
        return self._calm()


def _sweep() -> None:
    """A connection that was closed leaves circles behind, and the collector comes by too seldom (see Session.store)."""
    gc.collect()
