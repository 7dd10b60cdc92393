"""What is amiss: the conditions that hold, by what a look found, what is remembered, and what was told already. Pure.

What a look did not find out neither begins nor ends anything: a source that was not asked since the process began, a
goal of which nothing can be said for the moment, a gate that was not judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from config import AlertKind, Alerts
from okrsync.model import Json, SourceState, Status
from okrsync.store.sources import Heartbeat

Key: TypeAlias = tuple[AlertKind, str, str]

FINE = 2
LEVELS = {
    Status.OFF_TRACK: 0,
    Status.MISSED: 0,  # of an objective that runs: a key result of it is over
    Status.AT_RISK: 1,
    Status.ON_TRACK: FINE,
    Status.DONE: FINE,
    Status.ACHIEVED: FINE,
}
"""How a goal does; any other status says nothing of that."""

AT_ONCE = frozenset({SourceState.AUTH_FAILED, SourceState.NEEDS_CONFIRMATION})
"""States of a source that no waiting mends."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is amiss with a subject: a goal, a source, a gate. ``document`` holds its facts."""

    kind: AlertKind
    subject: str
    document: Mapping[str, Json] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What tells it from any other that may hold at the same time, or right after it."""
        match self.kind:
            case AlertKind.STATUS:
                turn = f"{self.document['from']} {self.document['to']}"
            case AlertKind.TOKEN:
                turn = str(self.document["expires_at"])
            case _:
                turn = ""
        return self.kind, self.subject, turn


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found. Of ``sources``, ``goals`` and ``gates`` these are all that are configured.

    ``heard``: attempts before it say nothing, for the process did not run then, or rested. ``running`` are the goals
    that are neither dropped, closed nor over. ``statuses`` are those that were published, None where nothing was since
    the look before; ``rulings`` the gates that were judged now: whether each holds, None where too little was there to
    tell, and its facts.
    """

    now: datetime
    heard: datetime
    sources: Mapping[str, Heartbeat] = field(default_factory=dict)
    tokens: Mapping[str, datetime] = field(
        default_factory=dict
    )  # source → the end of its token, in the configured time zone
    goals: Collection[str] = ()
    running: Collection[str] = ()
    statuses: Mapping[str, Status] | None = None
    gates: Collection[str] = ()
    rulings: Mapping[str, tuple[bool | None, Mapping[str, Json]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered from look to look: since when each source that is down is, and how each goal stood when
    something could last be said of it."""

    down: Mapping[str, datetime] = field(default_factory=dict)
    stood: Mapping[str, Status] = field(default_factory=dict)


def remembered(found: Found, memory: Memory) -> Memory:
    """What is to be known at the next look."""
    down = {source: since for source, one in found.sources.items() if (since := _since(source, one, memory))}
    told = {} if found.statuses is None else found.statuses
    judged = {goal: status for goal, status in told.items() if status in LEVELS}
    stood = {goal: status for goal, status in {**memory.stood, **judged}.items() if goal in found.running}
    return Memory(down, stood)


def conditions(found: Found, memory: Memory, standing: Collection[Condition], settings: Alerts) -> list[Condition]:
    """All that holds now: of what is ``standing`` whatever goes on, then what is new. ``memory`` is that of the look
    before."""
    holding = {one.key: one for one in standing if _goes_on(one, found)}
    new = [*_of_sources(found, memory, settings.after), *_of_tokens(found, settings.expiring)]
    new += [*_of_gates(found), *_of_goals(found, memory)]
    for one in new:
        holding.setdefault(one.key, one)
    return [one for one in holding.values() if one.kind in settings.on]


def _goes_on(one: Condition, found: Found) -> bool:
    """Whether what stands has not ended, as far as the look could tell."""
    match one.kind:
        case AlertKind.SOURCE:
            attempt = found.sources.get(one.subject)
            return attempt is not None and attempt.state is not SourceState.OK
        case AlertKind.TOKEN:
            return False  # each look finds it anew
        case AlertKind.GATE:
            holds, _ = found.rulings.get(one.subject, (None, None))
            return one.subject in found.gates and holds is not True
        case AlertKind.STATUS:
            level = _level(one.subject, found)
            before = LEVELS[Status(str(one.document["from"]))]
            return one.subject in found.running and (level is None or level < before)


def _of_sources(found: Found, memory: Memory, after: timedelta) -> Iterator[Condition]:
    for source, one in found.sources.items():
        since = _since(source, one, memory)
        if since is None or one.at is None or one.at < found.heard:
            continue
        if one.state in AT_ONCE or found.now - since >= after:
            facts: dict[str, Json] = {"state": one.state.value, "error": one.error, "down_since": _iso(since)}
            yield Condition(AlertKind.SOURCE, source, facts)


def _since(source: str, one: Heartbeat, memory: Memory) -> datetime | None:
    """Since when a source is down, as far as looks saw it; None where it is not."""
    if one.state in (SourceState.OK, SourceState.NEVER):
        return None
    known = memory.down.get(source)
    recovered = known is not None and one.last_success is not None and one.last_success > known
    return one.at if known is None or recovered else known


def _of_tokens(found: Found, expiring: timedelta) -> Iterator[Condition]:
    for source, end in found.tokens.items():
        if end - found.now <= expiring:
            yield Condition(AlertKind.TOKEN, source, {"expires_at": end.isoformat(), "ended": end <= found.now})


def _of_gates(found: Found) -> Iterator[Condition]:
    for gate, (holds, facts) in found.rulings.items():
        if holds is False:
            yield Condition(AlertKind.GATE, gate, facts)


def _of_goals(found: Found, memory: Memory) -> Iterator[Condition]:
    for goal in found.running:
        level, before = _level(goal, found), memory.stood.get(goal)
        if level is not None and before is not None and level < LEVELS[before]:
            assert found.statuses is not None, "a level follows from a status"
            yield Condition(AlertKind.STATUS, goal, {"from": before.value, "to": found.statuses[goal].value})


def _level(goal: str, found: Found) -> int | None:
    """How a goal does by what was published of it; None where nothing is said of that."""
    said = None if found.statuses is None else found.statuses.get(goal)
    return None if said is None else LEVELS.get(said)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
