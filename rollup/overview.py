"""The draft of an objective's status in words: how far, what drives it, what moved most, what to decide there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from okrsync.model import Cause, Goals, GoalState, ObjectiveProgress, Progress, Relation, Status, Thresholds
from rollup.account import Facts, clause, title
from rollup.facts import percent
from rollup.objectives import ENDED, SILENT, children_first, measure_objectives

WELL = ENDED | {Status.ON_TRACK, Status.NO_DUE_DATE}
TROUBLED = frozenset({Status.MISSED, Status.OFF_TRACK, Status.AT_RISK, Status.STALE})

MOVED = 0.01
"""A goal below that moved by less is not worth a word."""


@dataclass(frozen=True, slots=True)
class Part:
    """A key result or a contributing objective, as the objective above tells of it."""

    id: str
    title: str
    status: Status
    progress: float | None
    before: float | None  # its progress a week ago
    weight: float
    told: Sequence[Cause] = ()  # its own narrative


def overviews(
    goals: Goals,
    progress: Mapping[str, Progress],
    objectives: Mapping[str, ObjectiveProgress],
    before: Mapping[str, float | None],
    told: Mapping[str, Sequence[Cause]],
    thresholds: Thresholds,
    now: datetime,
) -> dict[str, tuple[Cause, ...]]:
    """The clauses on every objective. ``before`` is the progress of each key result a week ago, ``told`` what is said
    of it."""
    then = {kr: replace(known, progress=before[kr]) for kr, known in progress.items()}
    was = measure_objectives(goals, then, {}, thresholds, now)
    parts: dict[str, dict[str, Part]] = {one: {} for one in goals.objectives}
    for kr in goals.key_results.values():
        if kr.state is not GoalState.DROPPED:
            known = progress[kr.id]
            part = Part(kr.id, kr.title, known.status, known.progress, before[kr.id], kr.weight, told[kr.id])
            parts[kr.objective][kr.id] = part
    place = {goal: number for number, goal in enumerate([*goals.key_results, *goals.objectives])}
    said: dict[str, tuple[Cause, ...]] = {}
    for objective in children_first(goals.objectives):
        mine, old = objectives[objective.id], was[objective.id]
        same = mine.measured == old.measured
        ordered = dict(sorted(parts[objective.id].items(), key=lambda part: place[part[0]]))
        said[objective.id] = overview(mine, old.progress if same else None, ordered)
        above = objective.parent
        if above is not None and objective.relation is Relation.CONTRIBUTES and mine.status is not Status.DROPPED:
            facts = (objective.title, mine.status, mine.progress, old.progress, objective.weight, said[objective.id])
            parts[above][objective.id] = Part(objective.id, *facts)
    return {one: said[one] for one in goals.objectives}


def overview(known: ObjectiveProgress, before: float | None, parts: Mapping[str, Part]) -> tuple[Cause, ...]:
    """The clauses on one objective. ``parts`` are what contributes to it, by id, those that were dropped left out;
    ``before`` is its progress a week ago, None where it is not known of the same goals."""
    if known.status is Status.DROPPED:
        return (clause("objective.dropped"),)
    if not parts:
        return (clause("objective.empty"), clause("objective.decide.key_results"))
    driving = _driving(known, parts)
    clauses = [*_progress(known, before), *_driver(known, driving, parts), *_mover(parts)]
    return (*clauses, *_decision(known, driving, parts))


def _driving(known: ObjectiveProgress, parts: Mapping[str, Part]) -> list[Part]:
    """Those that decide its status, the worst first; all that share it where none does."""
    for cause in known.causes:
        if cause.text.code == "progress.decided_by":
            goals = str(dict(cause.text.args)["goals"]).split(", ")
            return [parts[goal] for goal in goals if goal in parts]
    return [part for part in parts.values() if part.status is known.status]


def _progress(known: ObjectiveProgress, before: float | None) -> list[Cause]:
    if known.progress is None:
        return []
    facts: Facts = {"progress": percent(known.progress)}
    facts |= {"measured": known.measured[0], "of": known.measured[1]}
    some = "" if known.measured[0] == known.measured[1] else ".part"
    if before is None:
        return [clause(f"objective.stands{some}", **facts)]
    facts["before"] = percent(before)
    if facts["before"] == facts["progress"]:
        return [clause(f"objective.level{some}", **facts)]
    word = "rose" if known.progress > before else "fell"
    return [clause(f"objective.{word}{some}", **facts)]


def _driver(known: ObjectiveProgress, driving: Sequence[Part], parts: Mapping[str, Part]) -> list[Cause]:
    status = known.status
    if status in TROUBLED and driving:
        facts = _named(driving)
        rest = [one for one in parts.values() if one not in driving]
        fine = [one for one in rest if one.status in ENDED | {Status.ON_TRACK}]
        clauses = [clause(f"objective.driver.{status}{_several(driving)}", **facts)]
        if fine:
            code = "objective.fine" if len(fine) == len(rest) else "objective.fine.some"
            clauses.append(clause(code, count=len(fine), goals=_ids(fine)))
        return clauses
    if status in SILENT:
        return [clause(f"objective.silent.{status}", count=len(parts), goals=_ids(list(parts.values())))]
    silent = _silent(parts)
    code = "objective.well"
    if status in ENDED:
        code = "objective.reached" if silent else "objective.ended"
    alike = [one for one in parts.values() if one.status in (ENDED if status in ENDED else WELL)]
    clauses = [clause(f"{code}{_several(alike)}", goals=_ids(alike))]
    if silent:
        clauses.append(clause("objective.unjudged", count=len(silent), goals=_ids(silent)))
    return clauses


def _silent(parts: Mapping[str, Part]) -> list[Part]:
    return [one for one in parts.values() if one.status in SILENT]


def _mover(parts: Mapping[str, Part]) -> list[Cause]:
    """What moved most in the week, where it is worth a word."""
    moved = [
        (abs(one.progress - one.before), one)
        for one in parts.values()
        if one.progress is not None and one.before is not None and percent(one.progress) != percent(one.before)
    ]
    if not moved or len(parts) < 2:
        return []
    most, part = max(moved, key=lambda one: one[0])
    if most < MOVED or part.progress is None or part.before is None:
        return []
    word = "up" if part.progress > part.before else "down"
    items = part.told[0].items if part.told else ()
    said = clause(f"objective.mover.{word}", goal=part.id, before=percent(part.before), progress=percent(part.progress))
    return [Cause(said.text, items)]


def _decision(known: ObjectiveProgress, driving: Sequence[Part], parts: Mapping[str, Part]) -> list[Cause]:
    status = known.status
    if status in SILENT:
        code = {Status.NO_DATA: "data", Status.NOT_STARTED: "wait", Status.TOO_EARLY: "wait"}[status]
        return [clause(f"objective.decide.{code}")]
    if status in TROUBLED and driving:
        return _first(known.objective, driving, parts)
    if status not in ENDED:
        return [clause("objective.decide.nothing")]
    silent = _silent(parts)
    unknown = [one for one in silent if one.status is Status.NO_DATA]
    if unknown:
        return [clause("objective.decide.measure", goals=_ids(unknown))]
    return [clause("objective.decide.wait" if silent else "objective.decide.close")]


def _first(objective: str, driving: Sequence[Part], parts: Mapping[str, Part]) -> list[Cause]:
    """Where the decision lies, at whatever depth, and the decision there."""
    first = driving[0]
    code = "objective.first.only" if len(parts) == 1 else f"objective.first{_several(driving)}"
    asked = [one for one in first.told if ".decide." in one.text.code]
    below = [one for one in first.told if one.text.code.startswith("narrative.objective.first")]
    total = math.fsum(one.weight for one in parts.values())
    share = percent(first.weight / total) if total > 0 else 0
    return [*(below or [clause(code, goal=first.id, share=share, objective=objective)]), *asked]


def _named(driving: Sequence[Part]) -> Facts:
    """The goals that drive it: one with its title, of several their ids."""
    return {"goals": _ids(driving), "title": title(driving[0].title)}


def _several(parts: Sequence[Part]) -> str:
    return ".several" if len(parts) > 1 else ""


def _ids(parts: Sequence[Part]) -> str:
    return ", ".join(one.id for one in parts)
