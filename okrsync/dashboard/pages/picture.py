"""The tree from the objectives at the top down to the key results, as the rows of one picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from config import Config
from okrsync.assess import Assessment
from okrsync.dashboard.drawing.spark import HEIGHT, WIDTH, spark
from okrsync.dashboard.look import Look
from okrsync.dashboard.marks import Marks, goal, titled
from okrsync.model import Cause, GoalState, KeyResult, Point, Say, Status
from okrsync.origins import Origins
from okrsync.reports.common import instant, line, percent
from okrsync.reports.status import GOAL_STATUSES, measure

SMALL = 60
"""A tree of so many key results stands open; in a larger one what is off track does."""
OPEN = frozenset({Status.MISSED.value, Status.OFF_TRACK.value})
NOTHING = "0/0"
"""What is measured of an objective below which nothing counts."""
STATES = frozenset({GoalState.DRAFT, GoalState.CLOSED})
"""States that stand beside the status, which does not tell them."""
PACE = frozenset({"progress.chance", "progress.pace_items", "progress.pace_points"})
"""Causes that the forecast beside them tells already."""
TEAMS = 4
"""Teams, and tools, that are named; of more it is told how many."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is known of the goals; ``objectives`` are those of the report of their status, parents first."""

    objectives: Sequence[Mapping[str, Any]]
    config: Config
    assessment: Assessment
    burn_ups: Mapping[str, Sequence[Point]]
    origins: Mapping[str, Origins]


def rows(seen: Seen, look: Look, status: Status | None) -> list[dict[str, Any]]:
    """A row an objective, parents before their children: ``closes`` tells how many lists end below it. With a status
    only what stands so, and what that is below."""
    kept = _kept(seen.objectives, status)
    small = status is not None or len(seen.config.goals.key_results) <= SMALL
    opened = kept if small else _troubled(seen.objectives)
    shown = [one for one in seen.objectives if one["id"] in kept]
    depths = _depths(shown)
    rows = []
    for one, depth, following in zip(shown, depths, [*depths, 0][1:], strict=True):
        mine = [kr for kr in one["key_results"] if status in (None, kr["status"])]
        ending = max(depth - following + 1, 0)
        row = {"open": one["id"] in opened, "closes": ending, "bare": bool(ending) and not one["key_results"]}
        rows.append(_objective(seen, one, mine, look) | row)
    return rows


def _depths(objectives: Sequence[Mapping[str, Any]]) -> list[int]:
    depths: dict[str, int] = {}
    for one in objectives:
        depths[one["id"]] = depths.get(one["parent"], -1) + 1
    return list(depths.values())


def _kept(objectives: Sequence[Mapping[str, Any]], status: Status | None) -> set[str]:
    """The objectives that stand so or have a key result that does, with all above them."""
    return _with_above(objectives, None if status is None else {status.value})


def _troubled(objectives: Sequence[Mapping[str, Any]]) -> set[str]:
    return _with_above(objectives, OPEN)


def _with_above(objectives: Sequence[Mapping[str, Any]], statuses: Set[str] | None) -> set[str]:
    found: set[str] = set()
    for one in reversed(objectives):  # children come after their parents
        mine = [one["status"], *(kr["status"] for kr in one["key_results"])]
        if one["id"] in found or statuses is None or not statuses.isdisjoint(mine):
            found |= {one["id"]} | ({one["parent"]} - {None})
    return found


def zone(config: Config) -> ZoneInfo:
    return ZoneInfo(config.goals.timezone)


# ── objectives ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _objective(seen: Seen, one: Mapping[str, Any], shown: Iterable[Mapping[str, Any]], look: Look) -> dict[str, Any]:
    mark = Marks(look.speak)
    known = seen.config.goals.objectives[one["id"]]
    above = _above(one, look)
    measured = look.say("report.measured", measured=one["measured"]) if one["measured"] != NOTHING else ""
    facts = [line(one["id"]), line(one["cycle"] or ""), above, measured, line(one["owner"] or "")]
    return {
        "anchor": one["id"],
        "title": titled(one["title"]),
        "badge": mark.status(one["status"]),
        "state": look.say(f"site.overview.state.{known.state}") if known.state in STATES else "",
        "share": mark.share(one["progress"]),
        "facts": [fact for fact in facts if fact],
        "cause": " · ".join(titled(cause["text"]) for cause in one["cause"]),
        "key_results": [_key_result(seen, kr, one["owner"], look) for kr in shown],
    }


