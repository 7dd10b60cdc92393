"""Objectives and key results: progress, status, cause, forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

import rollup
from config import Config
from okrsync.assess import Assessment, assess
from okrsync.history import look_back
from okrsync.model import KeyResult, Objective, ObjectiveProgress, Progress, Say, Snapshot
from okrsync.overriding import Override, overrides
from okrsync.reports.common import (
    Speak,
    bar,
    freshness_line,
    freshness_sentence,
    head,
    indented,
    instant,
    iso,
    number,
    percent,
    status_text,
    text,
)
from okrsync.reports.narrative import Narratives, as_answer, draft, drawn, narratives
from okrsync.reports.sheet import Sheet
from okrsync.store import past
from rollup.span import last_instant, local_day

if TYPE_CHECKING:
    from sqlalchemy import Connection

STATUS, PROGRESS = 21, 18  # columns; what is measured takes the rest
VALUE_DIGITS = 3  # decimals of a metric
GOAL_STATUSES = frozenset({"on_track", "at_risk", "off_track", "achieved", "partial", "missed", "dropped"})
"""What people may say of a goal in its tool."""


def asked(
    tx: Connection,
    config: Config,
    now: datetime,
    speak: Speak,
    *,
    only: Sequence[str] = (),
    at: datetime | None = None,
    told: bool = True,
) -> dict[str, Any]:
    """The :func:`answer` from what is stored, of now or ``at`` an instant of the past; ``told`` with the drafts."""
    if at is None:
        assessment, published = assess(tx, config, now), None
    else:
        assessment, published = look_back(tx, config, at, now)
    drafts = (
        narratives(tx, config, assessment, past=None if at is None else past.read(tx, config.goals)) if told else None
    )
    said = overrides(tx, config) if at is None else {}
    return answer(config, assessment, speak, only=only, at=at, published=published, told=drafts, overrides=said)


def answer(
    config: Config,
    assessment: Assessment,
    speak: Speak,
    *,
    only: Sequence[str] = (),
    at: datetime | None = None,
    published: Mapping[str, Snapshot] | None = None,
    told: Narratives | None = None,
    overrides: Mapping[str, Override] | None = None,
) -> dict[str, Any]:
    """DESIGN's ``status``, in the order of the tree: a child objective follows its parent.

    ``at`` is given where it tells of the past; ``published`` is then what was said of the goals on that day: it stands
    beside what differs from it by now. ``told`` are the drafts in words, where they were asked for, ``overrides`` the
    key results of which a person said something else in a tool.
    """
    goals = config.goals
    chosen = [one for one in _tree(goals.objectives) if not only or one.id in only]
    said, told = published or {}, told or Narratives()
    return {
        **head(assessment.freshness, config, assessment.now),
        "at": iso(at),
        "day": _day(at, goals.timezone),
        "sources": [
            {
                "id": source.id,
                "kind": source.kind,
                "state": source.state.value,
                "last_success": iso(source.last_success),
                "items": source.items,
            }
            for source in assessment.freshness.sources
        ],
        "objectives": [_objective(config, assessment, one, speak, said, told, overrides or {}) for one in chosen],
    }


def _day(at: datetime | None, timezone: str) -> str | None:
    """The local day that ends with this instant."""
    day = None if at is None else local_day(at, timezone)
    return None if day is None or last_instant(day, timezone) != at else day.isoformat()


def _tree(objectives: Mapping[str, Objective]) -> list[Objective]:
    children: dict[str | None, list[Objective]] = {}
    for objective in objectives.values():
        children.setdefault(objective.parent, []).append(objective)
    ordered: list[Objective] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        objective = waiting.pop()
        ordered.append(objective)
        waiting += reversed(children.get(objective.id, []))
    return ordered


def _objective(
    config: Config,
    assessment: Assessment,
    objective: Objective,
    speak: Speak,
    published: Mapping[str, Snapshot],
    told: Narratives,
    overrides: Mapping[str, Override],
) -> dict[str, Any]:
    state = assessment.objectives[objective.id]
    return {
        "id": objective.id,
        "title": objective.title,
        "owner": objective.owner,
        "cycle": objective.cycle,
        "parent": objective.parent,
        "relation": objective.relation.value,
        "status": state.status.value,
        "progress": state.progress,
        "measured": f"{state.measured[0]}/{state.measured[1]}",
        "done": state.done,
        "scope": state.scope,
        "published": _published(state, published.get(objective.id)),
        "cause": [as_answer(cause, speak) for cause in state.causes],
        **draft(told.objectives.get(objective.id, ()), speak),
        "key_results": [
            {**_key_result(assessment, kr, speak, published, told), "override": _override(overrides.get(kr.id))}
            for kr in config.goals.key_results.values()
            if kr.objective == objective.id
        ],
    }


def _key_result(
    assessment: Assessment, kr: KeyResult, speak: Speak, published: Mapping[str, Snapshot], told: Narratives
) -> dict[str, Any]:
    state = assessment.progress[kr.id]
    forecast = state.forecast
    return {
        "id": kr.id,
        "title": kr.title,
        "owner": kr.owner,
        "kind": kr.kind.value,
        "weight": kr.weight,
        "status": state.status.value,
        "progress": state.progress,
        "published": _published(state, published.get(kr.id)),
        "grade": state.grade,
        "done": state.done,
        "scope": state.scope,
        "unit": state.unit,
        "estimated": state.estimated,
        "initial": state.initial,
        "added": state.added,
        "removed": state.removed,
        "cancelled": state.cancelled,
        "baseline": kr.baseline,
        "value": state.value,
        "target": kr.target,
        "low": kr.low,
        "high": kr.high,
        "metric_unit": kr.unit or None,
        "read_at": iso(state.read_at),
        "forecast": {
            "probability": forecast.probability if forecast else None,
            "date": forecast.date.isoformat() if forecast and forecast.date else None,
        },
        "flags": sorted(flag.value for flag in state.flags),
        "cause": [as_answer(cause, speak) for cause in state.causes],
        **draft(told.key_results.get(kr.id, ()), speak),
    }


def _published(state: Progress | ObjectiveProgress, said: Snapshot | None) -> dict[str, Any] | None:
    """What was said of a goal on a day, where that is not what is known of it by now."""
    if said is None or (said.status, _shown(said.progress)) == (state.status, _shown(state.progress)):
        return None
    return {"status": said.status.value, "progress": said.progress, "at": iso(said.at)}


def _override(one: Override | None) -> dict[str, Any] | None:
    """What a person said of the goal in its tool, which okrsync leaves as it is."""
    if one is None:
        return None
    said = one.said
    return {"status": said.status, "by": said.by, "at": iso(said.at), "where": str(one.where), "url": one.url}


def _shown(progress: float | None) -> int | None:
    return None if progress is None else rollup.percent(progress)


COLUMNS = (
    *("objective", "id", "kind", "title", "owner", "status", "progress", "grade", "done", "scope", "unit"),
    *("baseline", "value", "target", "probability", "date", "flags", "cause", "narrative"),
    *("published_status", "published_progress", "published_at"),
    *("override_status", "override_by", "override_at", "override_where"),
)
SHOWN = ("id", "title", "owner", "status_word", "progress", "done", "scope", "value", "target", "probability", "cause")


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row an objective, followed by a row for each of its key results."""
    rows = []
    for objective in answer["objectives"]:
        rows.append(_sheet_row(objective["id"], {**objective, "kind": "objective"}, speak))
        rows += [_sheet_row(objective["id"], kr, speak) for kr in objective["key_results"]]
    lead = (*_told_at(answer, speak), *([] if _past_is_whole(answer) else [freshness_sentence(answer, speak)]))
    nothing = speak(Say.of("report.no_objectives"))
    shown = (*SHOWN, *(name for name in ("published", "override") if any(row[name] for row in rows)))
    return Sheet(speak(Say.of("sheet.title.status")), lead, COLUMNS, rows, shown, nothing)


