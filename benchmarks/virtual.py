"""An installation whose time is told: nothing waits, and each request takes as long as it is said to.

The connectors, their lanes and budgets, and what carries a run out are the real ones over real sockets; only
``time.monotonic`` and the waits are told. So the time that a run would take under a tool's limits is known without
spending it, and what depends on time (how long a look at the targets holds) happens as it would.

This module imports nothing of okrsync before the clock is in its place.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from ctypes import c_double
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from okrsync.writing.outcome import Outcome

OURS = ("connectors.", "okrsync.")
SIDE_BY_SIDE = "asana_"  # how the names of threads begin that send side by side, for the one that waits for them


@dataclass(frozen=True)
class Sent:
    """A request: from when to when, in seconds of the told clock."""

    began: float
    ended: float
    method: str
    path: str


class VirtualClock:
    """Seconds since the start. A thread that sends beside others has a time of its own, from when the first of them
    began; everybody else is where the farthest of all is. ``shared`` tells the same as an instant, to the sandbox."""

    def __init__(self, shared: c_double) -> None:
        self._shared, self._start = shared, shared.value
        self._front = self._base = 0.0
        self._own: dict[threading.Thread, float] = {}
        self._lock = threading.Lock()

    def __call__(self) -> float:
        thread = threading.current_thread()
        if not thread.name.startswith(SIDE_BY_SIDE):
            return self._front
        with self._lock:
            if thread not in self._own:
                if not any(other.is_alive() for other in self._own):
                    self._own.clear()
                    self._base = self._front
                self._own[thread] = self._base
            return self._own[thread]

    def pass_until(self, at: float) -> None:
        """It is so late for this thread, at least."""
        thread = threading.current_thread()
        with self._lock:
            if thread in self._own:
                self._own[thread] = max(self._own[thread], at)
            self._front = max(self._front, at)
            self._shared.value = self._start + self._front

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._start + self(), UTC)


class Stop(threading.Event):
    """A process that is never asked to end, and whose waits are over at once."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.pass_until(self._clock() + (timeout or 0.0))
        return False


def run(config: str, shared: Any, latency: float, line: Connection) -> None:
    """Do what each word on the line asks, and answer what it cost."""
    clock = VirtualClock(shared)
    real = time.monotonic

    def told() -> float:
        """The told time for whatever is ours; libraries wait for their own threads by the machine's."""
        caller: str = sys._getframe(1).f_globals["__name__"]
        return clock() if caller.startswith(OURS) else real()

    time.monotonic = told  # before any of ours that tells the time by it is imported
    Installation(config, clock, latency).obey(line)


class Installation:
    """One store and its commands."""

    def __init__(self, config: str, clock: VirtualClock, latency: float) -> None:
        from requests.adapters import HTTPAdapter
        from sqlalchemy import Engine, event

        from okrsync import logs
        from okrsync.cli.session import Session
        from okrsync.store import sources

        class Told(Session):
            def now(self) -> datetime:
                return clock.now()

        logs.configure(level=40)
        self.clock, self.sent = clock, list[Sent]()
        self.session = Told(config, stop=Stop(clock))
        self.counts: Counter[str] = Counter()
        event.listen(Engine, "commit", lambda *_: self.counts.update(["commits"]))
        event.listen(Engine, "after_cursor_execute", lambda *_: self.counts.update(["statements"]))
        send = HTTPAdapter.send

        def timed(adapter: HTTPAdapter, request: Any, *arguments: Any, **options: Any) -> Any:
            began = clock()
            try:
                return send(adapter, request, *arguments, **options)
            finally:
                clock.pass_until(began + latency)
                self.sent.append(Sent(began, began + latency, request.method, request.path_url))

        HTTPAdapter.send = timed  # type: ignore[method-assign]  # under the transport, so that its lanes come before
        with self.session.store.begin() as tx:
            sources.register(tx, self.session.config.sources)

    def obey(self, line: Connection) -> None:
        words: dict[str, Callable[[], Any]] = {
            "sync": self.sync,
            "plan": self.plan,
            "apply": self.apply,
            "undo": self.undo,
        }
        while (word := line.recv()) != "end":
            self.sent.clear()
            self.counts.clear()
            began, used, looked = self.clock(), time.process_time(), time.perf_counter()
            said = words[word]()
            cpu, wall = time.process_time() - used, time.perf_counter() - looked
            line.send(
                {
                    "said": said,
                    "seconds": self.clock() - began,
                    "cpu": cpu,
                    "wall": wall,
                    "rss": peak(),
                    "sent": list(self.sent),
                    **self.counts,
                }
            )

    def sync(self) -> str:
        from okrsync.connections import once
        from okrsync.sync import Options, Watcher, link, reconcile

        session = self.session
        (source,) = session.config.sources
        result = reconcile(
            session.store,
            source,
            goals=session.config.goals,
            borrow=once(session.connect),
            clock=session.now,
            options=Options(),
            watcher=Watcher(),
        )
        assert result.state == "ok", result.error
        link(session.store, session.config, session.now)
        return result.state

    def plan(self) -> list[tuple[str, str, str]]:
        """(object, surface, name) of each write; the others are saved for the next apply."""
        from okrsync.writing import plan

        session = self.session
        with session.linked():
            pass
        made = plan.plan(session.store, session.config, connect=session.connect, by="bench", now=session.now())
        assert not made.unread, made.unread
        return [(one.slot.remote_id, one.slot.surface.value, one.slot.name) for one in made.writes]

    def apply(self) -> dict[str, int]:
        """How the writes of the newest plan ended."""
        from okrsync.writing import applying

        session = self.session
        return self._until_done(
            lambda: applying.apply(
                session.store,
                session.config,
                connect=session.connect,
                clock=session.now,
                by="bench",
                confirmed=True,
                wait=session.stop.wait,
            )[1]
        )

    def undo(self) -> dict[str, int]:
        """How the writes ended that take back all that was applied."""
        from okrsync.store import journal
        from okrsync.writing import undoing

        session = self.session
        with session.store.read() as tx:
            applied = [one.id for one in journal.runs(tx) if one.applied]

        def back(run: int) -> Sequence[Outcome]:
            done = undoing.undo(
                session.store,
                session.config,
                run,
                connect=session.connect,
                clock=session.now,
                by="bench",
                wait=session.stop.wait,
            )
            assert not done.left, done.left[0]
            return done.outcomes

        return dict(sum((Counter(self._until_done(partial(back, run))) for run in applied), Counter()))

    def _until_done(self, step: Callable[[], Sequence[Outcome]]) -> dict[str, int]:
        """How the writes ended; what has to wait is gone on with when its turn comes, as the daemon does."""
        states = Counter[str]()
        while True:
            outcomes = step()
            later = [one.until for one in outcomes if one.state == "planned" and one.until is not None]
            states.update(one.state.value for one in outcomes if one.state != "planned")
            notes = Counter(one.note for one in outcomes if one.failed)
            assert not notes, notes.most_common(3)
            if not later:
                return dict(states)
            self.clock.pass_until(self.clock() + (max(later) - self.clock.now()) / timedelta(seconds=1))


def peak() -> float:
    """The most memory that this process ever held, in MB."""
    (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
