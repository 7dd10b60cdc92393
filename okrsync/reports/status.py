"""Objectives and key results: progress, status, cause, forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from config import Config
from okrsync.assess import Assessment
from okrsync.model import Cause, KeyResult, Objective, Say
from okrsync.reports.common import (
    Speak,
    bar,
    freshness_line,
    freshness_sentence,
    head,
    indented,
    iso,
    number,
    percent,
    status_text,
    text,
)
from okrsync.reports.sheet import Sheet

STATUS, PROGRESS = 21, 18  # columns; what is measured takes the rest
VALUE_DIGITS = 3  # decimals of a metric


def answer(config: Config, assessment: Assessment, speak: Speak, *, only: Sequence[str] = ()) -> dict[str, Any]:
    """DESIGN's ``status``, in the order of the tree: a child objective follows its parent."""
    goals = config.goals
    chosen = [one for one in _tree(goals.objectives) if not only or one.id in only]
    return {
        **head(assessment.freshness, config, assessment.now),
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
        "objectives": [_objective(config, assessment, one, speak) for one in chosen],
    }


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


def _objective(config: Config, assessment: Assessment, objective: Objective, speak: Speak) -> dict[str, Any]:
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
        "cause": [_cause(cause, speak) for cause in state.causes],
        "key_results": [
            _key_result(assessment, kr, speak)
            for kr in config.goals.key_results.values()
            if kr.objective == objective.id
        ],
    }


def _key_result(assessment: Assessment, kr: KeyResult, speak: Speak) -> dict[str, Any]:
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
        "cause": [_cause(cause, speak) for cause in state.causes],
        "narrative": None,
    }


def _cause(cause: Cause, speak: Speak) -> dict[str, Any]:
    """A clause and the keys of the items behind it; how many these are, where not all of them are named."""
    told = {"text": speak(cause.text), "items": list(cause.items)}
    return told | {"items_total": len(cause.items) + cause.more} if cause.more else told


COLUMNS = (
    *("objective", "id", "kind", "title", "owner", "status", "progress", "grade", "done", "scope", "unit"),
    *("baseline", "value", "target", "probability", "date", "flags", "cause"),
)
SHOWN = ("id", "title", "owner", "status_word", "progress", "done", "scope", "value", "target", "probability", "cause")


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row an objective, followed by a row for each of its key results."""
    rows = []
    for objective in answer["objectives"]:
        rows.append(_sheet_row(objective["id"], {**objective, "kind": "objective"}, speak))
        rows += [_sheet_row(objective["id"], kr, speak) for kr in objective["key_results"]]
    lead = (freshness_sentence(answer, speak),)
    nothing = speak(Say.of("report.no_objectives"))
    return Sheet(speak(Say.of("sheet.title.status")), lead, COLUMNS, rows, SHOWN, nothing)


def _sheet_row(objective: str, goal: Mapping[str, Any], speak: Speak) -> dict[str, Any]:
    known = {name: goal.get(name) for name in COLUMNS}
    forecast = goal.get("forecast") or {"probability": None, "date": None}
    return known | {
        "objective": objective,
        "status_word": speak(Say.of(f"status.{goal['status']}")),
        "probability": forecast["probability"],
        "date": forecast["date"],
        "flags": goal.get("flags", []),
        "cause": "; ".join(cause["text"] for cause in goal["cause"]),
    }


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """A block an objective: its state, then its key results, each with its cause; fits 80 columns."""
    parts: list[RenderableType] = [freshness_line(answer, speak)]
    for objective in answer["objectives"]:
        parts += ["", _title(objective, 0, "bold"), _state(objective, _place(objective, speak), 2, speak)]
        parts += _causes(objective["cause"], 2)
        for kr in objective["key_results"]:
            parts += [_title(kr, 2, ""), _state(kr, _measure(kr, speak), 4, speak), *_causes(kr["cause"], 4)]
    if not answer["objectives"]:
        parts.append(Text(speak(Say.of("report.no_objectives"))))
    return parts


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


def _measure(kr: Mapping[str, Any], speak: Speak) -> Sequence[str]:
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
