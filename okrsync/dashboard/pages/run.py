"""One run: every write of it, what it changed, what became of it, and what takes it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from okrsync.dashboard.look import Asked, Look, Page
from okrsync.dashboard.marks import Marks
from okrsync.dashboard.pages.runs import steps
from okrsync.dashboard.writes import grouped, ordered, state
from okrsync.errors import UsageError
from okrsync.model import WriteState
from okrsync.reports import plan as plan_report
from okrsync.reports import runs as report
from okrsync.reports.common import line
from okrsync.reports.journal import STATES
from okrsync.store import journal
from okrsync.writing.modes import mode_of


class Wanted(Asked):
    """Of which run what; ``limit`` and ``offset`` count writes."""

    run: int = Field(ge=1, le=2**53)
    state: str | None = None
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=2**53)


def view(look: Look, asked: Wanted) -> Mapping[str, Any]:
    found = journal.run(look.tx, asked.run)
    if found is None:
        raise UsageError(f"there is no run {asked.run}; type: okrsync runs")
    answer = report.run_answer(look.tx, found, look.speak)
    writes = answer["writes"]
    counts = Counter(write["state"] for write in writes)
    chosen = ordered([write for write in writes if asked.state in (None, write["state"])])
    mark = Marks(look.speak)
    return {
        "page": "runs",
        "title": look.say("runs.title", run=asked.run),
        "path": f"/runs/{asked.run}",
        "facts": [
            {"name": look.say(f"site.run.{name}"), "value": value, "run": run}
            for name, value, run in _facts(answer, mark, look)
        ],
        "all": len(writes),
        "states": [
            {"state": name, "count": mark.number(counts[name]), **state(name, look.speak)}
            for name in STATES
            if counts[name]
        ],
        "steps": list(_steps(look, found, counts)),
        "count": len(chosen),
        "groups": grouped(chosen[asked.offset : asked.offset + asked.limit], look),
    }


def _facts(answer: Mapping[str, Any], mark: Marks, look: Look) -> Iterator[tuple[str, str, int | None]]:
    """What is known of it: a name, what is told, and a run that this leads to."""
    yield "at", mark.instant(answer["at"]), None
    yield "by", line(answer["by"]), None
    yield "kind", look.say(f"runs.kind.{answer['kind']}", run=answer["undoes"] or 0), answer["undoes"]
    for run in answer["undone_by"]:
        yield "undone_by", look.say("runs.title", run=run), run
    approved = dict.fromkeys(line(one["approved_by"]) for one in answer["writes"] if one["approved_by"])
    if approved:
        yield "approved", ", ".join(approved), None


def _steps(look: Look, run: journal.Run, counts: Mapping[str, int]) -> Iterator[dict[str, str]]:
    """What sends what waits, and what takes back what was applied."""
    yield from steps(run.id, plan_report.outlook(_waiting(look, run)), look)
    if counts[WriteState.APPLIED.value]:
        told = look.say("site.run.undo", count=counts[WriteState.APPLIED.value])
        yield {"why": told, "command": f"okrsync undo {run.id}"}


def _waiting(look: Look, run: journal.Run) -> Sequence[Mapping[str, Any]]:
    """The writes that nobody sent yet, and no newer plan replaced."""
    replaced = journal.replaced(look.tx, run.id)
    return [
        {"mode": mode_of(look.config.writeback, entry.write).value, "approved_by": entry.approved_by}
        for entry in journal.entries(look.tx, run.id)
        if entry.state is WriteState.PLANNED and entry.write.id not in replaced
    ]


PAGE = Page("run", "/runs/{run}", Wanted, view)
