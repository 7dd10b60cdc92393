"""Cycles, objectives and key results: checked together, then built with their windows resolved."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from config import outline
from config.context import Context
from config.faults import RawTable, checked
from config.fields import midnight
from config.schema import CycleTable, KeyResultTable, ObjectiveTable
from okrsync.errors import Problem
from okrsync.model import Curve, Cycle, Goals, KeyResult, MetricSource, Objective, Window


@dataclass(frozen=True, slots=True)
class CheckedGoals:
    """Every table of goals that is valid, beside the text that it was read from."""

    cycles: Sequence[tuple[RawTable, CycleTable]]
    objectives: Sequence[tuple[RawTable, ObjectiveTable]]
    key_results: Sequence[tuple[RawTable, KeyResultTable, str]]  # with the id of its objective


def check(tables: outline.Goals, context: Context, problems: list[Problem]) -> CheckedGoals:
    """The valid goals; each fault of the others, and of the tree as a whole, is added to ``problems``."""
    objectives = [objective.table for objective in tables.objectives]
    if tables.complete:
        context = replace(context, cycles=outline.all_ids(tables.cycles), objectives=outline.all_ids(objectives))
    problems.extend(outline.twins(tables.cycles))
    problems.extend(outline.twins(table for goal in tables.objectives for table in (goal.table, *goal.key_results)))
    cycles = [(table, cycle) for table in tables.cycles if (cycle := checked(CycleTable, table, context, problems))]
    days = {cycle.id: (cycle.start, cycle.end) for _, cycle in cycles}
    cycle_of = _cycles_of(objectives)
    valid: list[tuple[RawTable, ObjectiveTable]] = []
    key_results: list[tuple[RawTable, KeyResultTable, str]] = []
    for goal in tables.objectives:
        objective = checked(ObjectiveTable, goal.table, context, problems, beside=("key_results",))
        if objective is not None:
            valid.append((goal.table, objective))
        name = _text(goal.table, "id")
        first, last = days.get(cycle_of.get(name) or "", (None, None))
        within = replace(context, first=first, last=last)
        for table in goal.key_results:
            key_result = checked(KeyResultTable, table, within, problems)
            if key_result is not None:
                key_results.append((table, key_result, name))
    problems.extend(_loops(objectives))
    return CheckedGoals(cycles, valid, key_results)


def build(goals: CheckedGoals, timezone: str) -> Goals:
    """The goal tree of valid tables, with every window in UTC."""
    zone = ZoneInfo(timezone)
    cycles = {table.id: Cycle(table.id, _window(table.start, table.end, zone)) for _, table in goals.cycles}
    cycle_of = _cycles_of([raw for raw, _ in goals.objectives])
    objectives = {table.id: _objective(table, cycle_of[table.id], cycles) for _, table in goals.objectives}
    key_results = {table.id: _key_result(table, objectives[parent], zone) for _, table, parent in goals.key_results}
    return Goals(cycles, objectives, key_results, timezone)


def _window(start: date | None, end: date | None, zone: ZoneInfo) -> Window:
    return Window(
        None if start is None else midnight(start, zone),
        None if end is None else midnight(end + timedelta(days=1), zone),
    )


def _objective(table: ObjectiveTable, cycle: str | None, cycles: Mapping[str, Cycle]) -> Objective:
    return Objective(
        id=table.id,
        title=table.title,
        owner=table.owner,
        cycle=cycle,
        window=cycles[cycle].window if cycle is not None else Window(),
        parent=table.parent,
        relation=table.relation,
        weight=table.weight,
        state=table.state,
    )


def _key_result(table: KeyResultTable, objective: Objective, zone: ZoneInfo) -> KeyResult:
    own, inherited = _window(table.start, table.end, zone), objective.window
    return KeyResult(
        id=table.id,
        objective=objective.id,
        title=table.title,
        kind=table.kind,
        owner=table.owner,
        cycle=objective.cycle,
        window=Window(own.start or inherited.start, own.end or inherited.end),
        state=table.state,
        commitment=table.commitment,
        weight=table.weight,
        counts=frozenset(table.counts),
        epics=table.epics,
        containers=table.containers,
        write_to=table.write_to,
        baseline=table.baseline,
        target=table.target,
        low=table.low,
        high=table.high,
        unit=table.unit,
        metric=MetricSource(table.metric.from_, table.metric.goal, table.metric.source or "", table.metric.query),
        curve=_curve(table, zone),
        stale_after=table.stale_after,
    )


def _curve(table: KeyResultTable, zone: ZoneInfo) -> Curve:
    """Dated shares become shares at the end of their local day."""
    if isinstance(table.curve, str):
        return table.curve
    return tuple((midnight(day + timedelta(days=1), zone), share) for day, share in table.curve)


def _cycles_of(objectives: Sequence[RawTable]) -> dict[str, str | None]:
    """Objective id → id of its cycle, its own or the nearest above it."""
    by_id = {_text(table, "id"): table for table in objectives}
    cycle_of: dict[str, str | None] = {}
    for name in by_id:
        cycles = (_text(by_id[above], "cycle") for above in _climb(name, by_id))
        cycle_of[name] = next((cycle for cycle in cycles if cycle), None)
    return cycle_of


def _loops(objectives: Sequence[RawTable]) -> Iterator[Problem]:
    """One problem for each ring of objectives that stand above one another."""
    by_id = {_text(table, "id"): table for table in objectives}
    told: set[str] = set()
    for name, table in by_id.items():
        path = list(_climb(name, by_id))
        if _text(by_id[path[-1]], "parent") == name and not told & set(path):
            told.update(path)
            ring = " → ".join((*path, name))
            yield table.problem(("parent",), f"no objective can stand above itself: {ring}")


def _climb(name: str, by_id: Mapping[str, RawTable]) -> Iterator[str]:
    """The objective and those above it, each once."""
    seen: set[str] = set()
    while name in by_id and name not in seen:
        seen.add(name)
        yield name
        name = _text(by_id[name], "parent")


def _text(table: RawTable, key: str) -> str:
    """The text under a key as far as it can be read, in NFC."""
    value = table.data.get(key)
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else ""
