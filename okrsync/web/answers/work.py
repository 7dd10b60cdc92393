"""Gaps, the backlog, where the effort went, and the way of one item."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from okrsync.model import GapKind, ItemKind, OrphanClass, RuleName, Severity, State, Status, VerdictKind
from okrsync.web.answers.common import Answer, Fresh


class Group(Answer):
    by: str
    name: str


class Gap(Answer):
    kind: GapKind
    severity: Severity
    subject: str
    evidence: str
    fix: str
    steps: list[str]
    typed: str | None
    since: datetime | None
    items: list[str]
    groups: list[str]


class GapsAnswer(Fresh):
    all: int = Field(description="how many gaps there are, whatever was asked for")
    gap_count: int = Field(description="how many of them were asked for")
    groups: list[Group]
    gaps: list[Gap]


class BacklogObjective(Answer):
    id: str
    title: str
    status: Status
    open: int


class BacklogItem(Answer):
    rank: int
    why: str
    objective: str | None
    key_result: str | None
    source: str
    key: str
    kind: ItemKind
    title: str
    url: str
    status: State
    team: str | None
    due: date | None
    age_days: int
    also: list[str]


class BacklogAnswer(Fresh):
    objectives: list[BacklogObjective]
    unlinked: int
    items: list[BacklogItem]


class EffortTotals(Answer):
    effort: float
    traced: float
    exempt: float
    orphan: float
    unresolvable: float
    coverage: float | None


class EffortGroup(Group):
    title: str | None
    status: Status | None
    above: str | None
    effort: float
    share: float | None
    coverage: float | None
    effort_share: float | None
    weight_share: float | None
    difference: float | None
    owner: str | None = Field(None, description="the team or the value stream; null where it is none")
    verdicts: dict[str, float] | None = Field(
        None, description="of a team or a value stream, the effort of each verdict"
    )
    goals: list[dict[str, Any]]


class EffortAnswer(Fresh):
    since: datetime
    day: date
    group_by: str
    totals: EffortTotals
    groups: list[EffortGroup]


class Hop(Answer):
    kind: str
    source: str
    key: str
    title: str
    hop: str | None
    url: str
    why: str | None
    since: datetime | None


class Link(Answer):
    target: str
    rule: RuleName
    evidence: str
    since: datetime | None
    path: list[Hop]


class Break(Answer):
    source: str
    key: str
    title: str
    url: str
    why: str
    fix: str


class TraceAnswer(Fresh):
    source: str
    key: str
    kind: ItemKind
    title: str
    url: str
    verdict: VerdictKind | None = Field(description="null for an item outside the configured scope")
    class_: OrphanClass | None = Field(alias="class")
    exemption: str | None
    links: list[Link]
    lost: list[Link]
    broken_at: Break | None
