"""What a look finds in the store. What cannot be another than at the look before is not asked again: a quiet daemon
asks for a few rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from config import Config
from okrsync.alerting.conditions import Found
from okrsync.errors import ConfigError
from okrsync.linking import standing
from okrsync.model import Gate, GoalState, Json, Measure, SourceState, Status
from okrsync.publishing import PUBLISHED
from okrsync.store import accounts, codec, snapshots, sources
from okrsync.store.meta import get_meta
from okrsync.store.sources import Heartbeat
from rollup.span import last_instant, local_day

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)

HOUR = timedelta(hours=1)
"""Gates are judged no more often: to judge coverage takes a second for each 100,000 items."""

LIGHT = frozenset({Measure.SYNC_SUCCESS, Measure.REVERTED_WRITES})
"""What is counted in no time, and changes though no link does."""

ENDED = frozenset({GoalState.DROPPED, GoalState.CLOSED})


@dataclass(frozen=True, slots=True)
class Marks:
    """As of what the last look was: what was published, what the gates were judged on, and when."""

    published: Json = None
    basis: tuple[object, ...] | None = None
    judged_at: datetime | None = None


def find(tx: Connection, config: Config, marks: Marks, now: datetime, heard: datetime) -> tuple[Found, Marks]:
    """What there is to know now, and the marks for the next look, once this one has come to its end."""
    published = get_meta(tx, PUBLISHED)
    statuses: dict[str, Status] | None = None
    if published != marks.published:
        statuses = {goal: one.status for goal, one in snapshots.newest(tx, now).items()}
    beats = sources.heartbeats(tx)
    known = {source.id: beats[source.id] for source in config.sources if source.id in beats}
    rulings, after = _rulings(tx, config, replace(marks, published=published), now, known)
    goals = config.goals
    found = Found(
        now=now,
        heard=heard,
        sources=known,
        tokens=token_ends(tx, config),
        goals={*goals.objectives, *goals.key_results},
        running=_running(config, now),
        statuses=statuses,
        gates={gate.id for gate in config.gates},
        rulings=rulings,
    )
    return found, after


def token_ends(tx: Connection, config: Config) -> dict[str, datetime]:
    """When the token of each source ends, as its tool tells, or else as people do."""
    said = {
        source.id: last_instant(source.token_expires, config.timezone)
        for source in config.sources
        if source.token_expires is not None
    }
    zone, ids = ZoneInfo(config.timezone), {source.id for source in config.sources}
    ends = {**said, **accounts.expiries(tx)}
    return {source: end.astimezone(zone) for source, end in ends.items() if source in ids}


def _running(config: Config, now: datetime) -> dict[str, None]:
    """The goals that are neither dropped nor closed, and whose window is not over; the key results of an objective
    after it."""
    goals, running = config.goals, dict[str, None]()
    for objective in goals.objectives.values():
        if objective.state not in ENDED:
            krs = [kr for kr in goals.key_results.values() if kr.objective == objective.id and kr.state not in ENDED]
            windows = {objective.id: objective.window} | {kr.id: kr.window for kr in krs}
            running |= dict.fromkeys(goal for goal, one in windows.items() if one.end is None or now < one.end)
    return running


# ── gates ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_Rulings = Mapping[str, tuple[bool | None, Mapping[str, Json]]]


def _rulings(
    tx: Connection, config: Config, marks: Marks, now: datetime, beats: Mapping[str, Heartbeat]
) -> tuple[_Rulings, Marks]:
    """The gates that may be judged otherwise than they were, judged, once an hour: those of what is linked where that,
    the day or the gates changed; none before each source was tried once."""
    at = marks.judged_at
    untried = any(one.state is SourceState.NEVER for one in beats.values())
    if not config.gates or untried or (at is not None and timedelta() <= now - at < HOUR):
        return {}, marks
    basis = (local_day(now, config.timezone), config.gates, config.teams, *standing(tx))
    due = [gate for gate in config.gates if basis != marks.basis or gate.measure in LIGHT]
    try:
        return _judge(tx, config, due, now), replace(marks, basis=basis, judged_at=now)
    except ConfigError as fault:
        log.error("gates not judged", error=str(fault))
        rest = [gate for gate in due if gate.sample is None]
        return _judge(tx, config, rest, now), replace(marks, basis=None, judged_at=now)


def _judge(tx: Connection, config: Config, gates: list[Gate], now: datetime) -> _Rulings:
    if not gates:
        return {}
    from okrsync.reports.gates import rulings
    from rollup.gates import Ruling

    holds = {Ruling.PASSED: True, Ruling.FAILED: False, Ruling.NO_DATA: None}
    told: dict[str, tuple[bool | None, Mapping[str, Json]]] = {}
    for judged, said in rulings(tx, config, now, [gate.id for gate in gates]):
        low, high = judged.interval or (None, None)
        facts: dict[str, Json] = {
            "value": judged.observed.share,
            "low": low,
            "high": high,
            "bound": "at_least" if judged.gate.at_least is not None else "at_most",
            "threshold": judged.gate.at_least if judged.gate.at_least is not None else judged.gate.at_most,
            "told": codec.dump_say(said),
        }
        told[judged.gate.id] = holds[judged.ruling], facts
    return told
