"""The answer: what all formats are made of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

import rollup
from config import Config
from okrsync.assess import freshness
from okrsync.exempted import reasons
from okrsync.model import ItemKind, Say, VerdictKind
from okrsync.reports.common import Page, Speak, head, iso, number, percent
from okrsync.reports.orphans.cuts import AGES, Cuts, beside, by_team, together
from okrsync.reports.orphans.items import LISTED, Listing
from okrsync.reports.orphans.mends import SHOWN, Mends
from okrsync.store.orphaned import orphans
from okrsync.worked import Worked, period_of, work_of
from rollup.cuts import whole
from rollup.effort import EffortReport, Week
from rollup.span import MICROSECOND
from rollup.worked import Period
from rollup.workload import Array

if TYPE_CHECKING:
    from sqlalchemy import Connection

VERDICTS = (VerdictKind.TRACED, VerdictKind.EXEMPT, VerdictKind.ORPHAN, VerdictKind.UNRESOLVABLE)
CUTS = ("team", "source", "project", "age")


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """What the report is made of, whatever is asked of it: all work, the orphans (``store.orphaned``), and why work is
    exempt, with the place of its ``reason`` for each row of the work."""

    worked: Worked
    orphans: Array
    reasons: Sequence[Say]
    reason: Array

    @classmethod
    def read(cls, tx: Connection, config: Config, worked: Worked) -> Basis:
        found = orphans(tx)
        known = np.isin(found["uid"], worked.work["uid"])  # what came since the work was read is of the next moment
        return cls(worked, found[known], *reasons(tx, config, worked.work))

    def of(self, worked: Worked) -> Basis:
        """The same, of the same work in another period."""
        return replace(self, worked=worked)


def answer(
    tx: Connection,
    config: Config,
    now: datetime,
    speak: Speak,
    *,
    group_by: str,
    since: datetime | None,
    team: str | None,
    sources: Collection[str] | None,
    projects: Collection[str] | None = None,
    age: str | None = None,
    assignee: str | None = None,
    listed: Collection[VerdictKind] = LISTED,
    brief: bool = False,
    page: Page | None = None,
    groups_page: Page | None = None,
    basis: Basis | None = None,
) -> dict[str, Any]:
    """DESIGN's ``orphans``; ``since`` is a local day, by default the first of the current cycle; ``projects`` are named
    ``SOURCE:KEY``, ``age`` is one of AGES, and ``listed`` tells of which verdicts the items are. A ``brief`` answer
    lists no items, and says how to mend no more groups than a terminal shows; with a ``page`` it holds no more of
    either, of groups those of ``groups_page`` where that is given. How many there are of each is told all the same.
    ``basis`` is what all of that is made of, where it was read already.

    ``now`` may lie in the past: the effort until then is told by the links of then, the items by what they are today.
    """
    by_assignee = config.reports.by_assignee
    if basis is None:
        work = work_of(tx, config, period_of(config, now, since), by_assignee=by_assignee)
        basis = Basis.read(tx, config, work)
    worked = basis.worked.only(
        team=team,
        sources=sources,
        projects=projects,
        age=None if age is None else AGES.index(age),
        assignee=assignee,
    )
    effort = rollup.orphan_share(worked.work, config.thresholds)
    part = whole(worked.work, effort)
    mends = Mends(tx, basis.orphans, worked, effort)
    cuts = Cuts(tx, config, worked, effort, mends, speak)
    names = (*CUTS, "assignee") if by_assignee else CUTS
    few = Page(0, SHOWN) if brief else groups_page or page
    groups, count = mends.groups(config, now, speak, few) if group_by == "fix" else cuts.groups(group_by)
    items = Listing(tx, worked, effort, listed)
    return {
        **head(freshness(tx, config, now), config, now),
        **_told(config, worked.period, effort, part, cuts.trend(), speak),
        "group_count": count,
        "groups": groups if brief or few is None or group_by == "fix" else few.of(groups),
        "cuts": {name: cuts.rows(name) for name in names},
        "exempt": _exempt(basis, worked, effort, speak),
        "item_count": len(items),
        "items": [] if brief else items.rows(config, now, speak, page),
    }


def summary(config: Config, worked: Worked, speak: Speak) -> dict[str, Any]:
    """The sentence, the totals and the trend of :func:`answer`, of all work that was read for it."""
    effort = rollup.orphan_share(worked.work, config.thresholds)
    weeks = together(by_team(worked, config.thresholds))
    return _told(config, worked.period, effort, whole(worked.work, effort), weeks, speak)


def _told(
    config: Config, period: Period, effort: EffortReport, part: rollup.Part, weeks: Sequence[Week], speak: Speak
) -> dict[str, Any]:
    start = period.since.astimezone(ZoneInfo(config.goals.timezone))
    return {
        "sentence": speak(_sentence(effort, f"{start:%Y-%m-%d}", speak)),
        "since": iso(period.since),
        "totals": _totals(part),
        "trend": [
            _week(week, over=end <= period.until + MICROSECOND)
            for week, (_, end) in zip(weeks, period.ends, strict=False)  # no work, no weeks
        ],
    }


def _sentence(effort: EffortReport, since: str, speak: Speak) -> Say:
    spent = effort.spent
    if not spent.total:
        return Say.of("report.sentence_none", since=since)
    return Say.of(
        "report.sentence",
        share=percent(spent.orphan_share, speak),
        since=since,
        orphan=number(spent.orphan, speak),
        total=number(spent.total, speak),
        items=effort.orphans,
        of=effort.tickets,
    )


def _totals(part: rollup.Part) -> dict[str, Any]:
    """How many items there are, by verdict; the effort of the period, by what it served, with shares of all of it; and
    what is counted beside it."""
    spent, total = part.spent, part.spent.total
    return {
        "items": sum(part.items.values()),
        **{kind.value: part.items[kind] for kind in VERDICTS},
        "effort": total,
        **{f"effort_share_{kind}": getattr(spent, kind) / total if total else None for kind in VERDICTS},
        "pull_requests": beside(part, ItemKind.PULL_REQUEST),
        "commits": beside(part, ItemKind.COMMIT),
    }


def _week(week: Week, *, over: bool) -> dict[str, Any]:
    spent = week.spent
    return {
        "week": week.name,
        "whole": over,
        "effort": spent.total,
        "effort_share_orphan": spent.orphan_share,
        "effort_share_exempt": spent.exempt_share,
    }


def _exempt(basis: Basis, worked: Worked, effort: EffortReport, speak: Speak) -> list[dict[str, Any]]:
    """The exempt work by its reason, the most effort first; shares are of all effort."""
    parts = rollup.cut(worked.work, effort, basis.reason, len(basis.reasons))
    total = effort.spent.total
    rows = [
        {
            "reason": speak(reason),
            "items": part.items[VerdictKind.EXEMPT],
            "effort": part.spent.exempt,
            "share": part.spent.exempt / total if total else None,
        }
        for reason, part in zip(basis.reasons, parts, strict=True)
        if part.items[VerdictKind.EXEMPT]
    ]
    return sorted(rows, key=lambda row: (-row["effort"], -row["items"], row["reason"]))
