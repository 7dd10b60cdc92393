"""Count metrics: key results whose value is how many items a source finds for a query, read once a cycle of it.

A reading is written when the value moved, and again a day after the last one, so that a count that stands still is
known to be of today; in between a cycle writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from okrsync.errors import RateLimited, Rejected, ToolError
from okrsync.logs import neutral
from okrsync.model import Goals, GoalState, Json, KeyResult, Reading
from okrsync.ports import HasCounts
from okrsync.store import Store, meta, people

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)

AGAIN = timedelta(days=1)
"""How long a count that stands still is believed without a new reading."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a query was not counted; ``refused``: by the tool's own word, which no new try will change; ``until`` when it
    asked to wait."""

    why: str
    refused: bool = False
    until: datetime | None = None

    @classmethod
    def of(cls, fault: ToolError) -> Failure:
        until = fault.retry_at if isinstance(fault, RateLimited) else None
        return cls(neutral(str(fault)), isinstance(fault, Rejected), until)


def counted_by(goals: Goals, source: str, now: datetime) -> dict[str, list[KeyResult]]:
    """Query → the key results that it measures, of those that count in this source and still run: what one had reached
    at its end stays."""
    found: dict[str, list[KeyResult]] = {}
    for kr in goals.key_results.values():
        over = kr.window.end is not None and now >= kr.window.end
        if kr.metric.source == source and not over and kr.state not in (GoalState.DROPPED, GoalState.CLOSED):
            found.setdefault(kr.metric.query, []).append(kr)
    return found


def read_counts(
    store: Store, source: str, remote: object, goals: Goals, clock: Clock, breathe: Callable[[], None]
) -> None:
    """The key results that count in this source have a reading of now: one request a query, ``breathe`` before each.

    A query that the tool refuses, or a tool that fails, is told once, when that begins; the cycle goes on.
    """
    began = clock()
    wanted = counted_by(goals, source, began)
    if not wanted or not isinstance(remote, HasCounts):
        return
    with store.read() as tx:
        known = _known(tx, source)
    if any(failure.until is not None and began < failure.until for failure in known.values()):
        return
    counts: dict[str, int] = {}
    failures: dict[str, Failure] = {}
    for query in wanted:
        breathe()
        try:
            count = remote.count(query)
        except ToolError as fault:
            breathe()  # a process that is to end blames nobody for what it cut short
            failures[query] = Failure.of(fault)
            if not failures[query].refused:
                break  # the next one would only wait for the same
        else:
            if count is not None:
                counts[query] = count
    _remember(store, source, known, _now_known(source, wanted, counts, known, failures))
    _record(store, source, wanted, counts, clock())


def failures_of(tx: Connection, goals: Goals, now: datetime) -> dict[str, Failure]:
    """Key result → why it could not be counted when its source was last read."""
    found = {}
    for source in {kr.metric.source for kr in goals.key_results.values()} - {""}:
        failures = _known(tx, source)
        for query, key_results in counted_by(goals, source, now).items():
            if query in failures:
                found.update(dict.fromkeys((kr.id for kr in key_results), failures[query]))
    return found


def _now_known(
    source: str,
    wanted: Iterable[str],
    counts: Container[str],
    known: Mapping[str, Failure],
    failures: Mapping[str, Failure],
) -> dict[str, Failure]:
    """What fails now. What begins or ends is told, once; what was not asked, or not told, stays as it was."""
    now = {}
    for query in wanted:
        before, failed = known.get(query), failures.get(query)
        if failed is not None:
            now[query] = failed
            if before is None or before.refused != failed.refused:
                log.error("not counted", source=source, query=query, refused=failed.refused, error=failed.why)
        elif before is not None and query in counts:
            log.info("counted again", source=source, query=query)
        elif before is not None:
            now[query] = before
    return now


def _remember(store: Store, source: str, known: Mapping[str, Failure], now: Mapping[str, Failure]) -> None:
    if now != known:
        with store.begin() as tx:
            meta.set_meta(tx, _name(source), {query: _dumped(failure) for query, failure in now.items()})


def _dumped(failure: Failure) -> Json:
    return {**asdict(failure), "until": failure.until.isoformat() if failure.until else None}


def _known(tx: Connection, source: str) -> dict[str, Failure]:
    stored = meta.get_meta(tx, _name(source))
    entries = stored.items() if isinstance(stored, Mapping) else ()
    return {
        query: Failure(**{**one, "until": one["until"] and datetime.fromisoformat(one["until"])})
        for query, one in entries
        if isinstance(one, dict)
    }


def _name(source: str) -> str:
    return f"not counted:{source}"


def _record(
    store: Store, source: str, wanted: Mapping[str, Sequence[KeyResult]], counts: Mapping[str, int], now: datetime
) -> None:
    with store.read() as tx:
        readings = people.readings(tx)
    due = [
        Reading(kr.id, now, float(count), source)
        for query, count in counts.items()
        for kr in wanted[query]
        if _is_due(readings.get(kr.id, ()), source, count, now)
    ]
    if due:
        with store.begin() as tx:
            for reading in due:
                people.add_reading(tx, reading)


def _is_due(readings: Sequence[Reading], source: str, count: int, now: datetime) -> bool:
    """Whether the count moved, or was last written long ago. What a person recorded since holds until it moves."""
    own = [one for one in readings if one.by == source]
    if not own or own[-1].value != count:
        return True
    return readings[-1].by == source and now - own[-1].at >= AGAIN
