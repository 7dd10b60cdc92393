"""What dropping key results would do: the items that would reach no objective any more, and the line to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from config import Config
from okrsync.model import KeyResult, Say
from okrsync.preview import Effect, Judged, Moved, Movement, Outcome, Preview
from okrsync.reports.common import (
    Speak,
    copied,
    freshness_line,
    freshness_sentence,
    head,
    indented,
    plain,
    short,
    text,
    titled,
)
from okrsync.reports.sheet import Sheet

LISTED = 20  # items of a key result, on a terminal
LINE = 'state = "dropped"'
FACTS = ("orphaned", "open", "points", "elsewhere", "keys", "items")  # of one that was not tried alone they are null
COLUMNS = ("id", "title", "objective", *FACTS[:-1], "file", "table", "line")
SHOWN = COLUMNS[:9]


def answer(found: Preview, config: Config, chosen: Sequence[KeyResult], now: datetime) -> dict[str, Any]:
    """DESIGN's ``prune --drop``: each key result alone, and all of them together."""
    by_name = {judged.change.path[3]: judged for judged in found.changes}
    return {
        **head(found.together.freshness, config, now),
        "left_out": found.left_out,
        "key_results": [_row(kr, by_name[kr.id], config) for kr in chosen],
        "together": _counts(found.together),
    }


def _row(kr: KeyResult, judged: Judged, config: Config) -> dict[str, Any]:
    tried = judged.effect not in (Effect.LEFT_OUT, Effect.INSEPARABLE)
    table = f"objectives.{kr.objective}.key_results.{kr.id}"
    return {
        "id": kr.id,
        "title": kr.title,
        "objective": kr.objective,
        **(_counts(judged.outcome) if tried else dict.fromkeys(FACTS)),
        "file": config.origins[f"{table}.id"].origin,
        "table": f"[{table}]",
        "line": LINE,
    }


def _counts(outcome: Outcome | None) -> dict[str, Any]:
    """The items that become orphans, and those that keep other goals; none where nothing moves."""
    moved = {} if outcome is None else outcome.moved
    lost, kept = moved.get(Movement.ORPHANED, Moved()), moved.get(Movement.MOVED, Moved())
    return {
        "orphaned": lost.items,
        "open": lost.open,
        "points": plain(lost.points),
        "elsewhere": kept.items,
        "keys": [one.key for one in lost.examples],
        "items": [
            {"source": one.source, "key": one.key, "title": one.title, "url": one.url, "open": one.open}
            for one in lost.examples
        ],
    }


# ── how it is told ───────────────────────────────────────────────────────────────────────────────────────────────────


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a key result."""
    lead = [freshness_sentence(answer, speak), _together(answer, speak)]
    lead += [speak(Say.of("preview.left_out", count=answer["left_out"]))] if answer["left_out"] else []
    lead.append(speak(Say.of("drop.nothing_written")))
    return Sheet(speak(Say.of("sheet.title.drop")), tuple(lead), COLUMNS, answer["key_results"], SHOWN)


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """A block a key result: how many items, which, and the line to write."""
    parts: list[RenderableType] = [freshness_line(answer, speak)]
    for row in answer["key_results"]:
        parts += ["", Text.assemble(text(row["id"], "bold"), "  ", titled(row["title"]))]
        parts += [indented(told, 2) for told in _lost(row, speak)]
        parts += [
            indented(text(speak(Say.of("drop.write", file=row["file"], id=row["id"]))), 2),
            copied(row["line"], 4),
        ]
    if answer["left_out"]:
        parts += ["", text(speak(Say.of("preview.left_out", count=answer["left_out"])), "yellow")]
    if len(answer["key_results"]) > 1:
        parts += ["", text(_together(answer, speak), "bold")]
    return [*parts, "", text(speak(Say.of("drop.nothing_written")), "dim")]


def _lost(row: Mapping[str, Any], speak: Speak) -> Iterator[Text]:
    if row["orphaned"] is None:
        yield text(speak(Say.of("drop.left_out")), "dim")
        return
    yield text(_told(row, speak), "red" if row["orphaned"] else "green")
    for item in row["items"][:LISTED]:
        yield Text.assemble("  ", text(short(item["key"]), "bold"), "  ", titled(item["title"]))
    if row["orphaned"] > LISTED:
        yield text("  " + speak(Say.of("report.more", count=row["orphaned"] - LISTED)), "dim")


def _told(row: Mapping[str, Any], speak: Speak) -> str:
    number_of = "none" if not row["orphaned"] else "one" if row["orphaned"] == 1 else "many"
    told = speak(Say.of(f"drop.orphans.{number_of}", items=row["orphaned"], open=row["open"]))
    return told + (" " + speak(Say.of("drop.moved", items=row["elsewhere"])) if row["elsewhere"] else "")


def _together(answer: Mapping[str, Any], speak: Speak) -> str:
    return speak(Say.of("drop.together", told=_told(answer["together"], speak)))
