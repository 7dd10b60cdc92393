"""What was done: cycles of sources, writes that were applied or taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from okrsync.model import Say, SourceState, WriteState
from okrsync.reports.common import Speak, indented, iso, table, text
from okrsync.reports.plan import LEFT, draw_left, kept, left_row
from okrsync.reports.sheet import Sheet
from okrsync.reports.writes import WRITE_COLUMNS, WRITE_SHOWN, Titles, grouped, named, surface, targets, write_row

if TYPE_CHECKING:
    from okrsync.sync import SourceResult
    from okrsync.writing.outcome import Outcome
    from okrsync.writing.undoing import Undone

SETTLED = ("applied", "skipped", "failed", "unknown")
REPLACED = "replaced"  # by a newer plan, before anybody approved or sent it
STATES = {  # what needs eyes comes first
    "failed": "red",
    "unknown": "red",
    "skipped": "yellow",
    "planned": "yellow",
    "intended": "yellow",
    "applied": "green",
    "undone": "dim",
    REPLACED: "dim",
}
REMEDY = {
    SourceState.DEGRADED.value: "what was read is stored; sync again later, or type: okrsync check-config --online",
    SourceState.AUTH_FAILED.value: "mend the credentials, then type: okrsync check-config --online",
    SourceState.UNREACHABLE.value: (
        "correct the configuration of this source, or the rights of its account; "
        "okrsync check-config --online tells more"
    ),
}
KEPT = "this cannot be read, and its items are kept as they were; okrsync gaps tells what to do"


# ── sync ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def sync_answer(results: Sequence[SourceResult]) -> dict[str, Any]:
    return {
        "sources": [
            {
                "id": one.id,
                "state": one.state.value,
                "pulled": one.pulled,
                "changed": one.changed,
                "requests": one.requests,
                "seconds": one.seconds,
                "error": one.error or None,
                "unreadable": [f"{key}: {why}" for key, why in one.unreadable.items()],
            }
            for one in results
        ]
    }


def sync_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a source."""
    columns = ("id", "state", "pulled", "changed", "requests", "seconds", "error", "unreadable")
    rows = [{**one, "unreadable": "; ".join(one["unreadable"])} for one in answer["sources"]]
    return Sheet(speak(Say.of("sheet.title.sync")), (), columns, rows)


def draw_sync(answer: Mapping[str, Any]) -> list[RenderableType]:
    """A row a source; below, what may not be read, what failed and what to do. In English, like the log beside it."""
    drawn = table("source", "state", "pulled", "changed", "requests", "seconds", numbers=(2, 3, 4, 5))
    notes: list[RenderableType] = []
    for one in answer["sources"]:
        row = [str(one[name]) for name in ("pulled", "changed", "requests")]
        style = "green" if one["state"] == SourceState.OK.value else "red"
        drawn.add_row(text(one["id"], "bold"), Text(one["state"], style=style), *row, f"{one['seconds']:.1f}")
        if one["state"] != SourceState.UNREACHABLE.value:  # else its error tells of them all
            notes += [text(f"{one['id']}:{scope}", "yellow") for scope in one["unreadable"]]
            notes += [indented(Text(f"→ {KEPT}"), 2)] if one["unreadable"] else []
        if one["error"]:
            notes.append(text(_told(one["id"], one["error"]), "red"))
        if one["state"] in REMEDY:
            notes.append(indented(Text(f"→ {REMEDY[one['state']]}"), 2))
    return [drawn, *notes]


def _told(source: str, error: str) -> str:
    return error if error.startswith(f"{source}:") else f"{source}: {error}"


# ── apply and undo ───────────────────────────────────────────────────────────────────────────────────────────────────


def apply_answer(
    run: int | None, outcomes: Sequence[Outcome], unsent: Mapping[str, int], speak: Speak, titles: Titles
) -> dict[str, Any]:
    """``unsent`` counts the writes of the run that stay planned, by what they wait for: "mode", "approval"; those of
    the outcomes whose turn did not come wait for their tool."""
    counts = dict.fromkeys(SETTLED, 0)
    waiting = [one for one in outcomes if one.state is WriteState.PLANNED]
    for outcome in outcomes:
        if outcome.state is not WriteState.PLANNED:
            counts[outcome.state.value] += 1
    return {
        "run": run,
        **counts,
        "planned": sum(unsent.values()) + len(waiting),
        "unsent": {**unsent, "turn": len(waiting)},
        "writes": [
            {
                **write_row(one.write, speak, titles),
                "state": one.state.value,
                "error": one.note or None,
                "until": iso(one.until),
            }
            for one in outcomes
        ],
    }


