"""The open work of all tools by parent objective, the worst objective first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

import rollup
from config import Config
from okrsync.assess import Assessment
from okrsync.model import Say, Ticket
from okrsync.reports.common import (
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
from okrsync.store import queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

COLUMNS = (
    *("rank", "why", "objective", "key_result", "source", "key", "kind", "title", "url", "status", "team", "age_days"),
)
SHOWN = ("rank", "objective", "key_result", "source", "key", "title", "status_word", "team", "age_days", "why")
SHOWN_ITEMS = 12  # of one objective, on a terminal
WIDEST = 120


def answer(
    tx: Connection,
    config: Config,
    assessment: Assessment,
    speak: Speak,
    *,
    objectives: Collection[str],
    team: str | None,
    sources: Collection[str] | None,
) -> dict[str, Any]:
    """DESIGN's ``backlog``; ``rank`` is the place in the whole list, whatever is shown of it."""
    entries = rollup.backlog(_open(tx), config.goals, assessment.progress, assessment.objectives)
    items = []
    for rank, entry in enumerate(entries, start=1):
        item, of_team = entry.item, rollup.team_of(entry.item, config.teams)
        if objectives and entry.objective not in objectives:
            continue
        if (team is not None and of_team != team) or (sources is not None and item.source not in sources):
            continue
        items.append(
            {
                "rank": rank,
                "why": _why(entry.why, speak),
                "objective": entry.objective,
                "key_result": entry.key_result,
                "source": item.source,
                "key": item.key,
                "kind": item.kind.value,
                "title": item.title,
                "url": item.url,
                "status": item.state.value,
                "team": of_team,
                "age_days": max(0, (assessment.now - item.created_at).days),
            }
        )
    return {
        **head(assessment.freshness, config, assessment.now),
        "objectives": [
            {"id": one.id, "title": one.title, "status": assessment.objectives[one.id].status.value}
            for one in config.goals.objectives.values()
        ],
        "items": items,
    }


def _open(tx: Connection) -> Iterator[tuple[Ticket, tuple[str, ...]]]:
    """The unfinished items that were judged, with the goals that each is linked to."""
    links = groupby(queries.served(tx), key=itemgetter(0))
    uid, goals = next(links, (0, iter(())))
    for ticket in queries.decided(tx, unfinished=True):
        while uid and uid < ticket.uid:
            uid, goals = next(links, (0, iter(())))
        yield ticket, tuple(goal for _, goal in goals) if uid == ticket.uid else ()


def _why(why: Say, speak: Speak) -> str:
    """The sentence, with each status in words."""
    facts = {name: speak(Say.of(f"status.{value}")) if name.endswith("status") else value for name, value in why.args}
    return speak(Say.of(why.code, **facts))


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row an open item."""
    rows = [{**item, "status_word": speak(Say.of(f"state.{item['status']}"))} for item in answer["items"]]
    nothing = speak(Say.of("backlog.nothing"))
    lead = (freshness_sentence(answer, speak),)
    return Sheet(speak(Say.of("sheet.title.backlog")), lead, COLUMNS, rows, SHOWN, nothing)


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """A block an objective, the worst first; a line an item."""
    parts: list[RenderableType] = [freshness_line(answer, speak)]
    if not answer["items"]:
        return [*parts, Text(speak(Say.of("backlog.nothing")))]
    known = {one["id"]: one for one in answer["objectives"]}
    shared = _shared(answer["items"])
    for name, found in groupby(answer["items"], key=lambda item: item["objective"]):
        items = list(found)
        parts += ["", _title(known.get(name), len(items), speak)]
        parts += [_row(item, speak, shared) for item in items[:SHOWN_ITEMS]]
        if len(items) > SHOWN_ITEMS:
            more = speak(Say.of("report.more", count=len(items) - SHOWN_ITEMS))
            parts.append(indented(Text(more, style="dim"), 2))
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
    row.add_column(width=2)
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
