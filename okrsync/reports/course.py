"""How a key result came to where it is and where it is likely to lead: the numbers behind the large drawing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from config import Config
from okrsync.assess import Assessment
from okrsync.model import KeyResult, KeyResultKind, Point
from okrsync.reports.common import iso
from okrsync.store import past, people, tickets
from rollup.band import Stage, band
from rollup.burn_up import burn_up, moments, planned
from rollup.churn import Group, churn
from rollup.lines import share_to_reach
from rollup.narrative import JUDGED
from rollup.scope import Scope
from rollup.span import EPSILON, Span

if TYPE_CHECKING:
    from sqlalchemy import Connection

READ = frozenset({KeyResultKind.METRIC, KeyResultKind.MIXED})
NAMED = 20
"""Items of a change that are named."""

WORKED = frozenset({KeyResultKind.WORK, KeyResultKind.MIXED})


def answer(tx: Connection, config: Config, assessment: Assessment, kr: KeyResult, scope: Scope) -> dict[str, Any]:
    """The points of its burn-up, with one at its beginning; what came into its scope and left it; its readings; and
    where a chance is published of it, the band of what is likely from now on. ``scope`` is the one of now."""
    now, zone, thresholds = assessment.now, config.goals.timezone, config.thresholds
    known, readings = past.read(tx, config.goals, [kr.id]), people.readings(tx).get(kr.id, [])
    begun = kr.window.start
    points = burn_up(kr, known, readings, thresholds, now, zone)
    if begun is not None and points and begun < points[0].at:
        points = (*burn_up(kr, known, readings, thresholds, begun, zone), *points)
    changes = churn(kr, known, thresholds, now, zone) if kr.kind in WORKED else ()
    groups = [group for one in changes for group in (one.added, one.removed, one.cancelled)]
    keys = tickets.keys(tx, {uid for group in groups for uid in group.uids[:NAMED]})
    forecast = assessment.progress[kr.id].forecast
    likely: tuple[Stage, ...] = ()
    if kr.kind is KeyResultKind.WORK and forecast is not None and forecast.probability is not None:
        likely = band(kr, scope, Span(kr.window, now), thresholds, zone)
    return {
        "now": iso(now),
        "window": {"start": iso(begun), "end": iso(kr.window.end)},
        "share": share_to_reach(kr, thresholds),
        "plan": [{"at": iso(at), "planned": share} for at, share in _plan(kr, config)],
        "points": [as_point(one) for one in points],
        "changes": [
            {
                "since": iso(one.since),
                "until": iso(one.until),
                **{name: _group(getattr(one, name), keys) for name in ("added", "removed", "cancelled")},
            }
            for one in changes
        ],
        "readings": [
            {"at": iso(read.at), "value": read.value, "by": read.by, "why": read.why or None}
            for read in sorted(readings, key=lambda read: read.at)
            if _counts(kr, read.at, now)
        ],
        "trend": [{"at": iso(at), "progress": share} for at, share in _trend(kr, config, assessment)],
        "band": [
            {"at": iso(stage.at), "low": stage.low, "middle": stage.middle, "high": stage.high} for stage in likely
        ],
    }


def as_point(point: Point) -> dict[str, Any]:
    """One of a burn-up, as answers hold it."""
    return {
        "at": iso(point.at),
        "progress": point.progress,
        "planned": point.planned,
        "done": point.done,
        "scope": point.scope,
        "value": point.value,
    }


def _plan(kr: KeyResult, config: Config) -> list[tuple[datetime, float]]:
    """What the plan expects, from the beginning of the window to its end; empty where it has not both."""
    start, end = kr.window.start, kr.window.end
    if start is None or end is None or end <= start:
        return []
    between = [at for at in moments(kr, start, end, config.goals.timezone)[:-1] if at > start]
    told = ((at, planned(kr, Span(kr.window, at), config.thresholds)) for at in (start, *between, end))
    return [(at, share) for at, share in told if share is not None]


def _trend(kr: KeyResult, config: Config, assessment: Assessment) -> list[tuple[datetime, float]]:
    """Where a metric leads if it goes on as it did, measured by its curve, as its draft tells it; empty where no pace
    is judged."""
    now, known = assessment.now, assessment.progress[kr.id]
    if kr.kind not in READ or known.status not in JUDGED or known.progress is None:
        return []
    due = planned(kr, Span(kr.window, now), config.thresholds)
    if due is None or due <= EPSILON:
        return []
    ahead = [(at, share) for at, share in _plan(kr, config) if at > now]
    return [(at, known.progress / due * share) for at, share in [(now, due), *ahead]]


def _counts(kr: KeyResult, at: datetime, now: datetime) -> bool:
    return at <= now and (kr.window.end is None or at < kr.window.end)


def _group(group: Group, keys: dict[int, str]) -> dict[str, Any]:
    return {"count": group.count, "items": [keys[uid] for uid in group.uids[:NAMED]]}
