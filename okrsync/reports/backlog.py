"""The open work of all tools in the order in which it matters, with the reason of each place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

import rollup
from config import Config
from okrsync.assess import Assessment
from okrsync.model import Say, Ticket
from okrsync.reports.common import (
    Lazy,
    Speak,
    freshness_line,
    freshness_sentence,
    head,
    indented,
    short,
    status_text,
    text,
)
from okrsync.reports.sheet import Sheet
from okrsync.store import tickets, workload
from okrsync.store.bulk import among
from okrsync.store.unfinished import unfinished
from okrsync.teams import Teams
from rollup.backlog import Backlog, backlog, of_goal, of_item
from rollup.workload import Array, Names

if TYPE_CHECKING:
    from sqlalchemy import Connection

COLUMNS = (
    *("rank", "why", "objective", "key_result", "source", "key", "kind", "title", "url", "status", "team", "due"),
    *("age_days", "also"),
)
SHOWN = ("rank", "objective", "key_result", "source", "key", "title", "status_word", "team", "age_days", "why")
SHOWN_ITEMS = 12  # of one objective, on a terminal
WIDEST = 120
PIECE = 2000
"""So many items are in memory at once."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is wanted of the list; empty: all. ``each``: at most so many of one objective; ``start``: how many of those
    that are left are passed over."""

    objectives: Collection[str] = ()
    team: str | None = None
    sources: Collection[str] = ()
    limit: int | None = None
    each: int | None = None
    start: int = 0


@dataclass(frozen=True, slots=True)
class Ranked:
    """All open work in its order, with the ``owners`` that the places of its items mean: ``SOURCE\\0TEAM``."""

    found: Backlog
    owners: Sequence[str]


def ranked(tx: Connection, config: Config, assessment: Assessment) -> Ranked:
    teams, owners = Teams(config), Names()

    def owner(source: str, project: str, labels: str | None) -> int:
        return owners.place(f"{source}\0{teams.of(source, project, labels) or ''}")

    goals, work = config.goals, workload.read(tx, config.goals)
    found = backlog(
        unfinished(tx, Names(list(work.targets)), owner),
        *(goals, assessment.progress, assessment.objectives, work, config.thresholds),
    )
    return Ranked(found, [name or "" for name in owners.known])


def answer(
    tx: Connection,
    config: Config,
    assessment: Assessment,
    speak: Speak,
    *,
    cut: Cut = Cut(),
    every: Ranked | None = None,
) -> dict[str, Any]:
    """DESIGN's ``backlog``; ``rank`` is the place in the whole list, whatever is shown of it. The items are read while
    they are asked for, in the transaction ``tx``; ``every`` open item may be ranked already."""
    every = ranked(tx, config, assessment) if every is None else every
    found, goals = every.found, config.goals
    above = _objectives(found, config)
    wanted = _wanted(every, above, config, cut)
    shown = _first(wanted, above, cut)
    counts = dict(zip(*np.unique(above[wanted], return_counts=True), strict=True))
    return {
        **head(assessment.freshness, config, assessment.now),
        "objectives": [
            {
                "id": one.id,
                "title": one.title,
                "status": assessment.objectives[one.id].status.value,
                "open": int(counts.get(place, 0)),
            }
            for place, one in enumerate(goals.objectives.values())
        ],
        "unlinked": int(counts.get(-1, 0)),
        "items": Lazy(lambda: _items(tx, config, assessment, speak, found, shown)),
    }


def _objectives(found: Backlog, config: Config) -> Array:
    """The objective of each place, as the configuration numbers them; -1: none."""
    number = {name: place for place, name in enumerate(config.goals.objectives)}
    number |= {kr.id: number[kr.objective] for kr in config.goals.key_results.values()}
    known = np.array([*(number.get(name or "", -1) for name in found.unfinished.targets), -1])
    above: Array = known[found.ranked["target"]]  # the last one is that of no target
    return above


def _wanted(every: Ranked, above: Array, config: Config, cut: Cut) -> Array:
    """The places that are asked for."""
    chosen = np.ones(len(above), bool)
    if cut.objectives:
        chosen &= np.isin(above, [place for place, one in enumerate(config.goals.objectives) if one in cut.objectives])
    if cut.team is not None or cut.sources:
        places = [
            place
            for place, (source, _, team) in enumerate(name.partition("\0") for name in every.owners)
            if cut.team in (None, team) and (not cut.sources or source in cut.sources)
        ]
        found = every.found
        chosen &= np.isin(found.unfinished.items["place"][found.ranked["row"]], places)
    wanted: Array = np.flatnonzero(chosen)
    return wanted


def _first(wanted: Array, above: Array, cut: Cut) -> Array:
    """The first of what is asked for, as many as are to be shown."""
    if cut.each is not None and len(wanted):
        mine = above[wanted]
        begins = np.flatnonzero(np.diff(mine, prepend=mine[0] - 1))  # of one objective they stand together
        nth = np.arange(len(mine)) - np.repeat(begins, np.diff(np.append(begins, len(mine))))
        wanted = wanted[nth < cut.each]
    return wanted[cut.start :] if cut.limit is None else wanted[cut.start : cut.start + cut.limit]


def _items(
    tx: Connection, config: Config, assessment: Assessment, speak: Speak, found: Backlog, shown: Array
) -> Iterator[dict[str, Any]]:
    """The entries in these places, read some at a time."""
    every = found.unfinished.items["uid"][found.ranked["row"]]
    goals, measured = config.goals, (assessment.progress, assessment.objectives)
    for start in range(0, len(shown), PIECE):
        places = shown[start : start + PIECE].tolist()
        uids = every[places].tolist()
        items = {one.uid: one for one in tickets.read(tx, chosen=partial(among, values=uids), placed=False)}
        keys = tickets.keys(tx, {uid for place in places for uid in found.frees(place)})
        for place, uid in zip(places, uids, strict=True):
            whys = of_goal(found, place, goals, *measured), of_item(found, place, goals, keys, assessment.now)
            of_both = [_joined(why, speak) for why in whys]
            said = {"why": speak(Say.of("backlog.and")).join(of_both), "of_goal": of_both[0], "of_item": of_both[1]}
            yield {"rank": place + 1, **said, **_item(items[uid], found, place, config, assessment)}


def _item(item: Ticket, found: Backlog, place: int, config: Config, assessment: Assessment) -> dict[str, Any]:
    goal = found.goal(place)
    kr = config.goals.key_results.get(goal) if goal is not None else None
    return {
        "objective": kr.objective if kr is not None else goal,
        "key_result": kr.id if kr is not None else None,
        "source": item.source,
        "key": item.key,
        "kind": item.kind.value,
        "title": item.title,
        "url": item.url,
        "status": item.state.value,
        "team": rollup.team_of(item, config.teams),
        "due": found.due(place),
        "age_days": max(0, (assessment.now - item.created_at).days),
        "also": found.others(place),
    }


def _joined(why: Iterable[Say], speak: Speak) -> str:
    """The clauses as one, with each status in words."""
    clauses = []
    for one in why:
        facts = {
            name: speak(Say.of(f"status.{value}")) if name.endswith("status") else value for name, value in one.args
        }
        clauses.append(speak(Say.of(one.code, **facts)))
    return speak(Say.of("backlog.and")).join(clauses)


# ── how it is shown ──────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row an open item."""
    rows = Lazy(lambda: ({**item, "status_word": speak(Say.of(f"state.{item['status']}"))} for item in answer["items"]))
    nothing = speak(Say.of("backlog.nothing"))
    lead = (freshness_sentence(answer, speak),)
    return Sheet(speak(Say.of("sheet.title.backlog")), lead, COLUMNS, rows, SHOWN, nothing)


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """A block an objective, the worst first; in it what a key result waits for, and a line an item with its reason."""
    parts: list[RenderableType] = [freshness_line(answer, speak)]
    items = list(answer["items"])
    if not items:
        return [*parts, Text(speak(Say.of("backlog.nothing")))]
    known = {one["id"]: one for one in answer["objectives"]}
    shared = _shared(items)
    for name, found in groupby(items, key=lambda item: item["objective"]):
        of_one = list(found)
        count = known[name]["open"] if name in known else answer["unlinked"]
        parts += ["", _title(known.get(name), count, speak)]
        for why, alike in groupby(of_one, key=lambda item: item["of_goal"]):
            parts.append(indented(text(why, "dim"), 2))
            for own, same in groupby(alike, key=lambda item: item["of_item"]):
                parts.append(indented(text(own, "dim"), 4))
                parts += [_row(item, speak, shared) for item in same]
        if count > len(of_one):
            parts.append(indented(Text(speak(Say.of("report.more", count=count - len(of_one))), style="dim"), 2))
    return parts


