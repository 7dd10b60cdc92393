"""Objectives and key results."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias

from pydantic import Field

from okrsync.model import Flag, KeyResultKind, Relation, SourceState, Status
from okrsync.web.answers.common import Answer, Cause, Fresh

Day: TypeAlias = date


class StatusSource(Answer):
    id: str
    kind: str
    state: SourceState
    last_success: datetime | None
    items: int


class Forecast(Answer):
    probability: float | None
    date: Day | None


class Published(Answer):
    status: Status
    progress: float | None
    at: datetime


class Said(Answer):
    """What a person said of a goal in its tool."""

    status: str
    by: str
    at: datetime
    where: str
    url: str


class KeyResult(Answer):
    id: str
    title: str
    owner: str | None
    kind: KeyResultKind
    weight: float
    status: Status
    progress: float | None
    published: Published | None
    grade: float | None
    done: float | None
    scope: float | None
    unit: str | None
    estimated: float | None
    initial: float | None
    added: float | None
    removed: float | None
    cancelled: float | None
    baseline: float | None
    value: float | None
    target: float | None
    low: float | None
    high: float | None
    metric_unit: str | None
    read_at: datetime | None
    forecast: Forecast
    flags: list[Flag]
    cause: list[Cause]
    narrative: str | None
    narrative_clauses: list[Cause]
    override: Said | None


class Objective(Answer):
    id: str
    title: str
    owner: str | None
    cycle: str | None
    parent: str | None
    relation: Relation
    status: Status
    progress: float | None
    measured: str = Field(description="how many key results are measured, of how many: 2/3")
    done: float | None
    scope: float | None
    published: Published | None
    cause: list[Cause]
    narrative: str | None
    narrative_clauses: list[Cause]
    key_results: list[KeyResult]


class StatusAnswer(Fresh):
    at: datetime | None = Field(description="where it tells of the past: of which instant")
    day: date | None
    sources: list[StatusSource]
    objectives: list[Objective]
