"""The cycles of the sources: by their timetables, by webhooks, and when a tool said that it may be asked again.

Of a source there is one cycle at a time. What waits is one mark: that it is to be read, as a whole or in these scopes.
Whoever comes next reads it, so nothing piles up and nothing is lost.
"""

from __future__ import annotations

import gc
import threading
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import structlog

from config import Config
from okrsync.connections import Connections
from okrsync.cycle import Clock, Halted
from okrsync.daemon.halting import Halt
from okrsync.daemon.jobs import Jobs
from okrsync.daemon.touches import Touched, Touches
from okrsync.errors import ConfigError, StoreError
from okrsync.model import SourceConfig, SourceState
from okrsync.store import Store
from okrsync.sync import Options, SourceResult, Watcher, reconcile

log = structlog.get_logger(__name__)

REFUSED = 3600.0  # seconds for which a token that was refused is not sent again: it may have been a login page
NEAREST = timedelta(seconds=1)  # of a tick at the time that a tool named

Token = Callable[[SourceConfig], str]
"""A digest of a source's token as it is now; ConfigError where there is none."""


def cycles_of(source: str) -> str:
    """The key of its cycles."""
    return f"reconcile:{source}"


class Reading:
    """The sources as this process reads them. ``then`` is done after each cycle, in the thread of its job."""

    def __init__(
        self,
        store: Store,
        config: Callable[[], Config],
        *,
        connections: Connections,
        token: Token,
        clock: Clock,
        halt: Halt,
        jobs: Jobs,
        then: Callable[[SourceConfig, SourceResult], None],
    ) -> None:
        self._store, self._config = store, config
        self._connections, self._token, self._clock = connections, token, clock
        self._halt, self._jobs, self._then = halt, jobs, then
        self._lock = threading.Lock()
        self._due: set[str] = set()  # sources that are to be read as a whole
        self._touches = Touches()
        self._refused: dict[str, tuple[str, float]] = {}  # source → digest of the token that it refused, and when
        self._running: set[str] = set()
        self.states: dict[str, SourceState] = {}
        """How the last whole cycle of each source ended."""
        self.skipped: Counter[str] = Counter()
        """Ticks of each source that found one waiting already."""

    # ── what is to be read ───────────────────────────────────────────────────────────────────────────────────────────

    def tick(self, source: str) -> None:
        """The timetable says that it is time; where a whole cycle waits already, that one serves this tick too."""
        with self._lock:
            waits = source in self._due
            self._due.add(source)
            if waits:
                self.skipped[source] += 1
        if waits:
            log.warning("tick skipped", source=source, skipped=self.skipped[source])
        self._hand_on(source)  # whatever became of the one that waits

    def soon(self, source: str) -> None:
        """It is to be read as a whole, whether or not a tick said so: no tick is skipped where it waits already."""
        with self._lock:
            self._due.add(source)
        self._hand_on(source)

    def touched(self, source: str, scopes: Collection[str] | None, items: Collection[str]) -> None:
        """A webhook says that something changed there; it is read in a moment, or when it is its turn."""
        pause = self._touches.note(source, scopes, items)
        if pause is not None:
            self._jobs.after(f"touched:{source}", timedelta(seconds=pause), partial(self._heed, source))

    def forgive(self) -> None:
        """Tokens that were refused may be sent again: a person had a hand in it."""
        with self._lock:
            self._refused.clear()

    def forget(self, source: str) -> None:
        """It is not configured any more: nothing of it waits, and nobody is signed in to it."""
        with self._lock:
            self._due.discard(source)
            self._refused.pop(source, None)
            self.states.pop(source, None)
        self._touches.take(source)
        self._connections.drop(source)

    @property
    def busy(self) -> bool:
        """Whether any source is being read."""
        return bool(self._running)

    def running(self) -> frozenset[str]:
        """The sources that are being read."""
        with self._lock:
            return frozenset(self._running)

    def waiting(self) -> frozenset[str]:
        """The sources that are to be read."""
        with self._lock:
            return frozenset(self._due)

    def _heed(self, source: str) -> None:
        if self._touches.waits(source):
            self._hand_on(source)

    def _hand_on(self, source: str) -> None:
        """In a maintenance it stays a mark: at its end every source is read."""
        if not self._halt.is_set():
            self._jobs.submit(cycles_of(source), partial(self.run, source))

    # ── one cycle ────────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self, name: str) -> None:
        """What is to be read of a source is read; nothing is done where nothing is to be."""
        source = self._configured(name)
        if source is None:
            return
        if self._halt.is_set():
            raise Halted
        with self._lock:
            whole = name in self._due
            self._due.discard(name)
            self._running.add(name)
        touched = self._touches.take(name)
        try:
            if whole or touched is not None:
                self._read(source, touched, whole=whole)
        except StoreError:
            with self._lock:
                self._due.add(name)  # what was touched is among it
            raise
        finally:
            with self._lock:
                self._running.discard(name)
            if self._configured(name) is None:
                self.forget(name)  # it went meanwhile, and what the cycle knew of it goes too

    def _configured(self, name: str) -> SourceConfig | None:
        return next((one for one in self._config().sources if one.id == name), None)

    def _read(self, source: SourceConfig, touched: Touched | None, *, whole: bool) -> None:
        before = self.states.get(source.id, SourceState.NEVER)
        token = self._digest(source)
        refused, at = self._refused.get(source.id, (None, 0.0))
        if token is not None and token == refused and monotonic() - at < REFUSED:
            return
        narrow = None if whole or touched is None or touched.scopes is None else frozenset(touched.scopes)
        items = frozenset() if touched is None else frozenset(touched.items)
        try:
            result = reconcile(
                self._store,
                source,
                goals=self._config().goals,
                borrow=partial(self._connections.borrow, token=token or ""),
                clock=self._clock,
                options=Options(stop=self._halt, scopes=narrow, items=items),
                watcher=Watcher(),
                before=before,
            )
        except ConfigError as fault:  # its secret is missing
            tell = log.debug if before is SourceState.AUTH_FAILED else log.error
            tell("not synced", source=source.id, state=SourceState.AUTH_FAILED.value, error=str(fault))
            self.states[source.id] = SourceState.AUTH_FAILED
            return
        if result.state is not SourceState.OK:
            sweep()
        if narrow is None:
            self.states[source.id] = result.state
            if result.state is SourceState.AUTH_FAILED and token is not None:
                self._refused[source.id] = (token, monotonic())
        if self._halt.is_set():
            return
        if narrow is not None and result.state is SourceState.AUTH_FAILED:
            self.soon(source.id)  # a whole cycle finds out, and tells
        if result.retry_at is not None:
            self._come_back(source.id, result.retry_at)
        self._then(source, result)

    def _come_back(self, source: str, at: datetime) -> None:
        """A tick beside the timetable when the tool may be asked again; nobody waits for it in the meantime."""
        self._jobs.at(cycles_of(source), max(at, self._clock() + NEAREST), partial(self.soon, source))

    def _digest(self, source: SourceConfig) -> str | None:
        """Of its token as it is before the cycle; None where there is none, which the cycle tells."""
        try:
            return self._token(source)
        except ConfigError:
            return None


def sweep() -> None:
    """A connection that was closed leaves circles behind, and the collector comes by too seldom (see Session.store)."""
    gc.collect()
