"""Where the effort of a period went: by goal beside what each weighs, by team or by value stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from config import Config
from okrsync.assess import Assessment
from okrsync.model import Say, VerdictKind
from okrsync.reports.common import (
    Speak,
    apart,
    freshness_line,
    freshness_sentence,
    head,
    indented,
    iso,
    number,
    one_line,
    percent,
    status_text,
    table,
    text,
)
from okrsync.reports.sheet import Sheet
from okrsync.spending import Spending, balanced, spending
from okrsync.teams import Teams
from rollup.balance import Balance
from rollup.workload import Array

if TYPE_CHECKING:
    from sqlalchemy import Connection

GOALS = ("objective", "key_result")
OWNERS = ("team", "value_stream")
GROUPINGS = (*GOALS, *OWNERS)
COVERED = (VerdictKind.TRACED, VerdictKind.EXEMPT)
OTHERS = (VerdictKind.ORPHAN, VerdictKind.EXEMPT, VerdictKind.UNRESOLVABLE)
COLUMNS = (
    *("by", "name", "title", "status", "above", "effort", "share", "coverage"),
    *("effort_share", "weight_share", "difference", "goals"),
)
SHOWN_GOALS = ("name", "title", "status_word", "effort", "share", "effort_share", "weight_share", "difference")
SHOWN_OWNERS = ("name", "effort", "share", "coverage", "went_to")
SHOWN = 5  # so many objectives of a team, on a terminal


def answer(
    tx: Connection,
    config: Config,
    assessment: Assessment,
    speak: Speak,
    *,
    group_by: str,
    since: datetime,
    spent: Spending | None = None,
) -> dict[str, Any]:
    """The effort from ``since`` until now, which is ``spent`` where that was read already. What stands at the top of
    the groups adds up to all of it."""
    if spent is None:
        spent = spending(tx, config, since, assessment.now)
    verdicts = spent.verdicts()
    total = sum(verdicts.values())
    if group_by in GOALS:
        found = (_objectives if group_by == "objective" else _key_results)(config, assessment, spent, total)
        groups = [*found, *_others(verdicts, total, speak)]
    else:
        groups = _owners(config, spent, total, speak, by=group_by)
    return {
        **head(assessment.freshness, config, assessment.now),
        "since": iso(since),
        "day": f"{since.astimezone(ZoneInfo(config.goals.timezone)):%Y-%m-%d}",
        "group_by": group_by,
        "totals": {
            "effort": total,
            **{kind.value: effort for kind, effort in verdicts.items()},
            "coverage": sum(verdicts[kind] for kind in COVERED) / total if total else None,
        },
        "groups": groups,
    }


def _objectives(config: Config, assessment: Assessment, spent: Spending, total: float) -> Iterator[dict[str, Any]]:
    """Every objective that got anything or should have, each with all that contributes to it, those above first."""
    depth: dict[str | None, int] = {None: -1}
    for one in balanced(config, spent):
        objective = config.goals.objectives.get(one.goal)
        if objective is not None and (one.effort > 0 or one.difference is not None):
            depth[one.goal] = depth.get(one.above, -1) + 1
            status = assessment.objectives[one.goal].status.value
            facts = {"title": objective.title, "status": status, "depth": depth[one.goal], **_compared(one)}
            yield _group("objective", one.goal, one.effort, total) | facts


def _key_results(config: Config, assessment: Assessment, spent: Spending, total: float) -> Iterator[dict[str, Any]]:
    """Every key result that got anything or should have; of an objective what is linked to no key result."""
    own = spent.by_goal()
    for one in balanced(config, spent, own):
        kr, objective = config.goals.key_results.get(one.goal), config.goals.objectives.get(one.goal)
        if kr is not None and (one.effort > 0 or one.difference is not None):
            status = assessment.progress[one.goal].status.value
            facts = {"title": kr.title, "status": status, **_compared(one)}
            yield _group("key_result", one.goal, one.effort, total) | facts
        elif objective is not None and own.get(one.goal):
            facts = {"title": objective.title, "status": assessment.objectives[one.goal].status.value}
            yield _group("objective", one.goal, own[one.goal], total) | facts


def _others(verdicts: Mapping[VerdictKind, float], total: float, speak: Speak) -> Iterator[dict[str, Any]]:
    """What served no goal, by verdict."""
    for kind in OTHERS:
        if verdicts[kind]:
            title = speak(Say.of(f"effort.verdict.{kind}"))
            yield _group("verdict", kind.value, verdicts[kind], total) | {"title": title}


def _owners(config: Config, spent: Spending, total: float, speak: Speak, *, by: str) -> list[dict[str, Any]]:
    """The teams or the value streams, the most effort first, and the top objectives that each of them worked for."""
    teams = Teams(config)
    owners = [teams.stream_of(team) if by == "value_stream" else team for team in spent.teams]
    groups = []
    for owner in dict.fromkeys(owners):
        places = [place for place, one in enumerate(owners) if one == owner]
        chosen: Array = np.isin(spent.tickets["group"], places)
        verdicts = spent.verdicts(chosen)
        effort = sum(verdicts.values())
        if not effort:
            continue
        tops = [one for one in balanced(config, spent, spent.by_goal(chosen)) if one.above is None and one.effort > 0]
        goals = [
            {"id": one.goal, "title": config.goals.objectives[one.goal].title, "effort": one.effort, **_compared(one)}
            for one in sorted(tops, key=lambda one: -one.effort)
        ]
        groups.append(
            _group(by, owner or speak(Say.of(f"report.no_{by}")), effort, total)
            | {"coverage": sum(verdicts[kind] for kind in COVERED) / effort, "goals": goals}
            | {"owner": owner, "verdicts": {kind.value: part for kind, part in verdicts.items()}}
        )
    return sorted(groups, key=lambda group: (-group["effort"], group["name"]))


def _compared(one: Balance) -> dict[str, Any]:
    return {
        "above": one.above,
        "effort_share": one.effort_share,
        "weight_share": one.weight_share,
        "difference": one.difference,
    }


def _group(by: str, name: str, effort: float, total: float) -> dict[str, Any]:
    """A group of which nothing but its effort is known."""
    empty = dict.fromkeys(("title", "status", "above", "coverage", "effort_share", "weight_share", "difference"))
    empty |= dict.fromkeys(("owner", "verdicts"))
    share = effort / total if total else None
    return {"by": by, "name": name, **empty, "effort": effort, "share": share, "depth": 0, "goals": []}


# ── how it is shown ──────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a group."""
    rows = [
        {
            **group,
            "name": _name(group),
            "status_word": speak(Say.of(f"status.{group['status']}")) if group["status"] else None,
            "went_to": "; ".join(_went(group, speak)),
        }
        for group in answer["groups"]
    ]
    shown = SHOWN_OWNERS if answer["group_by"] in OWNERS else SHOWN_GOALS
    lead = (*([sentence(answer, speak)] if answer["groups"] else []), freshness_sentence(answer, speak))
    return Sheet(speak(Say.of("sheet.title.effort")), lead, COLUMNS, rows, shown, speak(Say.of("effort.nothing")))


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """The sentence first; then a line a group, and below a team where its effort went."""
    if not answer["groups"]:
        return [freshness_line(answer, speak), Text(speak(Say.of("effort.nothing")))]
    parts: list[RenderableType] = [text(sentence(answer, speak), "bold"), freshness_line(answer, speak)]
    if answer["group_by"] in GOALS:
        return [*parts, "", _goals_table(answer["groups"], speak), Text(speak(Say.of("effort.legend")), style="dim")]
    for group in answer["groups"]:
        figures = speak(
            Say.of(
                "effort.owner",
                effort=number(group["effort"], speak),
                share=percent(group["share"], speak),
                coverage=percent(group["coverage"], speak),
            )
        )
        parts += ["", Text.assemble(text(group["name"], "bold"), "  ", figures)]
        went = list(_went(group, speak))
        parts += [indented(text(one), 2) for one in went[:SHOWN]]
        if len(went) > SHOWN:
            parts.append(indented(Text(speak(Say.of("report.more", count=len(went) - SHOWN)), style="dim"), 2))
    return parts


