"""What served no objective: where to mend, weighed by effort; every item; what is exempt; and all of it to take
along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Literal, TypeAlias

from pydantic import Field

from mapping.tree import GoalTree
from okrsync import typed
from okrsync.dashboard.drawing.weeks import bars
from okrsync.dashboard.export import Listing
from okrsync.dashboard.frame import address
from okrsync.dashboard.likely import likely
from okrsync.dashboard.look import Asked, Look, Page
from okrsync.dashboard.marks import VERDICTS, capital, linked
from okrsync.errors import UsageError
from okrsync.mending import linking
from okrsync.model import VerdictKind
from okrsync.reports import orphans as report
from okrsync.reports.common import Page as Rows
from okrsync.reports.common import line, percent, short, short_weeks
from okrsync.store.sources import scopes

PATH = "/orphans"
MENDS = 10
MORE_MENDS = 40
MOST_MENDS = 500
CUT = 8
"""Rows of a cut that are shown; the rest where it is asked for."""
ORDER = ("team", "assignee", "project", "source", "age")
"""Of the cuts; the last two stand side by side, for there is little to tell of each."""
WIDE = frozenset(ORDER[:3])
COUNTED = ("traced", "exempt", "orphan", "unresolvable")


Options: TypeAlias = "list[tuple[str, str, bool]]"
"""Value, word, whether it is chosen."""


class Orphans(Asked):
    group_by: str | None = None
    source: tuple[str, ...] = ()
    project: tuple[str, ...] = ()
    team: str | None = None
    age: Literal["week", "month", "quarter", "older"] | None = None
    assignee: str | None = None
    since: str | None = None
    verdict: Literal["orphan", "unresolvable", "exempt"] | None = None
    suggest: bool = False
    mends: int = Field(MENDS, ge=1, le=MOST_MENDS)
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=10**9)


def view(look: Look, asked: Orphans) -> Mapping[str, Any]:
    answer = _answer(look, asked, Rows(asked.offset, asked.limit), Rows(0, asked.mends))
    chosen = asked.model_dump(exclude={"mends", "limit", "offset"}, exclude_defaults=True)
    by = typed.grouping(asked.group_by, report.groupings(look.config))
    return {
        "title": look.say("site.orphans"),
        "path": PATH,
        "chosen": chosen,
        "paged": asked.model_dump(exclude={"offset"}, exclude_defaults=True),
        "answer": answer,
        "by": by,
        "lead": answer["sentence"],
        "beside": [one for one in (report.rest(answer, look.speak), report.code(answer, look.speak)) if one],
        "verdicts": [_verdict(answer["totals"], name) for name in COUNTED],
        "segments": _segments(answer["totals"]),
        "trend": _trend(look, answer),
        "form": _form(look, asked, by),
        "groups": [_group(look, one, answer["totals"]) for one in answer["groups"]],
        "likely": _likely(look, asked) if asked.suggest and by == "fix" else None,
        "more_mends": min(asked.mends + MORE_MENDS, MOST_MENDS) if asked.mends < answer["group_count"] else None,
        "cuts": _cuts(look, chosen, answer, by),
        "rows": [{**one, "fix": one["fix"] and capital(line(one["fix"]))} for one in answer["items"]],
        "exempt_work": address(PATH, {**chosen, "verdict": "exempt"}) + "#items",
    }


def export(look: Look, asked: Orphans) -> Listing:
    """Item by item; group by group where a grouping is asked for, as the command has it."""
    return Listing(_answer(look, asked), report.sheet if asked.group_by is None else report.group_sheet)


def _answer(look: Look, asked: Orphans, page: Rows | None = None, groups: Rows | None = None) -> dict[str, Any]:
    config = look.config
    if asked.assignee is not None and not config.reports.by_assignee:
        raise UsageError("work is not told by people; [reports] by_assignee allows it")
    known = [key for one in config.sources for key in _projects(look, one.id)]
    for name in asked.project:
        if name not in known:
            raise typed.unknown("project", name, known)
    since = None if asked.since is None else typed.past_day(config, asked.since, look.now, "since")
    basis = look.once("orphans", lambda: report.Basis.read(look.tx, config, look.worked(since)))
    return report.answer(
        *(look.tx, config, look.now, look.speak),
        group_by=typed.grouping(asked.group_by, report.groupings(config), "group_by"),
        since=since,
        team=typed.team(config, asked.team),
        sources=[one.id for one in typed.sources(config, asked.source)] if asked.source else None,
        projects=asked.project or None,
        age=asked.age,
        assignee=asked.assignee,
        listed=report.LISTED if asked.verdict is None else (VerdictKind(asked.verdict),),
        page=page,
        groups_page=groups,
        basis=basis.of(look.worked(since)),
    )


def _projects(look: Look, source: str) -> dict[str, str]:
    """``SOURCE:KEY`` of its projects → what people call them."""
    return {f"{source}:{scope.key}": scope.name for scope in scopes(look.tx, source)}


def _verdict(totals: Mapping[str, Any], name: str) -> dict[str, Any]:
    share = totals[f"effort_share_{name}"]
    return {"verdict": name, "items": totals[name], "effort": totals["effort"] * (share or 0.0), "share": share}


def _segments(totals: Mapping[str, Any]) -> list[tuple[float, float, str]]:
    """Of all effort, by verdict, one beside the other: where each begins, how wide it is, its tone."""
    shares = [totals[f"effort_share_{name}"] for name in COUNTED]
    if None in shares:
        return []
    begins = accumulate(shares, initial=0.0)
    return [
        (round(100 * begin, 2), round(100 * share, 2), VERDICTS[name])
        for name, share, begin in zip(COUNTED, shares, begins, strict=False)
        if share
    ]


def _trend(look: Look, answer: Mapping[str, Any]) -> dict[str, Any] | None:
    """The chart and its words; None where no week had any effort."""
    said = report.trend(answer, look.speak)
    if not said:
        return None
    weeks = answer["trend"]
    drawn = bars([(one["effort_share_orphan"], one["effort_share_exempt"]) for one in weeks])
    names = short_weeks([one["week"] for one in weeks], look.speak)
    shares = [percent(one["effort_share_orphan"], look.speak) for one in weeks]
    labels = [
        {"name": name.rpartition("-")[2], "share": share, "over": one["whole"]}
        for one, name, share in zip(weeks, names, shares, strict=True)
    ]
    lines = [(percent(share, look.speak), y) for share, y in drawn.lines]
    return {"said": said, "drawn": drawn, "bars": list(zip(labels, drawn.bars, strict=True)), "lines": lines}


def _form(look: Look, asked: Orphans, by: str) -> dict[str, Any]:
    """What the selects offer: value, word, whether it is chosen."""
    config = look.config
    groupings = [(one, look.say(f"site.orphans.by.{one}"), one == by) for one in report.groupings(config)]
    sources = [(one.id, one.id, one.id in asked.source) for one in config.sources]
    projects = [
        (key, line(key) if name.casefold() in key.casefold() else f"{line(name)} ({line(key)})", key in asked.project)
        for one in config.sources
        for key, name in _projects(look, one.id).items()
    ]
    teams = [(one.id, one.id, one.id == asked.team) for one in config.teams]
    ages = [(one, look.say(f"report.age.{one}"), one == asked.age) for one in report.AGES]
    verdicts = [(one.value, look.say(f"report.verdict.{one}"), one == asked.verdict) for one in report.LISTED]
    selects: list[tuple[str, Options]]
    selects = [("source", sources), ("project", projects), ("team", teams), ("age", ages), ("verdict", verdicts)]
    return {
        "groupings": groupings,
        "selects": [(name, options) for name, options in selects if len(options) > 1 or any(one[2] for one in options)],
        "by_assignee": config.reports.by_assignee,
    }


def _group(look: Look, group: Mapping[str, Any], totals: Mapping[str, Any]) -> dict[str, Any]:
    """A group with its share of all orphan effort; of a place to mend what to click there, and what to type."""
    orphans = totals["effort"] * (totals["effort_share_orphan"] or 0.0)
    told = {
        **group,
        "called": report.called(group, look.speak),
        "weight": group["effort"] / orphans if orphans else None,
    }
    if group["by"] != "fix":
        return told
    place = {"source": group["source"], "key": group["name"], "title": group["title"], "url": group["url"]}
    goal = GoalTree(look.config.goals, look.now).example or ""
    return {
        **told,
        "place": place,
        "hint": group["hint"] and capital(line(group["hint"])),
        "steps": [linked(capital(step)) for step in group["steps"]],
        "command": linking(group["source"], short(group["name"]), goal),
    }


def _likely(look: Look, asked: Orphans) -> dict[str, Any]:
    """Of the places to mend, those with a parent that is sure enough; and how sure such a word is here."""
    sources = [one.id for one in typed.sources(look.config, asked.source)] if asked.source else None
    told = likely(look, team=typed.team(look.config, asked.team), sources=sources)
    return {"lead": told.lead, "of": told.found}


def _cuts(look: Look, chosen: Mapping[str, Any], answer: Mapping[str, Any], by: str) -> list[dict[str, Any]]:
    """Those in which there is something to compare, but for the one that the groups show already."""
    names = [one for one in ORDER if one != by and len(answer["cuts"].get(one, ())) > 1]
    found = [_cut(look, chosen, name, answer["cuts"][name]) for name in names]
    narrow = [one for one in found if not one["wide"]]
    alone = narrow[-1:] if len(narrow) % 2 else []
    return [{**one, "whole": one["wide"] or one in alone} for one in found]


def _cut(look: Look, chosen: Mapping[str, Any], name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The first rows of a cut, each with the address of the page that it alone is on."""
    known: dict[str, str] = {
        "team": {one.id: one.id for one in look.config.teams},
        "age": {look.say(f"report.age.{one}"): one for one in report.AGES},
        "assignee": {row["name"]: row["name"] for row in rows if row["name"] != look.say("report.nobody")},
    }.get(name) or {row["name"]: row["name"] for row in rows if row["name"] != look.say("report.no_source")}
    return {
        "name": name,
        "title": look.say(f"orphans.by.{name}"),
        "rows": [
            {**row, "address": address(PATH, {**chosen, name: known[row["name"]]}) if row["name"] in known else ""}
            for row in rows[:CUT]
        ],
        "more": len(rows) - CUT,
        "all": address(PATH, {**chosen, "group_by": name}),
        "wide": name in WIDE,
        "code": name == "team",
    }


PAGE = Page("orphans", PATH, Orphans, view, export=export)
