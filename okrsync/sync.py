"""One cycle of one source: pull → store → parents from outside → histories → census; then the shared link job.

Reconcile, don't replay: whatever woke us, the current state is read, and every page is stored together with the cursor
after it. An error ends this source's cycle, never what was stored before it, and never another source.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from config import Config
from okrsync.assess import read_goals
from okrsync.errors import AuthError, ConfigError, OkrsyncError, Problem, RateLimited, Refused, Rejected, ToolError
from okrsync.linking import relink
from okrsync.model import Item, Scope, SourceConfig, SourceState
from okrsync.ports import Engine, HasGoals, HasHistory, HasMetadata, Job, Source
from okrsync.store import Store, goals, meta, pages, sources

log = structlog.get_logger(__name__)

HISTORY_BATCH = 1000  # ids in one call of an optional ability; what Jira's changelog/bulkfetch takes
FETCH_BATCH = 100
RETRY_AT = "retry_at"  # name of the value that holds until when a source asked to wait
MASS_SHARE, MASS_COUNT = 0.20, 10  # a census that would remove more than this of a source is refused (P24)

Connect = Callable[[SourceConfig], Source]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Options:
    full: bool = False  # forget the cursors, and take a census now
    allow_mass_delete: bool = False
    stop: threading.Event = field(default_factory=threading.Event)  # once set, a cycle ends with the page in hand


class _Halted(Exception):
    """The process is to end; what was stored so far stays."""


@dataclass(frozen=True, slots=True)
class SourceResult:
    """What one cycle of one source came to; the fields of DESIGN's ``sync`` answer."""

    id: str
    state: SourceState
    pulled: int
    changed: int
    requests: int
    seconds: float
    error: str = ""


class Watcher:
    """What long work tells while it runs; this one stays silent."""

    def started(self, source: str) -> None: ...

    def pulled(self, source: str, count: int, total: int | None) -> None: ...

    def stage(self, source: str, what: str) -> None: ...

    def ended(self, source: str) -> None: ...


def sync(
    store: Store,
    config: Config,
    chosen: Sequence[SourceConfig],
    *,
    connect: Connect,
    clock: Clock,
    engine: Engine,
    options: Options = Options(),
    watcher: Watcher | None = None,
) -> list[SourceResult]:
    """One cycle of each chosen source, then one link job for all; the results, in order.

    ConfigError, once all that is done, where a source cannot even be asked: its secret is missing, say.
    """
    results: dict[str, SourceResult] = {}
    problems: list[Problem] = []

    def job(source: SourceConfig) -> None:
        try:
            results[source.id] = reconcile(
                store, source, connect=connect, clock=clock, options=options, watcher=watcher or Watcher()
            )
        except ConfigError as fault:
            problems.extend(fault.problems)

    with store.begin() as tx:
        sources.register(tx, config.sources)
    for source in chosen:
        engine.submit(Job(f"reconcile:{source.id}", partial(job, source)))
    engine.drain()
    link(store, config, clock)
    if problems:
        raise ConfigError(problems)
    return [results[source.id] for source in chosen]


def link(store: Store, config: Config, clock: Clock) -> int:
    """The link job: how many verdicts it wrote; afterwards they, and the readings from goals of the tools, are those of
    what is stored."""
    with store.begin() as tx:
        judged = relink(tx, config, clock())
        read_goals(tx, config, clock())
    log.info("linked", judged=judged)
    return judged


def reconcile(
    store: Store,
    source: SourceConfig,
    *,
    connect: Connect,
    clock: Clock,
    options: Options,
    watcher: Watcher,
    before: SourceState = SourceState.NEVER,
) -> SourceResult:
    """One cycle of one source; a failure becomes its state and one line of the log.

    ``before`` is how the cycle before it in this process ended: an outage is told once. A cycle that ``options.stop``
    ended says nothing of the source. ConfigError where it cannot even be asked.
    """
    bound = log.bind(source=source.id)
    began = time.monotonic()
    cycle: _Cycle | None = None
    state, error = SourceState.OK, ""
    watcher.started(source.id)
    retry_at: datetime | None = None
    try:
        _keep_waiting(store, source, clock)
        cycle = _Cycle(store, source, connect(source), clock, options, watcher)
        cycle.run()
    except _Halted:
        state = before
    except ConfigError as fault:
        with store.begin() as tx:
            sources.mark(tx, source.id, SourceState.AUTH_FAILED, clock(), error=str(fault))
        raise
    except (ToolError, Refused) as fault:
        state, error = (before, "") if options.stop.is_set() else (_state_after(fault), str(fault))
        retry_at = fault.retry_at if isinstance(fault, RateLimited) else None
    finally:
        if cycle:
            cycle.remote.close()
        watcher.ended(source.id)
    halted = options.stop.is_set()
    if retry_at or not halted:  # the tool's wish outlives the process
        with store.begin() as tx:
            meta.set_meta(tx, f"{RETRY_AT}:{source.id}", retry_at.isoformat() if retry_at else None)
            if not halted:
                sources.mark(tx, source.id, state, clock(), error=error, success=state is SourceState.OK)
    result = SourceResult(
        id=source.id,
        state=state,
        pulled=cycle.pulled if cycle else 0,
        changed=cycle.changed if cycle else 0,
        requests=cycle.remote.requests() if cycle else 0,
        seconds=round(time.monotonic() - began, 3),
        error=error,
    )
    _tell(bound, before, result, halted=halted)
    return result


