"""The journal: the runs, and every write of one with its diff and its fate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from config import Config
from okrsync.model import Say, WriteMode, WriteState
from okrsync.reports.common import Speak, instant, iso, line, table, text
from okrsync.reports.journal import REPLACED, STATES
from okrsync.reports.sheet import Sheet
from okrsync.reports.writes import WRITE_COLUMNS, WRITE_SHOWN, grouped, marks, objects, titles, unit, units
from okrsync.reports.writes import write_row as row_of
from okrsync.store import journal, written
from okrsync.writing.modes import mode_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

FATES = ("applied", "skipped", "failed", "undone", "replaced", "waiting", "drafts")
COLUMNS = ("run", "at", "by", "kind", "undoes", "writes", *FATES, "approved_by")
FATE = ("state", "error", "at", "approved_by", "approved_at")
BACK = frozenset({journal.UNDO, journal.UNDO_ALL})


# ── all of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def runs_answer(tx: Connection, config: Config) -> dict[str, Any]:
    """Every run, the newest first; ``drafts`` are those of its writes that wait for an approval."""
    replaced = journal.replaced(tx)
    drafts = Counter(
        entry.run
        for entry in written.waiting(tx)
        if entry.approved_at is None
        and entry.write.id not in replaced
        and mode_of(config.writeback, entry.write) is WriteMode.DRAFT
    )
    approved = written.approved_by(tx)
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
                "replaced": run.replaced,
                "waiting": run.waiting,
                "drafts": drafts[run.id],
                "kind": run.kind,
                "undoes": run.undoes,
                "approved_by": approved.get(run.id, []),
            }
            for run in journal.runs(tx)
        ]
    }


def runs_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a run, the newest first."""
    title, nothing = speak(Say.of("sheet.title.runs")), speak(Say.of("report.no_runs"))
    return Sheet(title, (), COLUMNS, answer["runs"], nothing=nothing)


def draw_runs(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    if not answer["runs"]:
        return [Text(speak(Say.of("report.no_runs")))]
    columns = [speak(Say.of(f"report.column.{name}")) for name in ("run", "at", "by", "kind", "writes", "fate")]
    drawn = table(*columns, numbers=(0, 4))
    for run in answer["runs"]:
        at = Text(instant(run["at"]).removesuffix(" UTC"), no_wrap=True)
        fate = text(_fate(run, speak))
        drawn.add_row(str(run["run"]), at, text(run["by"]), _kind(run, speak), str(run["writes"]), fate)
    return [drawn, Text(speak(Say.of("runs.more")), style="dim")]


def _fate(run: Mapping[str, Any], speak: Speak) -> str:
    """What became of its writes, as far as any did."""
    counts = {**run, "waiting": run["waiting"] - run["drafts"]}
    told = [speak(Say.of(f"runs.fate.{name}", count=counts[name])) for name in FATES if counts[name]]
    if run["approved_by"]:
        told.append(speak(Say.of("runs.fate.approved", by=", ".join(run["approved_by"]))))
    return ", ".join(told)


def _kind(run: Mapping[str, Any], speak: Speak) -> str:
    return speak(Say.of(f"runs.kind.{run['kind']}", run=run["undoes"] or 0))


# ── one of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def run_answer(tx: Connection, run: journal.Run, speak: Speak) -> dict[str, Any]:
    """Every write of a run in the order of its plan, with what became of it."""
    entries, of_goals = journal.entries(tx, run.id), units(tx)
    replaced = journal.replaced(tx, run.id)
    called = titles(tx, [entry.write.slot for entry in entries])
    return {
        "run": run.id,
        "at": iso(run.at),
        "by": run.by,
        "kind": run.kind,
        "undoes": run.undoes,
        "undone_by": sorted(one.id for one in journal.runs(tx) if one.undoes == run.id),
        "writes": [
            {
                **row_of(entry.write, speak, called),
                "unit": unit(entry.write.slot, of_goals),
                "state": REPLACED if entry.write.id in replaced else entry.state.value,
                "error": entry.error or None,
                "at": iso(entry.settled_at),
                "approved_by": entry.approved_by,
                "approved_at": iso(entry.approved_at),
            }
            for entry in entries
        ],
    }


def about_answer(tx: Connection, source: str, remote_id: str, speak: Speak) -> list[dict[str, Any]]:
    """Every write on one object, the newest first, with what became of it and in which run."""
    replaced = journal.replaced(tx)
    return [
        {
            **row_of(entry.write, speak, {}),
            "run": entry.run,
            "state": REPLACED if entry.write.id in replaced else entry.state.value,
            "error": entry.error or None,
            "at": iso(entry.settled_at),
        }
        for entry in written.about(tx, source, remote_id)
    ]


def run_sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a write."""
    title = speak(Say.of("runs.title", run=answer["run"]))
    columns, shown = (*WRITE_COLUMNS, *FATE), ("state", *WRITE_SHOWN, "error", "at", "approved_by")
    return Sheet(title, (_heading(answer, speak),), columns, answer["writes"], shown)


def draw_run(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """Source by source and object by object what was written and what became of it; then what takes it back."""
    parts: list[RenderableType] = [Text(_heading(answer, speak), style="bold")]
    by_source, tag = grouped(answer["writes"], "source"), partial(_fated, speak=speak)
    for (source,), found in by_source:
        if len(by_source) > 1:
            parts += ["", text(speak(Say.of("plan.source", source=source, count=len(found))), "bold underline")]
        parts += [*objects(found, speak, tag), *marks(found, speak, tag)]
    if any(write["state"] == WriteState.APPLIED.value for write in answer["writes"]):
        parts += ["", Text(speak(Say.of("report.take_back", run=answer["run"])), style="dim")]
    return parts


def _heading(answer: Mapping[str, Any], speak: Speak) -> str:
    told = speak(Say.of("runs.heading", run=answer["run"], at=instant(answer["at"]), by=answer["by"]))
    if answer["kind"] in BACK:
        told += ", " + _kind(answer, speak)
    if answer["undone_by"]:
        told += speak(Say.of("runs.undone_by", runs=", ".join(map(str, answer["undone_by"]))))
    return told


def _fated(write: Mapping[str, Any], speak: Speak) -> tuple[str, str]:
    """What became of a write, why, and who had approved it."""
    told = speak(Say.of(f"write.state.{write['state']}"))
    if write["error"] and write["state"] != WriteState.UNDONE.value:  # the heading tells by which run
        told += f" ({line(write['error'])})"
    if write["approved_by"]:
        facts = {"by": line(write["approved_by"]), "at": instant(write["approved_at"])}
        told += ", " + speak(Say.of("runs.approved", **facts))
    return f"  {told}", STATES[write["state"]]