def _sheet_row(objective: str, goal: Mapping[str, Any], speak: Speak) -> dict[str, Any]:
    known = {name: goal.get(name) for name in COLUMNS}
    forecast = goal.get("forecast") or {"probability": None, "date": None}
    said, other = goal["published"] or {}, goal.get("override") or {}
    return known | {
        **{f"published_{name}": said.get(name) for name in ("status", "progress", "at")},
        "published": _words(said, speak) if said else "",
        **{f"override_{name}": other.get(name) for name in ("status", "by", "at", "where")},
        "override": f"{_said(other, speak)}, {other['by']}" if other else "",
        "objective": objective,
        "status_word": speak(Say.of(f"status.{goal['status']}")),
        "probability": forecast["probability"],
        "date": forecast["date"],
        "flags": goal.get("flags", []),
        "cause": "; ".join(cause["text"] for cause in goal["cause"]),
    }


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """A block an objective: its state, then its key results, each with its cause; fits 80 columns."""
    parts: list[RenderableType] = [*map(Text, _told_at(answer, speak))]
    if not _past_is_whole(answer):
        parts.append(freshness_line(answer, speak))
    for objective in answer["objectives"]:
        parts += ["", _title(objective, 0, "bold"), _state(objective, _place(objective, speak), 2, speak)]
        parts += _then(objective, 2, speak)
        parts += [*_causes(objective["cause"], 2), *drawn(objective["narrative"], 2)]
        for kr in objective["key_results"]:
            parts += [_title(kr, 2, ""), _state(kr, measure(kr, speak), 4, speak)]
            parts += [*_then(kr, 4, speak), *_causes(kr["cause"], 4), *drawn(kr["narrative"], 4)]
    if not answer["objectives"]:
        parts.append(Text(speak(Say.of("report.no_objectives"))))
    return parts