def _goals_table(groups: Iterable[Mapping[str, Any]], speak: Speak) -> RenderableType:
    names = ("goal", "status", "effort", "share", "beside", "weight", "difference")
    drawn = table(*(speak(Say.of(f"effort.column.{name}")) for name in names), numbers=(2, 3, 4, 5, 6))
    drawn.columns[1].no_wrap = True  # where it is too narrow, the goals give way
    for group in groups:
        indent = "  " * group["depth"]
        goal = Text.assemble(indent, text(_name(group), "bold"), "  " if _name(group) else "", text(group["title"]))
        drawn.add_row(
            one_line(goal) if group["status"] else goal,
            status_text(group["status"], speak) if group["status"] else "",
            number(group["effort"], speak),
            percent(group["share"], speak),
            *(percent(group[name], speak) for name in ("effort_share", "weight_share")),
            "—" if group["difference"] is None else apart(group["effort_share"], group["weight_share"]),
        )
    return drawn


def _name(group: Mapping[str, Any]) -> str:
    """The id of a goal or the name of an owner; what served no goal is known by its title."""
    return "" if group["by"] == "verdict" else str(group["name"])


def _went(group: Mapping[str, Any], speak: Speak) -> Iterator[str]:
    """For which top objectives, with what each of them weighs."""
    for goal in group["goals"]:
        facts = {"goal": goal["id"], "title": goal["title"], "effort": percent(goal["effort_share"], speak)}
        if goal["difference"] is None:
            yield speak(Say.of("effort.went.unweighed", **{**facts, "effort": number(goal["effort"], speak)}))
        else:
            weight = percent(goal["weight_share"], speak)
            points = apart(goal["effort_share"], goal["weight_share"])
            difference = speak(Say.of("effort.points", points=points))
            yield speak(Say.of("effort.went", **facts, weight=weight, difference=difference))


def sentence(answer: Mapping[str, Any], speak: Speak) -> str:
    totals = answer["totals"]
    effort = number(totals["effort"], speak)
    return speak(
        Say.of("effort.sentence", since=answer["day"], effort=effort, coverage=percent(totals["coverage"], speak))
    )
