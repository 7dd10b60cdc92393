"""Cycles, objectives and key results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from okrsync.model.items import ItemKind


class GoalState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    DROPPED = "dropped"
    CLOSED = "closed"


class KeyResultKind(StrEnum):
    WORK = "work"
    METRIC = "metric"
    KEEP = "keep"
    MIXED = "mixed"


class Commitment(StrEnum):
    COMMITTED = "committed"
    ASPIRATIONAL = "aspirational"


class Relation(StrEnum):
    CONTRIBUTES = "contributes"
    SUPPORTS = "supports"


@dataclass(frozen=True, slots=True)
class Window:
    """``[start, end)`` in UTC. ``end`` is the midnight after the last day, in the configured time zone."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    id: str
    window: Window


@dataclass(frozen=True, slots=True)
class ItemRef:
    """An item or container named in the configuration, ``SOURCE-ID:KEY``."""

    source: str
    key: str

    def __str__(self) -> str:
        return f"{self.source}:{self.key}"


@dataclass(frozen=True, slots=True)
class MetricSource:
    """Where the readings of a metric come from: ``manual`` (``okrsync metric set``); ``asana_goal``: the metric of
    the goal that ``goal`` names (key ``goal:GID``); ``count``: how many items ``source`` finds for ``query``, which is
    in its own language (a JQL query, a GitHub search)."""

    kind: str = "manual"
    goal: ItemRef | None = None
    source: str = ""
    query: str = ""


Curve: TypeAlias = "str | tuple[tuple[datetime, float], ...]"  # "linear", "s", or dated shares (milestones)


@dataclass(frozen=True, slots=True)
class KeyResult:
    """One key result. ``window`` is its own or its cycle's, already resolved."""

    id: str
    objective: str
    title: str
    kind: KeyResultKind = KeyResultKind.WORK
    owner: str | None = None
    cycle: str | None = None
    window: Window = Window()
    state: GoalState = GoalState.APPROVED
    commitment: Commitment = Commitment.COMMITTED
    weight: float = 1.0
    counts: frozenset[ItemKind] = frozenset({ItemKind.TICKET})
    epics: tuple[ItemRef, ...] = ()
    containers: tuple[str, ...] = ()
    write_to: tuple[ItemRef, ...] = ()
    baseline: float | None = None
    target: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    metric: MetricSource = MetricSource()
    curve: Curve = "linear"
    stale_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    id: str
    title: str
    owner: str | None = None
    cycle: str | None = None
    window: Window = Window()
    parent: str | None = None
    relation: Relation = Relation.CONTRIBUTES
    weight: float = 1.0
    state: GoalState = GoalState.APPROVED


@dataclass(frozen=True, slots=True)
class Goals:
    """The goal tree, in the order of the configuration. Ids are unique over both maps, also after NFC and casefold."""

    cycles: Mapping[str, Cycle]
    objectives: Mapping[str, Objective]
    key_results: Mapping[str, KeyResult]
    timezone: str = "UTC"