def undo_answer(undone: Undone, speak: Speak, titles: Titles) -> dict[str, Any]:
    """As of ``apply``; ``left`` is what people, or later runs, made of it since."""
    return {
        **apply_answer(undone.run, undone.outcomes, {}, speak, titles),
        "left": [left_row(one, speak, titles) for one in undone.left],
        "swept": undone.swept,
        "unswept": dict(undone.unswept),
    }


def draw_apply(
    answer: Mapping[str, Any], speak: Speak, *, nothing: str, said: str = "report.applied", done: str = "applied"
) -> list[RenderableType]:
    """What became of the writes, like ones together, what failed first; ``nothing`` is said where none was sent,
    ``said`` of all of them, and ``done`` of those that were."""
    unsent = _unsent(answer, speak)
    if not answer["writes"]:
        return unsent or [Text(speak(Say.of(nothing, run=answer["run"] or 0)))]
    parts: list[RenderableType] = []
    writes = [{**write, "called": surface(write, speak)} for write in named(answer["writes"])]
    groups = grouped(writes, "state", "called", "error")
    for (state, called, error), found in sorted(groups, key=lambda group: list(STATES).index(group[0][0])):
        word = speak(Say.of(f"report.write.{done if state == 'applied' else state}", count=len(found)))
        title = Text.assemble((word, STATES[state]), f"  {called}")
        parts += [title, indented(targets(found), 2)]
        parts += [indented(text(f"→ {error}"), 2)] if error else []
    counts = {state: answer[state] for state in SETTLED}
    parts += ["", Text(speak(Say.of(said, run=answer["run"], **counts)), style="bold")]
    if answer["applied"]:
        parts.append(Text(speak(Say.of("report.take_back", run=answer["run"])), style="dim"))
    return [*parts, *unsent]


def draw_undo(answer: Mapping[str, Any], speak: Speak, *, nothing: str, paused: bool) -> list[RenderableType]:
    """The same; then what is left, the labels that are gone altogether, and what keeps it from coming back."""
    done = draw_apply(answer, speak, nothing=nothing, said="report.undone", done="taken_back")
    parts = [*done, *draw_left(answer["left"], speak)]
    if answer["swept"]:
        parts.append(Text(speak(Say.of("undo.swept", count=answer["swept"]))))
    for source, why in answer["unswept"].items():
        parts.append(text(speak(Say.of("undo.unswept", source=source, why=why)), "yellow"))
    if paused:
        parts.append(Text(speak(Say.of("undo.paused")), style="dim"))
    elif answer["applied"]:
        parts += ["", Text(speak(Say.of("undo.again")), style="yellow")]
    return parts


def _unsent(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """How many writes wait, and for what."""
    unsent = answer["unsent"]
    parts = kept(unsent.get("mode", 0), speak)
    if unsent.get("approval"):
        said = Say.of("plan.drafts", run=answer["run"], count=unsent["approval"])
        parts.append(Text(speak(said), style="yellow"))
    return parts


def apply_sheet(answer: Mapping[str, Any], speak: Speak, *, nothing: str) -> Sheet:
    """A row a write that was carried out."""
    counts = {state: answer[state] for state in SETTLED}
    lead = (speak(Say.of("report.applied", run=answer["run"], **counts)),) if answer["writes"] else ()
    said = speak(Say.of(nothing, run=answer["run"] or 0))
    title = speak(Say.of("sheet.title.apply"))
    columns, shown = (*WRITE_COLUMNS, "state", "error", "until"), ("state", *WRITE_SHOWN, "error", "until")
    left = answer.get("left", [])
    parts = (Sheet(speak(Say.of("plan.left", count=len(left))), (), LEFT, left),) if left else ()
    return Sheet(title, lead, columns, answer["writes"], shown, said, parts, title if parts else "")
