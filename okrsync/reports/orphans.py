"""What served no objective: the sentence, the nodes to mend, the items, the trend."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

import mapping
import rollup
from config import Config
from okrsync.assess import freshness
from okrsync.model import Say, Ticket, Verdict, VerdictKind, Window
from okrsync.reports.common import (
    Speak,
    freshness_line,
    freshness_sentence,
    head,
    indented,
    iso,
    number,
    percent,
    short,
    table,
    text,
)
from okrsync.reports.sheet import Sheet
from okrsync.store import queries, tickets
from okrsync.store.sources import scopes

if TYPE_CHECKING:
    from sqlalchemy import Connection

NO_CYCLE = timedelta(days=91)  # the period where no cycle contains now
LISTED = (VerdictKind.ORPHAN, VerdictKind.UNRESOLVABLE, VerdictKind.EXEMPT)
SHOWN_GROUPS = 15
TREND_WEEKS = 13
ALIKE = {"direct", "dead"}  # classes whose mend reads alike for every ticket: said once
WIDEST = 120  # columns; on a wider terminal the figures would stand too far from what they count
COLUMNS = (
    *("source", "key", "kind", "title", "url", "verdict", "class", "fix", "evidence", "effort", "team"),
    *("created_at", "updated_at"),
)
GROUP_COLUMNS = ("by", "name", "source", "fix", "title", "url", "class", "items", "effort", "suggestion")
GROUP_SHOWN = ("name", "title", "items", "effort")
SHOWN = ("source", "key", "title", "verdict_word", "class_word", "effort", "team", "evidence", "fix")


def groupings(config: Config) -> tuple[str, ...]:
    """What ``--group-by`` takes; people are grouped only where the configuration says so."""
    by_people = ("assignee",) if config.reports.by_assignee else ()
    return ("fix", "class", "source", "project", "team", "age", *by_people)


@dataclass(frozen=True, slots=True)
class _Row:
    """One item that is not traced, as the report sees it."""

    item: Ticket
    verdict: Verdict
    team: str | None
    effort: float


def answer(
    tx: Connection,
    config: Config,
    now: datetime,
    speak: Speak,
    *,
    group_by: str,
    since: datetime | None,
    team: str | None,
    sources: Collection[str] | None,
) -> dict[str, Any]:
    """DESIGN's ``orphans``; ``since`` is a local day, by default the first of the current cycle."""
    start = _start(config, since, now)
    zone = ZoneInfo(config.goals.timezone)

    def chosen(one: Ticket) -> bool:
        of_source = sources is None or one.source in sources
        return of_source and (team is None or rollup.team_of(one, config.teams) == team)

    totals, rows = dict.fromkeys(VerdictKind, 0), []
    every = list(tickets.counted(tx))
    effort = rollup.orphan_share(every, config.goals, config.teams, start, now, config.thresholds, chosen)
    for one in queries.verdicts(tx):
        if not chosen(one.item):
            continue
        totals[one.verdict.kind] += 1
        if one.verdict.kind in LISTED:
            rows.append(
                _Row(
                    one.item,
                    one.verdict,
                    rollup.team_of(one.item, config.teams),
                    effort.by_ticket.get(one.item.uid, 0.0),
                )
            )
    rows.sort(key=lambda row: (-row.effort, row.item.source, row.item.key))
    return {
        **head(freshness(tx, config, now), config, now),
        "sentence": speak(_sentence(effort, every, start.astimezone(zone), speak)),
        "since": iso(start),
        "totals": {
            "items": sum(totals.values()),
            **{kind.value: totals[kind] for kind in VerdictKind},
            "effort_share_orphan": effort.orphan_share,
            "effort_share_exempt": effort.exempt / effort.total if effort.total else None,
        },
        "trend": [
            {"week": week, "effort_share_orphan": share}
            for week, share in rollup.trend(every, config.teams, _weeks(config, start, now), config.thresholds, chosen)
        ],
        "groups": _groups(rows, group_by, speak, now, _projects(tx, config) if group_by == "project" else {}),
        "items": [_item(row, speak) for row in rows],
    }


def _start(config: Config, since: datetime | None, now: datetime) -> datetime:
    zone = ZoneInfo(config.goals.timezone)
    if since is not None:
        return since.replace(tzinfo=zone).astimezone(UTC)
    cycle = rollup.current_cycle(config.goals, now)
    if cycle is not None and cycle.window.start is not None:
        return cycle.window.start
    return now - NO_CYCLE