def _title(objective: Mapping[str, Any] | None, count: int, speak: Speak) -> Text:
    counted = speak(Say.of("backlog.open", count=count))
    if objective is None:
        return Text.assemble((speak(Say.of("backlog.orphans")), "bold"), "  ", (counted, "dim"))
    status = status_text(objective["status"], speak)
    return Text.assemble(
        text(objective["id"], "bold"), "  ", text(objective["title"]), "  ", status, "  ", (counted, "dim")
    )


def _shared(items: Iterable[Mapping[str, Any]]) -> set[str]:
    """The keys that stand for items of several sources."""
    counted = Counter(key for _, key in {(item["source"], item["key"]) for item in items})
    return {key for key, count in counted.items() if count > 1}


def _row(item: Mapping[str, Any], speak: Speak, shared: Collection[str]) -> RenderableType:
    row = Table.grid(padding=(0, 2, 0, 0), expand=True, pad_edge=False)
    row.add_column(width=4)
    row.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    row.add_column(no_wrap=True, width=16, overflow="ellipsis")
    row.add_column(no_wrap=True, width=12)
    row.add_column(no_wrap=True, width=8, justify="right")
    key = f"{item['source']}:{item['key']}" if item["key"] in shared else short(item["key"])
    name = Text.assemble(text(key, "bold"), "  ", text(item["title"]))
    age = speak(Say.of("backlog.age", days=item["age_days"]))
    state = Text(speak(Say.of(f"state.{item['status']}")), style="dim")
    row.add_row("", name, text(item["key_result"] or ""), state, Text(age, style="dim"))
    return Constrain(row, WIDEST)
