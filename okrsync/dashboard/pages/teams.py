"""What each team's effort served, how much of it reaches an objective over the weeks, and where the roll-out stands.
Nobody is ranked: teams stand in the order of the file, and no person is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from okrsync import typed
from okrsync.dashboard.drawing.coverage import against, over_weeks, served
from okrsync.dashboard.frame import address
from okrsync.dashboard.look import Asked, Look, Page
from okrsync.dashboard.marks import objective
from okrsync.errors import ConfigError
from okrsync.model import VerdictKind
from okrsync.reports import effort as effort_report
from okrsync.reports import gates as gates_report
from okrsync.reports import waves as waves_report
from okrsync.reports.common import apart, line, number, percent, short_weeks
from okrsync.spending import spending
from rollup import period_start
from rollup.gates import Ruling

REST = (VerdictKind.EXEMPT, VerdictKind.UNRESOLVABLE, VerdictKind.ORPHAN)
"""What serves no objective, in the order in which a bar shows it."""
TONES = 7
"""Objectives that a bar tells apart by their colour; the seventh and all after it have the same."""
RULINGS = {Ruling.PASSED: ("✔", "good"), Ruling.FAILED: ("✖", "bad"), Ruling.NO_DATA: ("○", "warn")}


class Wanted(Asked):
    """Of which day on, whose effort, and which teams are the pilot: by default those that gates name."""

    by: Literal["team", "value_stream"] = "team"
    since: str | None = None
    team: tuple[str, ...] = ()


def view(look: Look, asked: Wanted) -> Mapping[str, Any]:
    config = look.config
    for team in asked.team:
        typed.team(config, team)
    around = {
        "title": look.say("site.teams"),
        "configured": [team.id for team in config.teams],
        "streams": any(team.value_stream for team in config.teams),
        "example": look.say("site.teams.example"),
    }
    if not config.teams:
        return around
    start = period_start(config.goals, look.now)
    since = start if asked.since is None else typed.past_start(config, asked.since, look.now, "since")
    spent = effort_report.answer(
        *(look.tx, config, look.assess(), look.speak),
        group_by=asked.by,
        since=since,
        spent=look.once(
            ("effort", since), lambda: spending(look.tx, config, since, look.now, told_from=look.recorded())
        ),
    )
    pilot = tuple(dict.fromkeys(asked.team)) or waves_report.pilot(config)
    waves = waves_report.answer(look.tx, config, look.now, look.speak, teams=pilot, worked=look.worked())
    return {
        **around,
        "summary": effort_report.sentence(spent, look.speak) if spent["groups"] else look.say("effort.nothing"),
        "owners": list(_owners(spent, waves, asked, look)),
        "pilot": pilot,
        "compared": _compared(waves, look) if pilot else None,
        **_gates(look),
    }


# ── each team ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _owners(spent: Mapping[str, Any], waves: Mapping[str, Any], asked: Wanted, look: Look) -> Iterator[dict[str, Any]]:
    """The teams or value streams in the order of the file, those that did nothing too; last what is of none."""
    groups = {group["owner"]: group for group in spent["groups"]}
    weeks = {one["name"]: one["weeks"] for one in waves["owners"] if one["by"] == asked.by}
    streams = {team.id: team.value_stream for team in look.config.teams} if asked.by == "team" else {}
    for name in [*(one for one in weeks if one is not None), None]:
        if name is not None or name in groups:
            title = look.say(f"report.no_{asked.by}") if name is None else line(name)
            worked = _worked(groups.get(name), asked, look)
            yield {"name": title, "stream": streams.get(name or "", ""), **worked, **_weeks(weeks.get(name), look)}


def _worked(group: Mapping[str, Any] | None, asked: Wanted, look: Look) -> dict[str, Any]:
    """What the effort of the period served."""
    if group is None:
        return {"effort": "", "parts": []}
    shares = {name: percent(group[name], look.speak) for name in ("share", "coverage")}
    effort = look.say("effort.owner", effort=number(group["effort"], look.speak), **shares)
    return {"effort": effort, "parts": list(_parts(group, asked, look))}


def _parts(group: Mapping[str, Any], asked: Wanted, look: Look) -> Iterator[dict[str, Any]]:
    """The pieces of its bar with their words: the objectives at the top, then what serves none."""
    objectives = look.config.goals.objectives
    order = sorted(objectives, key=lambda one: objectives[one].parent is not None)
    goals = sorted(group["goals"], key=lambda one: order.index(one["id"]))
    rest = [kind for kind in REST if group["verdicts"][kind]]
    efforts = [*(one["effort"] for one in goals), *(group["verdicts"][kind] for kind in rest)]
    drawn = served(efforts)
    of_team = group["by"] == "team" and group["owner"] is not None
    orphans = address("/orphans", team=group["owner"] if of_team else None, since=asked.since)
    words = [percent(effort / group["effort"], look.speak) for effort in efforts]
    for one, piece, word in zip(goals, drawn, words, strict=False):
        tone = f"s{min(order.index(one['id']) + 1, TONES)}"
        facts = {"title": line(one["title"]), "url": objective(one["id"])}
        yield {**facts, "tone": tone, "piece": piece, "share": word}
    for kind, piece, word in zip(rest, drawn[len(goals) :], words[len(goals) :], strict=True):
        title = look.say(f"effort.verdict.{kind}")
        facts = {"title": title, "url": orphans if kind is VerdictKind.ORPHAN else ""}
        yield {**facts, "tone": kind.value, "piece": piece, "share": word}


def _weeks(weeks: Sequence[Mapping[str, Any]] | None, look: Look) -> dict[str, Any]:
    """The coverage over the weeks, drawn and in words."""
    told = _ended(weeks or ())
    names = short_weeks([week["week"] for week in told], look.speak)
    known = [(week["coverage"], name) for week, name in zip(told, names, strict=True) if week["coverage"] is not None]
    if not known:
        return {"spark": None, "trend": ""}
    (begin, first), (end, last) = known[0], known[-1]
    facts = {"end": percent(end, look.speak), "last": last}
    if first != last:
        trend = look.say("site.teams.trend", begin=percent(begin, look.speak), first=first, **facts)
    else:
        trend = look.say("site.teams.week", **facts)
    return {"spark": over_weeks([week["coverage"] for week in told]), "trend": trend}


def _ended(weeks: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The weeks that are over, for the one that runs compares with none; that one where there is no other."""
    return [week for week in weeks if week["whole"]] or weeks