def _weeks(config: Config, start: datetime, now: datetime) -> Sequence[Window]:
    """The ISO weeks of the period, at most the last quarter of them."""
    count = min(TREND_WEEKS, (now - start) // timedelta(weeks=1) + 1)
    return rollup.iso_weeks(now, config.goals.timezone, count)


def _sentence(effort: rollup.EffortReport, every: Iterable[Ticket], since: datetime, speak: Speak) -> Say:
    if not effort.total:
        return Say.of("report.sentence_none", since=f"{since:%Y-%m-%d}")
    spent = [one for one in every if one.uid in effort.by_ticket]
    return Say.of(
        "report.sentence",
        share=percent(effort.orphan_share, speak),
        since=f"{since:%Y-%m-%d}",
        orphan=number(effort.orphan, speak),
        total=number(effort.total, speak),
        items=sum(one.verdict is VerdictKind.ORPHAN for one in spent),
        of=len(spent),
    )


def _projects(tx: Connection, config: Config) -> dict[str, str]:
    """The names of the projects whose keys do not tell them."""
    found = ((one.id, scope) for one in config.sources for scope in scopes(tx, one.id))
    return {
        f"{source}:{scope.key}": scope.name
        for source, scope in found
        if scope.name.casefold() not in scope.key.casefold()
    }


def _groups(
    rows: Sequence[_Row], by: str, speak: Speak, now: datetime, titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    orphans = [row for row in rows if row.verdict.kind is VerdictKind.ORPHAN]
    effort = {row.item.uid: row.effort for row in orphans}
    if by == "fix":
        groups = [
            {
                "by": by,
                "name": mend.key,
                "source": mend.source,
                "fix": mend.key,
                "title": mend.title,
                "url": mend.url,
                "class": mend.orphan.value if mend.orphan else None,
                "items": len(mend.items),
                "effort": sum(effort[uid] for uid in mend.items),
                "suggestion": speak(mend.fix),
            }
            for mend in mapping.group(row.verdict for row in orphans)
        ]
    else:
        name = _namer(by, speak, now)
        cut: dict[str, list[_Row]] = {}
        for row in orphans:
            cut.setdefault(name(row), []).append(row)
        groups = [
            {
                "by": by,
                "name": key,
                "source": None,
                "fix": None,
                "title": titles.get(key, ""),
                "url": "",
                "class": key if by == "class" else None,
                "items": len(members),
                "effort": sum(row.effort for row in members),
                "suggestion": None,
            }
            for key, members in cut.items()
        ]
    return sorted(groups, key=lambda group: (-group["effort"], -group["items"], group["name"]))


def _namer(by: str, speak: Speak, now: datetime) -> Callable[[_Row], str]:
    namers: dict[str, Callable[[_Row], str]] = {
        "class": lambda row: row.verdict.orphan.value if row.verdict.orphan else "",
        "source": lambda row: row.item.source,
        "project": lambda row: f"{row.item.source}:{row.item.project}",
        "team": lambda row: row.team or speak(Say.of("report.no_team")),
        "assignee": lambda row: row.item.assignee or speak(Say.of("report.nobody")),
        "age": lambda row: speak(Say.of(f"report.age.{_age(now - row.item.created_at)}")),
    }
    return namers[by]


def _age(age: timedelta) -> str:
    for name, days in (("week", 7), ("month", 30), ("quarter", 91)):
        if age < timedelta(days=days):
            return name
    return "older"


def _item(row: _Row, speak: Speak) -> dict[str, Any]:
    item, verdict = row.item, row.verdict
    broken = verdict.broken_at
    evidence = verdict.exemption or (broken.why if broken else None)
    return {
        "source": item.source,
        "key": item.key,
        "kind": item.kind.value,
        "title": item.title,
        "url": item.url,
        "verdict": verdict.kind.value,
        "class": verdict.orphan.value if verdict.orphan else None,
        "fix": speak(broken.fix) if broken else None,
        "evidence": speak(evidence) if evidence else None,
        "effort": row.effort,
        "team": row.team,
        "created_at": iso(item.created_at),
        "updated_at": iso(item.updated_at),
    }


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """The sentence, the totals, and a row an item that is not traced."""
    lead = (answer["sentence"], _totals(answer, speak), freshness_sentence(answer, speak))
    rows = [
        {
            **item,
            "verdict_word": speak(Say.of(f"report.verdict.{item['verdict']}")),
            "class_word": _class_word(item["class"], speak),
        }
        for item in answer["items"]
    ]
    nothing = speak(Say.of("report.no_orphans" if answer["totals"]["items"] else "report.no_items"))
    return Sheet(speak(Say.of("sheet.title.orphans")), lead, COLUMNS, rows, SHOWN, nothing)


def group_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """The sentence, the totals, and a row a group: what a cut was asked for."""
    rows = [
        {**group, "name": _group_name(group, speak), "class_word": _class_word(group["class"], speak)}
        for group in answer["groups"]
    ]
    shown = ("name", "title", "class_word", "items", "effort", "suggestion")
    by_fix = any(group["by"] == "fix" for group in rows)
    return replace(sheet(answer, speak), columns=GROUP_COLUMNS, rows=rows, shown=shown if by_fix else GROUP_SHOWN)


def _class_word(name: str | None, speak: Speak) -> str | None:
    return speak(Say.of(f"report.class.{name}")) if name else None


def _group_name(group: Mapping[str, Any], speak: Speak) -> str:
    """What people call a group."""
    return _class_word(group["class"], speak) or "" if group["by"] == "class" else short(group["name"])


def _totals(answer: Mapping[str, Any], speak: Speak) -> str:
    counts = {name: answer["totals"][name] for name in ("items", "traced", "exempt", "orphan", "unresolvable")}
    return speak(Say.of("report.totals", **counts))


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """The sentence first; then where to mend, the most effort first."""
    totals = answer["totals"]
    if answer["as_of"] is None and not totals["items"]:
        return [freshness_line(answer, speak)]
    parts: list[RenderableType] = [text(answer["sentence"], "bold"), Text(_totals(answer, speak), style="dim")]
    weeks = [
        speak(Say.of("report.week", week=one["week"][-2:], share=percent(one["effort_share_orphan"], speak)))
        for one in answer["trend"]
        if one["effort_share_orphan"] is not None
    ]
    if weeks:
        parts.append(Text(speak(Say.of("report.trend", trend="  ".join(weeks))), style="dim"))
    parts.append(freshness_line(answer, speak))
    if not answer["groups"]:
        return [*parts, Text(speak(Say.of("report.no_orphans" if totals["items"] else "report.no_items")))]
    shown = answer["groups"][:SHOWN_GROUPS]
    parts += ["", *(_mends(shown, speak) if shown[0]["by"] == "fix" else [_cuts(shown, speak)])]
    hidden = len(answer["groups"]) - len(shown)
    if hidden:
        parts.append(Text(speak(Say.of("report.more", count=hidden)), style="dim"))
    return parts


def _mends(groups: Sequence[Mapping[str, Any]], speak: Speak) -> list[RenderableType]:
    """A line a node, and below it what to do there."""
    parts: list[RenderableType] = [_row(speak, _heading("mend", speak), _heading("class", speak))]
    said: set[str] = set()
    several = len({group["source"] for group in groups}) > 1
    for group in groups:
        key = f"{group['source']}:{short(group['name'])}" if several else short(group["name"])
        name = Text.assemble(text(key, "bold"), "  ", text(group["title"]))
        parts.append(_row(speak, name, Text(speak(Say.of(f"report.class.{group['class']}"))), group))
        if group["class"] not in said:
            parts.append(indented(text(f"→ {group['suggestion']}", "dim"), 2))
        said |= {group["class"]} & ALIKE
    return parts


def _cuts(groups: Iterable[Mapping[str, Any]], speak: Speak) -> Table:
    columns = [speak(Say.of(f"report.column.{name}")) for name in ("group", "items", "effort")]
    drawn = table(*columns, numbers=(1, 2))
    for group in groups:
        name = _group_name(group, speak)
        named = Text.assemble(text(name, "bold"), "  ", text(group["title"])) if group["title"] else text(name, "bold")
        drawn.add_row(named, str(group["items"]), number(group["effort"], speak))
    return drawn


def _row(speak: Speak, name: Text, why: Text, group: Mapping[str, Any] | None = None) -> RenderableType:
    """One line of any width: the name gives way; without a group, the headings."""
    row = Table.grid(padding=(0, 2, 0, 0), expand=True, pad_edge=False)
    row.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    row.add_column(no_wrap=True, width=18)
    row.add_column(width=9, justify="right")
    row.add_column(width=8, justify="right")
    figures = (str(group["items"]), number(group["effort"], speak)) if group else ()
    row.add_row(name, why, *(figures or (_heading("items", speak), _heading("effort", speak))))
    return Constrain(row, WIDEST)


def _heading(column: str, speak: Speak) -> Text:
    return Text(speak(Say.of(f"report.column.{column}")), style="dim")
