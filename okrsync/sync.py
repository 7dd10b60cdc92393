"""Cycles of sources side by side, then the link job that they share.

An error ends the cycle of its source, never what was stored before it, and never another source.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from config import Config
from okrsync.assess import read_goals
from okrsync.connections import Borrow, Connect, once
from okrsync.cycle import Clock, Cycle, Halted, Options, Watcher
from okrsync.errors import AuthError, ConfigError, OkrsyncError, Problem, RateLimited, Refused, Rejected, ToolError
from okrsync.linking import CONFIGURED, is_current, relink
from okrsync.model import Goals, SourceConfig, SourceState
from okrsync.ports import Engine, Job
from okrsync.publishing import publish
from okrsync.store import Store, meta, sources

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)

__all__ = [
    "Options",
    "SourceResult",
    "Watcher",
    "keep_waiting",
    "link",
    "reconcile",
    "retry_at",
    "sync",
    "wait_until",
]

RETRY_AT = "retry_at"  # name of the value that holds until when a source asked to wait


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
    retry_at: datetime | None = None  # before that the tool wants not to be asked
    unreadable: Mapping[str, str] = field(default_factory=dict)  # scopes that may not be read, by key → why


def sync(
    store: Store,
    config: Config,
    chosen: Sequence[SourceConfig],
    *,
    connect: Connect,
    clock: Clock,
    engine: Engine,
    options: Options | None = None,
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
                store,
                source,
                goals=config.goals,
                borrow=once(connect),
                clock=clock,
                options=options or Options(),
                watcher=watcher or Watcher(),
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
    what is stored, and so is what is published of the goals today."""
    with store.read() as tx:
        known = meta.get_meta(tx, CONFIGURED) == config.given
        read = any(kr.metric.goal for kr in config.goals.key_results.values())
        idle = known and not read and is_current(tx, config, clock())
    judged = 0
    if not idle:
        with store.begin() as tx:
            judged = relink(tx, config, clock())
            read_goals(tx, config, clock())
    log.info("linked", judged=judged)
    published = publish(store, config, clock())
    if published:
        log.info("published", goals=published)
    return judged


def reconcile(
    store: Store,
    source: SourceConfig,
    *,
    goals: Goals,
    borrow: Borrow,
    clock: Clock,
    options: Options,
    watcher: Watcher,
    before: SourceState = SourceState.NEVER,
) -> SourceResult:
    """One cycle of one source; a failure becomes its state and one line of the log.

    ``before`` is how the cycle before it in this process ended: an outage is told once. A cycle that ``options.stop``
    ended says nothing of the source, nor does one of a few scopes: how a source stands, and when it was read, is what
    whole cycles found. ConfigError where it cannot even be asked.
    """
    bound = log.bind(source=source.id)
    began = time.monotonic()
    cycle: Cycle | None = None
    state, error = SourceState.OK, ""
    watcher.started(source.id)
    again: datetime | None = None
    whole = options.scopes is None
    known = _scopes(store, source.id)
    try:
        with store.read() as tx:
            keep_waiting(tx, source.id, clock())
        with borrow(source) as remote:
            cycle = Cycle(store, source, remote, goals, clock, options, watcher)
            cycle.run()
    except Halted:
        state = before
    except ConfigError as fault:
        if whole:
            with store.begin() as tx:
                sources.mark(tx, source.id, SourceState.AUTH_FAILED, clock(), error=str(fault))
        raise
    except (ToolError, Refused) as fault:
        state, error = (before, "") if options.stop.is_set() else (_state_after(fault), str(fault))
        again = fault.retry_at if isinstance(fault, RateLimited) else None
    finally:
        watcher.ended(source.id)
    halted = options.stop.is_set()
    if again or (whole and not halted):  # the tool's wish outlives the process
        with store.begin() as tx:
            wait_until(tx, source.id, again)
            if whole and not halted:
                sources.mark(tx, source.id, state, clock(), error=error, success=state is SourceState.OK)
    found = _scopes(store, source.id)
    result = SourceResult(
        id=source.id,
        state=state,
        pulled=cycle.pulled if cycle else 0,
        changed=cycle.changed if cycle else 0,
        requests=cycle.requests if cycle else 0,
        seconds=round(time.monotonic() - began, 3),
        error=error,
        retry_at=again,
        unreadable={key: why for key, why in found.items() if why is not None},
    )
    _tell_scopes(bound, known, found)
    if whole or halted:
        _tell(bound, before, result, halted=halted)
    else:
        _tell_look(bound, result, len(options.scopes or ()))
    return result


def _scopes(store: Store, source: str) -> dict[str, str | None]:
    """The stored scopes of a source, by key; why one may not be read, None where it may."""
    with store.read() as tx:
        return {scope.key: None if scope.readable else scope.error for scope in sources.scopes(tx, source)}


def _tell_scopes(bound: Any, known: Mapping[str, str | None], found: Mapping[str, str | None]) -> None:
    """One line for each scope that may not be read any more, or may be read again."""
    for key, why in found.items():
        if why is not None and known.get(key) is None:
            bound.warning("not readable", scope=key, error=why)
        elif why is None and known.get(key) is not None:
            bound.info("readable again", scope=key)


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


def _tell_look(bound: Any, result: SourceResult, scopes: int) -> None:
    """One line for a look at what a webhook named, where there was something new; an outage is told by whole cycles."""
    failed = {"error": result.error} if result.error else {}
    tell = bound.info if result.changed else bound.debug
    tell("looked", scopes=scopes, changed=result.changed, requests=result.requests, seconds=result.seconds, **failed)


def keep_waiting(tx: Connection, source: str, now: datetime) -> None:
    """RateLimited, and nothing is sent, while a tool that asked us to wait still does (P13)."""
    asked = retry_at(tx, source)
    if asked is not None and now < asked:
        until = f"{asked:%Y-%m-%d %H:%M:%S} UTC"
        raise RateLimited(f"{source}: the tool asked to wait until {until}; nothing was sent", retry_at=asked)


def retry_at(tx: Connection, source: str) -> datetime | None:
    """Until when a tool asked to wait, if it did."""
    told = meta.get_meta(tx, f"{RETRY_AT}:{source}")
    return datetime.fromisoformat(told) if isinstance(told, str) else None


def wait_until(tx: Connection, source: str, at: datetime | None) -> None:
    """A tool asked to wait until then, or does not any more."""
    meta.set_meta(tx, f"{RETRY_AT}:{source}", at.isoformat() if at else None)


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