# ── the roll-out ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _compared(waves: Mapping[str, Any], look: Look) -> dict[str, Any]:
    """The pilot against the rest: the sentence, the drawing, and the numbers behind it."""
    weeks = _ended(waves["weeks"])
    names = short_weeks([week["week"] for week in weeks], look.speak)
    sides = {side: [week[side] for week in weeks] for side in waves_report.SIDES}
    ends = {side: next((one for one in reversed(told) if one is not None), None) for side, told in sides.items()}
    words = {side: f"{look.say(f'sheet.{side}_word')} {percent(end, look.speak)}" for side, end in ends.items()}
    return {
        "sentence": waves["sentence"],
        "drawn": against(sides["pilot"], sides["rest"], names),
        "words": words,
        "percents": {share: percent(share, look.speak) for share in (0.0, 0.5, 1.0)},
        "rows": [
            {
                "week": waves_report.week_word(week, look.speak),
                **{side: percent(week[side], look.speak) for side in waves_report.SIDES},
                "difference": apart(*(week[side] for side in waves_report.SIDES)),
            }
            for week in waves["weeks"]
        ],
    }


def _gates(look: Look) -> dict[str, Any]:
    """The gates with their state; where one cannot be measured, why."""
    if not look.config.gates:
        return {"gates": [], "gates_sentence": "", "gates_fault": ""}
    try:
        answer = look.once(
            ("gates", look.language),
            lambda: gates_report.answer(
                *(look.tx, look.config, look.now, look.speak),
                told_from=look.recorded(),
            ),
        )
    except ConfigError as fault:
        return {"gates": [], "gates_sentence": "", "gates_fault": line(fault)}
    return {
        "gates": [_gate(row, look) for row in answer["gates"]],
        "gates_sentence": gates_report.summed_up(answer, look.speak),
        "gates_fault": "",
    }


def _gate(row: Mapping[str, Any], look: Look) -> dict[str, Any]:
    symbol, tone = RULINGS[row["verdict"]]
    return {
        "id": row["id"],
        "verdict": {"symbol": symbol, "word": gates_report.verdict(row, look.speak), "tone": tone},
        "asked": gates_report.asked(row, look.speak),
        "measured": gates_report.measured(row, look.speak),
        "evidence": [line(one) for one in gates_report.evidence(row, look.speak)],
        "why": line(row["why"] or ""),
    }


PAGE = Page("teams", "/teams", Wanted, view)