def _tell(bound: Any, before: SourceState, result: SourceResult, *, halted: bool) -> None:
    """One line a cycle. An outage is an error when it begins; what it says after that is for those who look closer."""
    ok = result.state is SourceState.OK
    if halted:
        event, report = "stopped", bound.info
    elif ok:
        event, report = "synced" if before in (SourceState.OK, SourceState.NEVER) else "recovered", bound.info
    else:
        event, report = "not synced", bound.debug if result.state is before else bound.error
    report(
        event,
        state=result.state.value,
        pulled=result.pulled,
        changed=result.changed,
        requests=result.requests,
        seconds=result.seconds,
        **({"error": result.error} if result.error else {}),
    )


def _keep_waiting(store: Store, source: SourceConfig, clock: Clock) -> None:
    """RateLimited, and nothing is sent, while a tool that asked us to wait still does (P13)."""
    with store.read() as tx:
        told = meta.get_meta(tx, f"{RETRY_AT}:{source.id}")
    retry_at = datetime.fromisoformat(told) if isinstance(told, str) else None
    if retry_at is not None and clock() < retry_at:
        until = f"{retry_at:%Y-%m-%d %H:%M:%S} UTC"
        raise RateLimited(f"{source.id}: the tool asked to wait until {until}; nothing was sent", retry_at=retry_at)


def _state_after(fault: OkrsyncError) -> SourceState:
    match fault:
        case AuthError():
            return SourceState.AUTH_FAILED
        case Refused():
            return SourceState.NEEDS_CONFIRMATION
        case Rejected():
            return SourceState.UNREACHABLE
        case _:
            return SourceState.DEGRADED


