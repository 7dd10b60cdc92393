"""What served no objective."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from okrsync.model import ItemKind, OrphanClass, VerdictKind
from okrsync.web.answers.common import Answer, Fresh


class Totals(Answer):
    """Items by verdict, and the effort of the period by what it served."""

    items: int
    traced: int
    exempt: int
    orphan: int
    unresolvable: int
    effort: float
    effort_share_traced: float | None
    effort_share_exempt: float | None
    effort_share_orphan: float | None
    effort_share_unresolvable: float | None


class Week(Answer):
    week: str
    whole: bool
    effort: float
    effort_share_orphan: float | None
    effort_share_exempt: float | None


class OrphanGroup(Answer):
    by: str
    name: str
    fix: str | None
    class_: OrphanClass | None = Field(alias="class")
    items: int
    effort: float
    suggestion: str | None


class OrphanItem(Answer):
    source: str
    key: str
    kind: ItemKind
    title: str
    url: str
    verdict: VerdictKind
    class_: OrphanClass | None = Field(alias="class")
    fix: str | None
    evidence: str | None
    effort: float
    team: str | None
    created_at: datetime
    updated_at: datetime


class OrphansAnswer(Fresh):
    sentence: str
    since: datetime
    totals: Totals
    trend: list[Week]
    group_count: int
    groups: list[OrphanGroup]
    item_count: int
    items: list[OrphanItem]