def _above(one: Mapping[str, Any], look: Look) -> str:
    """What it serves, and whether it counts there."""
    return f"{look.say('report.hop.' + one['relation'])} {line(one['parent'])}" if one["parent"] else ""


# ── key results ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _key_result(seen: Seen, kr: Mapping[str, Any], above: str | None, look: Look) -> dict[str, Any]:
    mark = Marks(look.speak)
    known = seen.config.goals.key_results[kr["id"]]
    cause = _cause(seen.assessment.progress[kr["id"]].causes)
    points = seen.burn_ups.get(kr["id"], ())
    planned = points[-1].planned if points and kr["status"] != Status.DROPPED.value else None
    return {
        "url": goal(kr["id"]),
        "id": line(kr["id"]),
        "title": titled(kr["title"]),
        "owner": line(kr["owner"]) if kr["owner"] and kr["owner"] != above else "",
        "state": look.say(f"site.overview.state.{known.state}") if known.state in STATES else "",
        "badge": mark.status(kr["status"]),
        "share": mark.share(kr["progress"]),
        "facts": _facts(kr, planned, cause is not None and cause.code in PACE, look),
        "cause": "" if cause is None else line(look.speak(cause)),
        "said": _said(kr, look),
        "chips": _chips(seen.origins.get(kr["id"]), seen.config, look),
        "spark": _spark(known, points),
    }


def _facts(kr: Mapping[str, Any], planned: float | None, chance_told: bool, look: Look) -> list[str]:
    """What the plan expects, what was measured, and where the pace leads."""
    facts = [] if planned is None else [look.say("site.overview.planned", planned=percent(planned, look.speak))]
    forecast = kr["forecast"]
    facts += map(line, measure({**kr, "forecast": {"probability": None}} if chance_told else kr, look.speak))
    return [*facts, look.say("site.overview.pace", date=forecast["date"])] if forecast["date"] else facts


def _cause(causes: Sequence[Cause]) -> Say | None:
    """What says most in a sentence: what the forecast beside it does not tell already, or else the first."""
    other = [cause for cause in causes if cause.text.code not in PACE]
    return next((cause.text for cause in (*other, *causes)), None)


def _said(kr: Mapping[str, Any], look: Look) -> str:
    """What a person says of it in its tool, where that is something else."""
    other = kr["override"]
    if not other:
        return ""
    known = other["status"] in GOAL_STATUSES
    status = look.say(f"status.{other['status']}") if known else line(other["status"])
    facts = {"by": line(other["by"]), "status": status, "where": line(other["where"]), "at": instant(other["at"])}
    return look.say("report.overridden", id=line(kr["id"]), **facts)


def _chips(known: Origins | None, config: Config, look: Look) -> list[str]:
    """Which tools and which teams its items come from, the most first."""
    if known is None:
        return []
    chips = [_named(known.sources, look, "site.overview.others.sources")]
    if config.teams:
        teams = {look.say("report.no_team") if team is None else team: count for team, count in known.teams.items()}
        chips.append(_named(teams, look, "site.overview.others.teams"))
    return chips


def _named(counts: Mapping[str, int], look: Look, others: str) -> str:
    named = [f"{line(name)}\u00a0{count}" for name, count in list(counts.items())[:TEAMS]]
    more = len(counts) - TEAMS
    return " · ".join([*named, look.say(others, n=more)] if more > 0 else named)


def _spark(kr: KeyResult, points: Sequence[Point]) -> dict[str, Any] | None:
    drawn = spark(points, kr.window)
    return None if drawn is None else {"at": drawn, "width": WIDTH, "height": HEIGHT}
