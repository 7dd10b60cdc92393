"""The runs: the plan that waits, and all that was ever written, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from okrsync.assess import freshness
from okrsync.dashboard.look import Asked, Look, Page
from okrsync.dashboard.marks import Marks
from okrsync.dashboard.writes import grouped, ordered, state
from okrsync.reports import plan as plan_report
from okrsync.reports import runs as report
from okrsync.reports.common import line
from okrsync.writing import plan as planning

FATES = ("applied", "failed", "skipped", "undone", "replaced")
"""What became of writes, beside those that wait."""
GLANCE = 5
"""Writes of the plan that are shown on this page; the page of its run shows them all."""


class Wanted(Asked):
    """Which part of the list."""

    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=2**53)


def view(look: Look, asked: Wanted) -> Mapping[str, Any]:
    runs = report.runs_answer(look.tx, look.config)["runs"]
    return {
        "title": look.say("site.runs"),
        "lead": look.say("site.runs.count", count=len(runs)),
        "plan": _plan(look) if not asked.offset else None,
        "count": len(runs),
        "runs": [_run(one, look) for one in runs[asked.offset : asked.offset + asked.limit]],
    }


# ── the plan that waits ──────────────────────────────────────────────────────────────────────────────────────────────


def _plan(look: Look) -> dict[str, Any]:
    """What the newest plan would write, and what is to be typed about it."""
    saved = planning.saved(look.tx)
    around = plan_report.surroundings(look.tx, look.config, saved, look.now)
    fresh = freshness(look.tx, look.config, look.now)
    answer = plan_report.plan_answer(saved, look.config, fresh, look.now, look.speak, around)
    first, *more = plan_report.counts(answer, look.speak) if answer["run"] else [look.say(plan_report.nothing(answer))]
    due = plan_report.outlook(answer["writes"])
    return {
        "run": answer["run"],
        "told": first,
        "more": more,
        "paused": plan_report.pause_sentence(answer["paused"], look.speak) if answer["paused"] else "",
        "modes": [
            {"source": source, "mode": look.say(f"site.runs.mode.{mode}")} for source, mode in answer["modes"].items()
        ],
        "steps": list(steps(answer["run"], due, look)),
        "groups": grouped(ordered(answer["writes"])[:GLANCE], look),
        "hidden": max(len(answer["writes"]) - GLANCE, 0),
    }


def steps(run: int | None, due: plan_report.Outlook, look: Look) -> Iterator[dict[str, str]]:
    """What is to be typed about writes that wait, and why."""
    if due.drafts:
        yield {"why": look.say("site.runs.drafts", count=due.drafts), "command": f"okrsync approve {run}"}
    if due.sendable or due.drafts:
        code = "site.runs.send_then" if due.drafts else "site.runs.send"
        yield {"why": look.say(code, count=due.sendable), "command": f"okrsync apply {run}"}
    if due.shown:
        yield {"why": look.say("site.runs.shown", count=due.shown), "command": ""}


# ── all of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _run(run: Mapping[str, Any], look: Look) -> dict[str, Any]:
    return {
        "run": run["run"],
        "at": Marks(look.speak).instant(run["at"]),
        "by": line(run["by"]),
        "kind": look.say(f"runs.kind.{run['kind']}", run=run["undoes"] or 0),
        "writes": Marks(look.speak).number(run["writes"]),
        "fates": list(fates(run, look)),
        "approved": look.say("runs.fate.approved", by=", ".join(run["approved_by"])) if run["approved_by"] else "",
    }


def fates(run: Mapping[str, Any], look: Look) -> Iterator[dict[str, str]]:
    """How many of its writes came to what, as far as any did."""
    for fate in FATES:
        if run[fate]:
            yield {**state(fate, look.speak), "word": look.say(f"runs.fate.{fate}", count=run[fate])}
    for fate, count in (("waiting", run["waiting"] - run["drafts"]), ("drafts", run["drafts"])):
        if count:
            yield {"tone": "warn", "symbol": "…", "word": look.say(f"runs.fate.{fate}", count=count)}


PAGE = Page("runs", "/runs", Wanted, view)
