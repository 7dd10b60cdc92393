"""Where each key result should stand by its plan, and where it stands, from the first week on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from config import Config
from okrsync.assess import freshness
from okrsync.history import burn_ups
from okrsync.model import GoalState, Point, Say
from okrsync.reports.common import (
    Speak,
    bar,
    freshness_line,
    freshness_sentence,
    head,
    iso,
    one_line,
    percent,
    points,
    table,
    text,
)
from okrsync.reports.sheet import Sheet
from rollup.span import WEEK

if TYPE_CHECKING:
    from sqlalchemy import Connection

COLUMNS = ("objective", "id", "title", "planned", "actual", "difference", "before", "weeks")
SHOWN = ("objective", "id", "title", "planned_word", "actual_word", "difference_word", "before_word")
BACK = timedelta(weeks=4)  # so long before, the difference is told beside
BEHIND = -0.1  # from here on it is shown in red


def answer(tx: Connection, config: Config, now: datetime, *, objectives: Collection[str] = ()) -> dict[str, Any]:
    """DESIGN's ``status --planned``: the key results that have begun, those that are farthest behind first."""
    goals = config.goals
    gone = (GoalState.DROPPED, GoalState.CLOSED)
    chosen = [
        kr
        for kr in goals.key_results.values()
        if kr.state not in gone and (not objectives or kr.objective in objectives)
    ]
    known = burn_ups(tx, config, now, only=[kr.id for kr in chosen])
    rows = [
        {"id": kr.id, "title": kr.title, "objective": kr.objective, **_told(known[kr.id])}
        for kr in chosen
        if known.get(kr.id)
    ]
    rows.sort(key=lambda row: (row["difference"] is None, row["difference"] or 0))
    return {**head(freshness(tx, config, now), config, now), "key_results": rows}


def _told(history: Sequence[Point]) -> dict[str, Any]:
    *past, last = history
    before = min(past, key=lambda one: abs(last.at - BACK - one.at), default=None)
    if before is not None and abs(last.at - BACK - before.at) > WEEK / 2:
        before = None
    return {
        "planned": last.planned,
        "actual": last.progress,
        "difference": _difference(last),
        "before": None if before is None else _difference(before),
        "weeks": [{"at": iso(one.at), "planned": one.planned, "actual": one.progress} for one in history],
    }


def _difference(point: Point) -> float | None:
    """By how much it is ahead of the plan; what exceeds its target is done, and no more ahead than that."""
    if point.progress is None or point.planned is None:
        return None
    return min(point.progress, 1.0) - point.planned


# ── how it is told ───────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a key result."""
    lead = (freshness_sentence(answer, speak),)
    rows = [
        {
            **row,
            "planned_word": percent(row["planned"], speak),
            "actual_word": percent(row["actual"], speak),
            "difference_word": points(row["difference"], speak),
            "before_word": points(row["before"], speak),
        }
        for row in answer["key_results"]
    ]
    title, nothing = speak(Say.of("sheet.title.planned")), speak(Say.of("planned.nothing"))
    return Sheet(title, lead, COLUMNS, rows, SHOWN, nothing)


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """A line a key result."""
    parts: list[RenderableType] = [freshness_line(answer, speak)]
    if not answer["key_results"]:
        return [*parts, Text(speak(Say.of("planned.nothing")))]
    names = ("key_result", "planned_word", "actual_word", "difference", "before_word")
    key_result, planned, actual, difference, before = (speak(Say.of(f"sheet.{name}")) for name in names)
    drawn = table(key_result, planned, actual, "", difference, before, numbers=(1, 2, 4, 5))
    for row in answer["key_results"]:
        behind = row["difference"] is not None and row["difference"] <= BEHIND
        drawn.add_row(
            one_line(Text.assemble(text(row["id"], "bold"), "  ", text(row["title"]))),
            percent(row["planned"], speak),
            percent(row["actual"], speak),
            bar(row["actual"]),
            Text(points(row["difference"], speak), style="red" if behind else ""),
            points(row["before"], speak),
        )
    return [*parts, "", drawn, "", text(speak(Say.of("planned.note")), "dim")]
