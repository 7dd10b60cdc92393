"""Webhooks: those that there are beside those that there should be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from okrsync.hooks.making import Done
from okrsync.model import Say
from okrsync.reports.common import Speak, line, table, text
from okrsync.reports.sheet import Sheet

COLUMNS = ("source", "place", "condition", "done", "remote_id", "why")
SHOWN = ("source", "place", "condition_word", "why")
STYLE = {
    "here": "green",
    "missing": "yellow",
    "differs": "yellow",
    "failing": "red",
    "refused": "red",
    "failed": "red",
    "off": "dim",
}


def answer(done: Sequence[Done], url: str) -> dict[str, Any]:
    """A row a webhook; ``done`` is "made", "renewed" or "deleted" where it was just that."""
    return {
        "url": url,
        "hooks": [
            {
                "source": one.standing.source,
                "place": one.standing.place.key,
                "condition": one.standing.condition.value,
                "done": one.what,
                "remote_id": _remote(one),
                "why": one.standing.why,
            }
            for one in done
        ],
    }


def _remote(one: Done) -> str | None:
    if one.standing.remote is not None:
        return one.standing.remote.id
    return one.standing.hook.remote_id if one.standing.hook is not None else None


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    rows = [{**row, "condition_word": _word(row, speak)} for row in answer["hooks"]]
    return Sheet(speak(Say.of("sheet.title.hooks")), (), COLUMNS, rows, SHOWN, speak(Say.of("hooks.none")))


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """A line a webhook, then what to type about what is not as it should be."""
    if not answer["hooks"]:
        return [text(speak(Say.of("hooks.none")))]
    drawn = table(*(speak(Say.of(f"sheet.{name}")) for name in SHOWN))
    for row in answer["hooks"]:
        state = text(_word(row, speak), "" if row["done"] else STYLE.get(row["condition"], ""))
        drawn.add_row(text(row["source"]), text(row["place"]), state, text(line(row["why"]), "dim"))
    conditions = {row["condition"] for row in answer["hooks"] if not row["done"]}
    notes = [name for name in ("missing", "differs", "foreign", "left", "off") if name in conditions]
    return [drawn, *(text(speak(Say.of(f"hooks.note.{name}")), "dim") for name in notes)]


def _word(row: Mapping[str, Any], speak: Speak) -> str:
    return speak(Say.of(f"hooks.{row['done'] or row['condition']}"))
