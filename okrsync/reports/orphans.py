"""What served no objective: the sentence, the nodes to mend, the items, the trend."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

import rollup
from config import Config
from okrsync.assess import freshness
from okrsync.linking import explain
from okrsync.model import OrphanClass, Say, Ticket, Verdict, VerdictKind, Window
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
from okrsync.store.bulk import among
from okrsync.store.codec import instant, load_labels
from okrsync.store.sources import scopes
from okrsync.store.tickets import Listed
from okrsync.store.worked import worked
from rollup.worked import VERDICTS, Period

if TYPE_CHECKING:
    from sqlalchemy import Connection

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


class _Row(NamedTuple):
    """One item that is not traced, as the report sees it."""

    item: Listed
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
    brief: bool = False,
) -> dict[str, Any]:
    """DESIGN's ``orphans``; ``since`` is a local day, by default the first of the current cycle. A ``brief`` answer
    lists no items, and says how to mend no more groups than a terminal shows."""
    start = _start(config, since, now)
    zone = ZoneInfo(config.goals.timezone)
    period = Period(start, now, _weeks(config, start, now))
    teams = _Teams(config, team, sources)
    work = worked(tx, period, teams.place, config.thresholds, labels=teams.by_label)
    effort = rollup.orphan_share(work, period, config.thresholds)
    trend = rollup.trend(work, period, config.thresholds)
    totals = Counter(work["verdict"][work["chosen"]].tolist())
    del work
    counts = {kind: totals[VERDICTS.index(kind)] for kind in VerdictKind}
    rows: Iterable[_Row] = _rows(tx, (VerdictKind.ORPHAN,) if brief else LISTED, teams, effort)
    if not brief:
        rows = sorted(rows, key=lambda row: (-row.effort, row.item.source, row.item.key))
    orphans = (row for row in rows if row.item.verdict is VerdictKind.ORPHAN)
    if group_by == "fix":
        groups = _mended(tx, config, now, orphans, speak, brief=brief)
    else:
        groups = _cut(orphans, group_by, speak, now, _projects(tx, config) if group_by == "project" else {})
    return {
        **head(freshness(tx, config, now), config, now),
        "sentence": speak(_sentence(effort, start.astimezone(zone), speak)),
        "since": iso(start),
        "totals": {
            "items": sum(counts.values()),
            **{kind.value: count for kind, count in counts.items()},
            "effort_share_orphan": effort.orphan_share,
            "effort_share_exempt": effort.exempt / effort.total if effort.total else None,
        },
        "trend": [{"week": week, "effort_share_orphan": share} for week, share in trend],
        "groups": groups,
        "items": [] if brief else _items(tx, config, now, {row.item.uid: row for row in rows}, speak),
    }


class _Teams:
    """Whose work an item is, and whether it is asked for: found once for all that are alike."""

    def __init__(self, config: Config, team: str | None, sources: Collection[str] | None) -> None:
        self._teams = config.teams
        self._team = team
        self._sources = sources
        self.by_label = any(one.labels for one in config.teams)
        self._known: dict[tuple[str, str, str | None], str | None] = {}

    def of(self, source: str, project: str, labels: str | None) -> str | None:
        """The team, by the labels as they are stored."""
        alike = (source, project, labels if self.by_label else None)
        if alike not in self._known:
            self._known[alike] = rollup.team_at(source, project, load_labels(labels), self._teams)
        return self._known[alike]

    def asked_for(self, source: str, team: str | None) -> bool:
        return (self._sources is None or source in self._sources) and self._team in (None, team)

    def place(self, source: str, project: str, labels: str | None) -> tuple[tuple[str, ...], bool]:
        """Whose scale its estimates have, and whether its effort is asked for."""
        team = self.of(source, project, labels)
        return (source, project) if team is None else (team,), self.asked_for(source, team)


def _rows(
    tx: Connection, verdicts: Collection[VerdictKind], teams: _Teams, effort: rollup.EffortReport
) -> Iterator[_Row]:
    """What is asked for among the items with these verdicts, as it comes."""
    for item in tickets.listed(tx, verdicts):
        team = teams.of(item.source, item.project, item.labels)
        if teams.asked_for(item.source, team):
            yield _Row(item, team, effort.by_ticket.get(item.uid, 0.0))


def _start(config: Config, since: datetime | None, now: datetime) -> datetime:
    zone = ZoneInfo(config.goals.timezone)
    if since is not None:
        return since.replace(tzinfo=zone).astimezone(UTC)
    return rollup.period_start(config.goals, now)


def _weeks(config: Config, start: datetime, now: datetime) -> Sequence[Window]:
    """The ISO weeks of the period, at most the last quarter of them."""
    count = min(TREND_WEEKS, (now - start) // timedelta(weeks=1) + 1)
    return rollup.iso_weeks(now, config.goals.timezone, count)


def _sentence(effort: rollup.EffortReport, since: datetime, speak: Speak) -> Say:
    if not effort.total:
        return Say.of("report.sentence_none", since=f"{since:%Y-%m-%d}")
    return Say.of(
        "report.sentence",
        share=percent(effort.orphan_share, speak),
        since=f"{since:%Y-%m-%d}",
        orphan=number(effort.orphan, speak),
        total=number(effort.total, speak),
        items=effort.orphans,
        of=len(effort.by_ticket),
    )


def _projects(tx: Connection, config: Config) -> dict[str, str]:
    """The names of the projects whose keys do not tell them."""
    found = ((one.id, scope) for one in config.sources for scope in scopes(tx, one.id))
    return {
        f"{source}:{scope.key}": scope.name
        for source, scope in found
        if scope.name.casefold() not in scope.key.casefold()
    }


@dataclass(slots=True)
class _Tally:
    """What is known of a group once all of its items have come by."""

    items: int = 0
    efforts: list[float] = field(default_factory=list)  # of those that have any
    first: tuple[bool, int] = (True, 0)
    why: OrphanClass | None = None  # that of the first

    def add(self, row: _Row) -> None:
        """Before others come those that hang below, whom the mend of another serves; then the oldest uid."""
        rank = (row.item.orphan is not OrphanClass.TRANSITIVE, row.item.uid)
        if not self.items or rank < self.first:
            self.first, self.why = rank, row.item.orphan
        self.items += 1
        if row.effort:
            self.efforts.append(row.effort)

    @property
    def effort(self) -> float:
        return math.fsum(self.efforts)


def _mended(
    tx: Connection, config: Config, now: datetime, orphans: Iterable[_Row], speak: Speak, *, brief: bool
) -> list[dict[str, Any]]:
    """The orphans by the item to mend, which may be no orphan itself. What is said of a group is what is said of the
    first of its members, of those that hang below where there are any: one mend serves them all."""
    members: dict[int, _Tally] = {}
    own: dict[int, OrphanClass | None] = {}
    for row in orphans:
        mend = row.item.mend
        if mend is not None:
            members.setdefault(mend, _Tally()).add(row)
            if mend == row.item.uid:
                own[mend] = row.item.orphan
    places = queries.named(tx, members)
    groups = [_group(places[mend], tally, own.get(mend)) for mend, tally in members.items()]
    groups.sort(key=lambda group: (-group["effort"], -group["items"], group["name"], group["source"]))
    shown = {group["first"]: group for group in (groups[:SHOWN_GROUPS] if brief else groups)}
    for verdict in explain(tx, config, shown, now):
        if verdict.broken_at is not None:
            shown[verdict.item]["suggestion"] = speak(verdict.broken_at.fix)
    for group in groups:
        del group["first"]
    return groups


def _group(place: queries.Found, tally: _Tally, own: OrphanClass | None) -> dict[str, Any]:
    why = tally.why if own in (None, OrphanClass.DIRECT) else own  # what is wrong with the place itself
    return {
        "first": tally.first[1],
        "by": "fix",
        "name": place.key,
        "source": place.source,
        "fix": place.key,
        "title": place.title,
        "url": place.url,
        "class": why.value if why else None,
        "items": tally.items,
        "effort": tally.effort,
        "suggestion": None,
    }


def _cut(
    orphans: Iterable[_Row], by: str, speak: Speak, now: datetime, titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    name = _namer(by, speak, now)
    cut: dict[str, _Tally] = {}
    for row in orphans:
        cut.setdefault(name(row), _Tally()).add(row)
    groups = [
        {
            "by": by,
            "name": key,
            "source": None,
            "fix": None,
            "title": titles.get(key, ""),
            "url": "",
            "class": key if by == "class" else None,
            "items": tally.items,
            "effort": tally.effort,
            "suggestion": None,
        }
        for key, tally in cut.items()
    ]
    return sorted(groups, key=lambda group: (-group["effort"], -group["items"], group["name"]))


def _namer(by: str, speak: Speak, now: datetime) -> Callable[[_Row], str]:
    namers: dict[str, Callable[[_Row], str]] = {
        "class": lambda row: row.item.orphan.value if row.item.orphan else "",
        "source": lambda row: row.item.source,
        "project": lambda row: f"{row.item.source}:{row.item.project}",
        "team": lambda row: row.team or speak(Say.of("report.no_team")),
        "assignee": lambda row: row.item.assignee or speak(Say.of("report.nobody")),
        "age": lambda row: speak(Say.of(f"report.age.{_age(now - instant(row.item.created))}")),
    }
    return namers[by]


def _age(age: timedelta) -> str:
    for name, days in (("week", 7), ("month", 30), ("quarter", 91)):
        if age < timedelta(days=days):
            return name
    return "older"


def _items(
    tx: Connection, config: Config, now: datetime, rows: Mapping[int, _Row], speak: Speak
) -> list[dict[str, Any]]:
    """What is said of each item, in the order of the rows."""
    every = tickets.read(tx, chosen=lambda uid: among(uid, sorted(rows)), placed=False)
    judged = explain(tx, config, rows, now)
    said = {
        ticket.uid: _item(ticket, rows[ticket.uid], verdict, speak)
        for ticket, verdict in zip(every, judged, strict=True)
    }
    return [said[uid] for uid in rows]


def _item(item: Ticket, row: _Row, verdict: Verdict, speak: Speak) -> dict[str, Any]:
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
