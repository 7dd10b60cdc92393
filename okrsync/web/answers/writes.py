"""Plans, runs and their writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from okrsync.model import WriteMode
from okrsync.web.answers.common import Answer, Fresh


class Write(Answer):
    id: int
    source: str
    target: str
    title: str | None
    url: str
    surface: str
    name: str
    before: Any
    after: Any
    why: str


class PlannedWrite(Write):
    mode: WriteMode
    objectives: list[str]
    approved_by: str | None
    approved_at: datetime | None


class PlanAnswer(Fresh):
    run: int | None
    modes: dict[str, WriteMode]
    resting: int = Field(description="new orphans that are left alone for a while")
    writes: list[PlannedWrite]


class Run(Answer):
    run: int
    at: datetime
    by: str
    kind: str
    undoes: int | None
    writes: int
    applied: int
    skipped: int
    failed: int
    undone: int
    replaced: int
    waiting: int
    drafts: int
    approved_by: list[str]


class RunsAnswer(Answer):
    run_count: int
    runs: list[Run]


class SettledWrite(Write):
    state: str
    error: str | None
    at: datetime | None
    approved_by: str | None
    approved_at: datetime | None


class RunAnswer(Answer):
    run: int
    at: datetime
    by: str
    kind: str
    undoes: int | None
    undone_by: list[int]
    writes: list[SettledWrite]