class _Cycle:
    """The steps of one cycle, over one connection to the tool."""

    def __init__(
        self, store: Store, source: SourceConfig, remote: Source, clock: Clock, options: Options, watcher: Watcher
    ) -> None:
        self.store = store
        self.source = source
        self.remote = remote
        self.clock = clock
        self.options = options
        self.watcher = watcher
        self.readable: list[Scope] = []
        self.new: set[str] = set()  # scopes of which nothing was known before this cycle
        self.pulled = 0
        self.changed = 0

    def run(self) -> None:
        self._scopes()
        self._metadata()
        self._pull()
        self._goals()
        refused = self._census()
        self._context()
        self._histories()
        if refused:
            raise refused

    def _scopes(self) -> None:
        scopes = self.remote.scopes()
        with self.store.begin() as tx:
            confirmed = self.options.allow_mass_delete
            sources.save_scopes(tx, self.source.id, scopes, self.clock(), confirmed=confirmed)
        self.readable = [scope for scope in scopes if scope.readable]
        if not self.readable:
            said = "; ".join(dict.fromkeys(f"{scope.key}: {scope.why}" for scope in scopes)) or "nothing is configured"
            raise Rejected(f"{self.source.id}: no project can be read ({said})")

    def _metadata(self) -> None:
        """Everything is read anew where that is asked for, or where what items are read by is not what it was."""
        key = f"metadata:{self.source.id}"
        said = dict(self.remote.metadata()) if isinstance(self.remote, HasMetadata) else {}
        with self.store.begin() as tx:
            known = meta.get_meta(tx, key)
            moved = isinstance(known, dict) and any(said.get(name) != value for name, value in known.items())
            if self.options.full or moved:
                sources.forget(tx, self.source.id)
            meta.set_meta(tx, key, said)

    def _pull(self) -> None:
        with self.store.read() as tx:
            since = sources.cursors(tx, self.source.id)
            unread = [scope for scope, cursor in since.items() if cursor is None]
            self.new = {scope for scope in unread if not pages.live_ids(tx, self.source.id, scope)}
        for page in self.remote.pull(since):
            with self.store.begin() as tx:
                saved = pages.save_page(tx, self.source.id, page, self.clock())
            self._count(saved)
            self.watcher.pulled(self.source.id, self.pulled, page.total)
            self._breathe()

    def _goals(self) -> None:
        """The goals that the tool keeps itself are those that it keeps now."""
        if isinstance(self.remote, HasGoals):
            found = self.remote.goals()
            with self.store.begin() as tx:
                goals.save_goals(tx, self.source.id, found)

    def _context(self) -> None:
        """Parents and blockers from outside the scope are read by id, level by level; one that cannot be read is
        remembered so, and one that nothing needs any more is forgotten."""
        asked: set[str] = set()
        while True:
            with self.store.read() as tx:  # what one level names may be known already, and old
                wanted = [
                    *pages.context_ids(tx, self.source.id),
                    *pages.missing_parents(tx, self.source.id),
                    *pages.missing_blockers(tx, self.source.id),
                ]
            batch = [remote_id for remote_id in dict.fromkeys(wanted) if remote_id not in asked]
            if not batch:
                break
            self.watcher.stage(self.source.id, "parents")
            for ids in _chunks(batch, FETCH_BATCH):
                self._breathe()
                found = list(self.remote.fetch(ids))
                hidden = sorted(set(ids) - {item.remote_id for item in found})
                found += self._bereaved(hidden)
                with self.store.begin() as tx:
                    saved = pages.save_context(tx, self.source.id, found, hidden, self.clock())
                self.changed += saved.changed
            asked.update(batch)
        with self.store.read() as tx:
            idle = pages.idle_context(tx, self.source.id)
        if idle:
            with self.store.begin() as tx:
                pages.tombstone(tx, self.source.id, idle, self.clock())

    def _bereaved(self, gone: Sequence[str]) -> list[Item]:
        """What named one of these as its parent or blocker, as it is now: a tool takes a deleted item out of others
        without updating them."""
        with self.store.read() as tx:
            ids = pages.naming(tx, self.source.id, gone)
        return list(self.remote.fetch(ids)) if ids else []

    def _histories(self) -> None:
        if not isinstance(self.remote, HasHistory):
            return
        while True:
            with self.store.read() as tx:
                ids = pages.stale_history(tx, self.source.id, HISTORY_BATCH)
            if not ids:
                return
            self._breathe()
            self.watcher.stage(self.source.id, "histories")
            histories = list(self.remote.history(ids))
            with self.store.begin() as tx:
                pages.save_history(tx, self.source.id, ids, histories)

    def _census(self) -> Refused | None:
        """What is stored and no longer there goes, confirmed by a direct read; what is there and was never told comes.

        What hangs on something unreadable is read anew: that may be gone by now, which a tool tells to nobody.
        Returns the refusal to believe that so much is gone.
        """
        counted = self._to_count()
        if not counted:
            return None
        self._breathe()
        self.watcher.stage(self.source.id, "census")
        with self.store.read() as tx:
            held = {scope.id: pages.live_ids(tx, self.source.id, scope.id) for scope in self.readable}
            clouded = pages.naming_unreadable(tx, self.source.id)
        doubtful: list[str] = []
        for scope in counted:
            doubtful += sorted(held[scope.id].symmetric_difference(self.remote.census(scope)))
        asked = list(dict.fromkeys([*doubtful, *clouded]))
        found = list(self.remote.fetch(asked)) if asked else []
        gone = sorted(set().union(*held.values()).intersection(doubtful) - {item.remote_id for item in found})
        refused = self._surprise(len(gone), sum(map(len, held.values())))
        found += [] if refused else self._bereaved(gone)
        moved = [item.remote_id for item in found if item.scope not in held]
        with self.store.begin() as tx:
            self.changed += pages.save_context(tx, self.source.id, found, (), self.clock()).changed
            pages.move_out(tx, self.source.id, moved, self.clock())
            if not refused:
                self.changed += pages.tombstone(tx, self.source.id, gone, self.clock())
                for scope in counted:
                    sources.census_done(tx, self.source.id, scope.id, self.clock())
        return refused

    def _to_count(self) -> list[Scope]:
        """The scopes whose census is due; what was read whole just now, from nothing, was counted by that."""
        with self.store.read() as tx:
            due = set(sources.census_due(tx, self.source.id, self.source.census, self.clock()))
        if new := self.new & due:
            with self.store.begin() as tx:
                for scope in new:
                    sources.census_done(tx, self.source.id, scope, self.clock())
        return [one for one in self.readable if self.options.full or (one.id in due and one.id not in self.new)]

    def _surprise(self, gone: int, total: int) -> Refused | None:
        if self.options.allow_mass_delete or not gone:
            return None
        if gone < total and gone <= max(MASS_COUNT, MASS_SHARE * total):
            return None
        return Refused(
            f"{self.source.id}: {gone} of {total} items are gone or hidden, too many to be believed; nothing was "
            "removed. Check the rights of the token; if they really are gone, type: "
            f"okrsync sync --source {self.source.id} --full --allow-mass-delete"
        )

    def _breathe(self) -> None:
        """Between two steps: on, or out where the process is to end."""
        if self.options.stop.is_set():
            raise _Halted

    def _count(self, saved: pages.Saved) -> None:
        self.pulled += saved.pulled
        self.changed += saved.changed


def _chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
