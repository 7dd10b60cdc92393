"""The parts of the daemon put together, and what it says of itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import structlog

from config import Config
from connectors import tally
from okrsync.alerting import Alarm
from okrsync.assess import freshness
from okrsync.connections import Connect, Connections
from okrsync.cycle import Clock, Halted
from okrsync.daemon import reloading, standing
from okrsync.daemon.halting import Halt
from okrsync.daemon.heart import BEAT, Heart
from okrsync.daemon.jobs import Jobs
from okrsync.daemon.maintenance import Window
from okrsync.daemon.memory import give_back
from okrsync.daemon.notify import Notifier
from okrsync.daemon.posting import KEY as REPORT
from okrsync.daemon.posting import Posting
from okrsync.daemon.reading import Reading, Token, cycles_of
from okrsync.daemon.rest import Rest
from okrsync.daemon.timetable import Plan, Timetable
from okrsync.daemon.upkeep import Accounts, forget
from okrsync.daemon.writing import Writing, calm
from okrsync.engine.threads import GRACE, ThreadEngine
from okrsync.errors import ConfigError, OkrsyncError
from okrsync.hooks.receiver import Receiver
from okrsync.model import Limit, Secret, SecretRef, SourceConfig, SourceState
from okrsync.store import Store, sources
from okrsync.sync import SourceResult, link
from okrsync.weekly import revealer

log = structlog.get_logger(__name__)

BEATING, SNAPSHOT, ALARM, RETENTION, MEMORY = "beat", "snapshot", "alarm", "retention", "memory"
"""Keys of jobs, and names in the timetable."""


class Daemon:
    """Runs from :meth:`start` to :meth:`stop`; implements the protocols of :mod:`okrsync.web.ports`.

    ``token`` tells a source's token by a digest: one that was refused is not sent again until it is another one (P20),
    an hour passed, or the configuration is read anew. ``reread`` is that reading; ConfigError where it is refused.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        *,
        connect: Connect,
        token: Token,
        clock: Clock,
        stop: threading.Event,
        reread: Callable[[], Config] | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self._store, self._clock, self._stop = store, clock, stop
        self._reread = reread or self.config
        self._read = reloading.Reading(config, clock())
        self._notifier = notifier or Notifier({}, 0)
        self._began = monotonic()
        self._halt = Halt(stop)
        self._engine = ThreadEngine()
        self._timetable = Timetable()
        self._jobs = Jobs(self._engine, self._timetable, clock, stop)
        self._connections = Connections(connect)  # of the cycles; writing back connects for itself
        self._rest = Rest(self.config, clock, self._halt, self._everything)
        self.reading = Reading(
            store,
            self.config,
            connections=self._connections,
            token=token,
            clock=clock,
            halt=self._halt,
            jobs=self._jobs,
            then=self._after_cycle,
        )
        self._heart = Heart(self._engine.running, self._tell_alive)
        self.writing = Writing(
            store,
            self.config,
            connect=connect,
            clock=clock,
            halt=self._halt,
            jobs=self._jobs,
            calm=self._calm,
            goes_on=self._heart.goes_on,
        )
        self.posting = Posting(store, self.config, clock=clock, stop=stop, jobs=self._jobs, acquainted=self._acquainted)
        self._accounts = Accounts(store, self._connections, token, clock)
        self._alarm = Alarm(store, self.config, self._reveal, clock=clock, stop=stop)
        self._server_token = self._revealed(config)
        self.receiver = Receiver(store, self.config, self._reveal, self, clock)

    def config(self) -> Config:
        """The configuration in force."""
        return self._read.config

    def server_token(self) -> Secret | None:
        """What requests have to bear, as it was when the configuration was read; None: nothing."""
        return self._server_token

    # ── life ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """The service manager is told that we are there; then every source is read at once, and by its own timetable
        from then on. Where many are, they keep the processors busy for a while."""
        config = self.config()
        with self._store.begin() as tx:
            sources.register(tx, config.sources)
        beat = BEAT if self._notifier.watchdog is None else min(BEAT, self._notifier.watchdog / 3)
        self._timetable.put(BEATING, Plan("UTC", timedelta(seconds=beat)), self._pulse)
        self._plan(config)
        self._timetable.start()
        log.info("running", sources=[source.id for source in config.sources])
        self._notifier.ready(self._status())
        if self._rest.now() is None:
            self._everything()

    def stop(self) -> bool:
        """True where all that ran came to its end in time; what did not holds no page that was not stored."""
        self._notifier.stopping()
        if not self._stop.is_set():
            self._stop.set()
        self._timetable.stop()
        ended = self._engine.close(GRACE)
        self._connections.close()
        log.info("stopped", clean=ended)
        return ended

    def reconfigure(self) -> None:
        """The configuration is read anew, in a moment; of several that ask at once, the last is served too."""
        self._jobs.submit("reload", self._reconfigure)

    def tell(self) -> None:
        """The state goes to the log, in a moment."""
        self._jobs.submit("state", self._tell)

    def maintenance(self) -> Window | None:
        """The maintenance that lasts, if any."""
        return self._rest.now()

    # ── what the HTTP side is told ───────────────────────────────────────────────────────────────────────────────────

    def alive(self) -> bool:
        return self._heart.alive()

    def ready(self) -> dict[str, object]:
        try:
            with self._store.read() as tx:
                fresh = freshness(tx, self.config(), self._clock())
        except OkrsyncError as fault:
            return {"ready": False, "why": str(fault)}
        states = [{"id": one.id, "state": one.state.value} for one in fresh.sources]
        if self._stop.is_set():
            return {"ready": False, "why": "stopping", "sources": states}
        window = self._rest.now()
        rests = {} if window is None else {"maintenance": {"until": window.end.isoformat(), "why": window.why}}
        return {"ready": True, "complete": fresh.complete, "sources": states, **rests}

    def skipped(self) -> Mapping[str, int]:
        return dict(self.reading.skipped)

    def requests(self) -> Mapping[str, int]:
        return tally.sent()

    def limits(self) -> Mapping[str, Sequence[Limit]]:
        return tally.limits()

    def due(self) -> Mapping[str, datetime]:
        times = {source.id: self._timetable.next(cycles_of(source.id)) for source in self._read.config.sources}
        return {source: at for source, at in times.items() if at is not None}

    def reload(self) -> tuple[bool, datetime]:
        return self._read.good, self._read.at

    def jobs(self) -> Mapping[str, float]:
        return self._engine.running()

    def deliveries(self) -> Mapping[tuple[str, str], int]:
        return self.receiver.counts()

    def touched(self, source: str, scopes: Collection[str] | None, items: Collection[str] = ()) -> None:
        """Something changed in these scopes (by id), or somewhere in the source (None); returns at once."""
        self.reading.touched(source, scopes, items)

    # ── what is due when ─────────────────────────────────────────────────────────────────────────────────────────────

    def _plan(self, config: Config) -> None:
        """Whatever has a timetable has that of this configuration."""
        zone, jitter = config.timezone, config.schedule.jitter
        for source in config.sources:
            plan = Plan(zone, source.every, source.cron, jitter)
            self._timetable.put(cycles_of(source.id), plan, partial(self._tick, source.id))
        midnight = Plan(zone, cron="0 0,1 * * *")  # a quiet day is pinned too; in some places one has no midnight
        self._timetable.put(SNAPSHOT, midnight, self._link_due)
        self._timetable.put(ALARM, Plan(zone, timedelta(minutes=1)), self._look_due)
        self._timetable.put(RETENTION, Plan(zone, cron=config.retention.cron, jitter=jitter), self._forget_due)
        self._timetable.put(MEMORY, Plan(zone, timedelta(minutes=1)), lambda: self._jobs.submit(MEMORY, give_back))
        if config.reports.weeks is None:
            self._timetable.drop(REPORT)
        else:
            self._timetable.put(REPORT, Plan(zone, cron=config.reports.cron), self._report_due)

    def _everything(self) -> None:
        """All sources are read, and what was missed meanwhile is made up for."""
        for source in self.config().sources:
            self.reading.soon(source.id)
        self._report_due()

    def _tick(self, source: str) -> None:
        if self._rest.now() is None:
            self.reading.tick(source)

    def _link_due(self) -> None:
        if self._rest.now() is None:
            self._jobs.submit("link", self._link)

    def _report_due(self) -> None:
        if self._rest.now() is None:
            self.posting.due()

    def _look_due(self) -> None:
        if self._rest.now() is None:
            self._jobs.submit(ALARM, self._look)

    def _forget_due(self) -> None:
        if self._rest.now() is None:
            self._jobs.submit(RETENTION, lambda: forget(self._store, self.config(), self._clock, self._halt))

    # ── jobs ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _after_cycle(self, source: SourceConfig, result: SourceResult) -> None:
        self._link_due()
        if result.state is SourceState.OK:
            self._accounts.look(source)

    def _link(self) -> None:
        self._goes_on()
        link(self._store, self.config(), self._clock)
        if not self._halt.is_set():
            self.writing.due()
            self._look_due()

    def _look(self) -> None:
        self._goes_on()
        again = self._alarm.look()
        if again is not None:
            self._jobs.at(ALARM, again, self._look_due)

    def _goes_on(self) -> None:
        """Out where work is to be left off: what the database kept from being done comes back by itself."""
        if self._halt.is_set():
            raise Halted

    def _calm(self, patience: float) -> bool:
        """Wait until no source is being read, as long as that is worth it; False where work is to be left off."""
        return calm(lambda: self.reading.busy, self._halt, patience)

    def _acquainted(self, patience: float) -> bool:
        """Wait until each source was read once, or failed, as long as that is worth it; False where work is to be left
        off."""
        unread = lambda: any(one.id not in self.reading.states for one in self.config().sources)  # noqa: E731
        return calm(unread, self._halt, patience) and self._calm(patience)

    def _pulse(self) -> None:
        """Handed on as all work is, so that where no work is done, there is no beat."""
        self._jobs.submit(BEATING, self._beat)

    def _beat(self) -> None:
        self._rest.now()
        self._heart.beat()

    def _tell_alive(self) -> None:
        self._notifier.alive(self._status())

    def _status(self) -> str:
        """One line for people who ask the service manager."""
        window = self._rest.now()
        if window is not None:
            return f"maintenance until {window.end:%Y-%m-%d %H:%M} UTC"
        names, states = sorted(source.id for source in self.config().sources), self.reading.states
        count = f"{len(names)} source{'s' if len(names) != 1 else ''}"
        down = ", ".join(name for name in names if states.get(name, SourceState.OK) is not SourceState.OK)
        return f"{count}, not read: {down}" if down else count

    # ── reading the configuration anew ───────────────────────────────────────────────────────────────────────────────

    def _reconfigure(self) -> None:
        """A good file takes effect with the next job of each kind; with any other, all stays as it is."""
        self._notifier.reloading()
        try:
            self._take_over()
        finally:
            self._notifier.ready(self._status())

    def _take_over(self) -> None:
        old = self.config()
        try:
            new, stays = reloading.in_force(old, self._reread())
            server_token = self._revealed(new)
        except ConfigError as fault:
            self._read = replace(self._read, good=False)
            log.error("not reloaded; the old configuration stays", error="; ".join(str(fault).splitlines()))
            return
        with self._store.begin() as tx:
            sources.register(tx, new.sources)
        self._read, self._server_token = reloading.Reading(new, self._clock()), server_token
        for name in reloading.gone(old, new):
            self._timetable.drop(cycles_of(name))
            self.reading.forget(name)
        self._plan(new)
        if stays:
            log.warning("needs a restart, and stays as it was until then", keys=list(stays))
        log.info("reloaded", path=str(new.path), sources=[source.id for source in new.sources])
        self.reading.forgive()
        anew = {source.id for source in reloading.changed(old, new)}
        for source in new.sources:
            if source.id in anew or self.reading.states.get(source.id) is not SourceState.OK:
                self.reading.soon(source.id)
        self._link_due()
        self._report_due()

    def _reveal(self, ref: SecretRef, option: str) -> Secret:
        """Secrets are looked up where the configuration in force names them, each time anew."""
        return revealer(self.config())(ref, option)

    def _revealed(self, config: Config) -> Secret | None:
        ref = config.server.token
        return None if ref is None else revealer(config)(ref, "token")

    # ── telling the state ────────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self) -> None:
        log.info("state", **standing.told(self, self._store, self._timetable.next, self._clock(), self._began))
