"""What was done: cycles of sources, applied writes, runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from okrsync.model import Say, SourceState
from okrsync.reports.common import Speak, indented, instant, iso, table, text
from okrsync.reports.plan import WRITE_COLUMNS, WRITE_SHOWN, grouped, kept, named, surface, targets, write_row
from okrsync.reports.sheet import Sheet

if TYPE_CHECKING:
    from okrsync.store.journal import RunSummary
    from okrsync.sync import SourceResult
    from okrsync.writeback import Outcome

STATES = {"failed": "red", "unknown": "red", "skipped": "yellow", "applied": "green"}  # what needs eyes comes first
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


def apply_answer(run: int | None, outcomes: Sequence[Outcome], planned: int, speak: Speak) -> dict[str, Any]:
    """``planned`` are the writes of the run that were not sent, because the mode of their source forbids it."""
    counts = dict.fromkeys(("applied", "skipped", "failed", "unknown"), 0)
    for outcome in outcomes:
        counts[outcome.state.value] += 1
    return {
        "run": run,
        **counts,
        "planned": planned,
        "writes": [
            {**write_row(one.write, speak), "state": one.state.value, "error": one.note or None} for one in outcomes
        ],
    }


def draw_apply(answer: Mapping[str, Any], speak: Speak, *, nothing: str) -> list[RenderableType]:
    """What became of the writes, like ones together, what failed first; ``nothing`` is said where none was sent."""
    unsent = kept(answer["planned"], speak)
    if not answer["writes"]:
        return unsent or [Text(speak(Say.of(nothing, run=answer["run"] or 0)))]
    parts: list[RenderableType] = []
    writes = [{**write, "called": surface(write, speak)} for write in named(answer["writes"])]
    groups = grouped(writes, "state", "called", "error")
    for (state, called, error), found in sorted(groups, key=lambda group: list(STATES).index(group[0][0])):
        word = speak(Say.of(f"report.write.{state}", count=len(found)))
        title = Text.assemble((word, STATES[state]), f"  {called}")
        parts += [title, indented(targets(found), 2)]
        parts += [indented(text(f"→ {error}"), 2)] if error else []
    counts = {state: answer[state] for state in ("applied", "skipped", "failed", "unknown")}
    return [*parts, "", Text(speak(Say.of("report.applied", run=answer["run"], **counts)), style="bold"), *unsent]


def apply_sheet(answer: Mapping[str, Any], speak: Speak, *, nothing: str) -> Sheet:
    """A row a write, with what became of it."""
    counts = {state: answer[state] for state in ("applied", "skipped", "failed", "unknown")}
    lead = (speak(Say.of("report.applied", run=answer["run"], **counts)),) if answer["writes"] else ()
    said = speak(Say.of(nothing, run=answer["run"] or 0))
    title = speak(Say.of("sheet.title.apply"))
    columns, shown = (*WRITE_COLUMNS, "state", "error"), ("state", *WRITE_SHOWN, "error")
    return Sheet(title, lead, columns, answer["writes"], shown, said)


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def runs_answer(runs: Sequence[RunSummary]) -> dict[str, Any]:
    return {
        "runs": [
            {
                "run": run.id,
                "at": iso(run.at),
                "by": run.by,
                "writes": run.writes,
                "applied": run.applied,
                "skipped": run.skipped,
                "failed": run.failed,
                "undone": run.undone,
            }
            for run in runs
        ]
    }


def runs_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a run, the newest first."""
    columns = ("run", "at", "by", "writes", "applied", "skipped", "failed", "undone")
    title, nothing = speak(Say.of("sheet.title.runs")), speak(Say.of("report.no_runs"))
    return Sheet(title, (), columns, answer["runs"], nothing=nothing)


def draw_runs(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    if not answer["runs"]:
        return [Text(speak(Say.of("report.no_runs")))]
    figures = ("writes", "applied", "skipped", "failed", "undone")
    columns = [speak(Say.of(f"report.column.{name}")) for name in ("run", "at", "by", *figures)]
    drawn = table(*columns, numbers=(0, *range(3, 8)))
    for run in answer["runs"]:
        drawn.add_row(
            str(run["run"]),
            instant(run["at"]).removesuffix(" UTC"),
            text(run["by"]),
            *(str(run[name]) for name in figures),
        )
    return [drawn]