def _told_at(answer: Mapping[str, Any], speak: Speak) -> tuple[str, ...]:
    """Of which day or instant this tells, where that is not now."""
    if answer["at"] is None or _nothing_since(answer):
        return ()
    if answer["day"] is not None:
        return (speak(Say.of("report.at_end", day=answer["day"])),)
    return (speak(Say.of("report.at", at=instant(answer["at"]))),)


def _nothing_since(answer: Mapping[str, Any]) -> bool:
    """Whether this tells of an instant after the last sync: what is known is as of that, and nothing else is to say."""
    return answer["day"] is None and answer["as_of"] is not None and bool(answer["as_of"] < answer["at"])


def _past_is_whole(answer: Mapping[str, Any]) -> bool:
    """Whether this tells of an instant until which everything was read."""
    return answer["at"] is not None and answer["complete"] and answer["as_of"] == answer["at"]


def _then(goal: Mapping[str, Any], left: int, speak: Speak) -> list[RenderableType]:
    """What was published of a goal, where it is known otherwise by now, and what a person says of it in its tool."""
    lines = []
    if said := goal["published"]:
        lines.append(speak(Say.of("report.published", said=_words(said, speak))))
    if other := goal.get("override"):
        facts = {"by": other["by"], "status": _said(other, speak), "where": other["where"], "at": instant(other["at"])}
        lines.append(speak(Say.of("report.overridden", id=goal["id"], **facts)))
    return [indented(text(line, "yellow"), left) for line in lines]


def _said(override: Mapping[str, Any], speak: Speak) -> str:
    """The status that a person gave, in words; in those of the tool where it is none of ours."""
    known = override["status"] in GOAL_STATUSES
    return speak(Say.of(f"status.{override['status']}")) if known else str(override["status"])


def _words(said: Mapping[str, Any], speak: Speak) -> str:
    """Progress, where it was known, and status."""
    status = speak(Say.of(f"status.{said['status']}"))
    return status if said["progress"] is None else f"{percent(said['progress'], speak)}, {status}"


def _title(goal: Mapping[str, Any], indent: int, style: str) -> Padding:
    return indented(Text.assemble(text(goal["id"], "bold"), "  ", text(goal["title"], style)), indent)


def _state(goal: Mapping[str, Any], facts: Sequence[str], indent: int, speak: Speak) -> Padding:
    """Status and progress stand below each other in every block of one depth."""
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=STATUS)
    row.add_column(width=PROGRESS)
    row.add_column(overflow="fold")
    row.add_row(
        status_text(goal["status"], speak),
        Text.assemble(bar(goal["progress"]), f" {percent(goal['progress'], speak):>5}"),
        text(" · ".join(facts)),
    )
    return Padding(row, (0, 0, 0, indent))


def _place(objective: Mapping[str, Any], speak: Speak) -> Sequence[str]:
    facts = [speak(Say.of("report.measured", measured=objective["measured"]))]
    if objective["parent"]:
        facts.append(f"{speak(Say.of('report.hop.' + objective['relation']))} {objective['parent']}")
    return facts


def measure(kr: Mapping[str, Any], speak: Speak) -> Sequence[str]:
    """The metric and where it should go, the work, the chance."""
    facts = []
    if kr["kind"] != "work":
        facts.append(_metric(kr, speak))
    if kr["kind"] in {"work", "mixed"} and kr["scope"]:
        unit = speak(Say.of(f"report.unit.{kr['unit']}"))
        facts.append(f"{number(kr['done'], speak)}/{number(kr['scope'], speak)} {unit}")
    if kr["forecast"]["probability"] is not None:
        facts.append(speak(Say.of("report.chance", probability=percent(kr["forecast"]["probability"], speak))))
    return facts


def _metric(kr: Mapping[str, Any], speak: Speak) -> str:
    value, target, low, high = (number(kr[name], speak, VALUE_DIGITS) for name in ("value", "target", "low", "high"))
    unit = f"\u00a0{kr['metric_unit']}" if kr["metric_unit"] else ""
    if kr["kind"] == "keep":
        return speak(Say.of("report.band", value=value + unit, low=low, high=high))
    return f"{value} → {target}{unit}" if kr["target"] is not None else value + unit


def _causes(causes: Sequence[Mapping[str, Any]], indent: int) -> list[RenderableType]:
    return [indented(text(f"↳ {cause['text']}", "dim"), indent) for cause in causes]
