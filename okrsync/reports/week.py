"""The report of a week: where the goals stood at its end, what had changed since the week before, what to mend now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.text import Text

from config import Config
from okrsync.assess import Assessment, assess
from okrsync.history import assess_at, burn_ups, look_back
from okrsync.model import Say, Status
from okrsync.reports import gaps as gaps_report
from okrsync.reports import orphans as orphans_report
from okrsync.reports import status as status_report
from okrsync.reports.common import Speak, freshness_line, freshness_sentence, indented, iso, percent, status_text, text
from okrsync.reports.course import as_point
from okrsync.reports.narrative import narratives
from okrsync.reports.sheet import Sheet
from okrsync.store import past
from okrsync.weeks import INSTANT, Week
from rollup.objectives import SILENT, WORST_FIRST

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOVED = 0.05
"""A step of progress from which it is worth a line, though the status is the same."""
DIRECTIONS = ("worse", "judged", "better", "other", "moved")
UNJUDGED = frozenset({*SILENT, Status.DROPPED})
"""Statuses that compare with none: what has one is neither late nor in time."""
MENDS = 10
"""Places to mend that the report names."""
COLUMNS = (
    "kind",
    "id",
    "title",
    "owner",
    "status_before",
    "status",
    "direction",
    "progress_before",
    "progress",
    "cause",
)
SHOWN = ("id", "title", "status_before_word", "status_word", "progress_before", "progress", "cause")


def answer(tx: Connection, config: Config, week: Week, now: datetime, speak: Speak) -> dict[str, Any]:
    """``report``: the state at the end of the week, or of now where it is not over; gaps and mends are those of now,
    for that is when somebody mends them."""
    at = min(week.last, now)
    known = past.read(tx, config.goals)
    then, published = look_back(tx, config, at, now, known)
    before = assess_at(tx, config, week.start - INSTANT, now, known)
    drafts = narratives(tx, config, then, past=known)
    told = status_report.answer(config, then, speak, at=at, published=published, told=drafts)
    lines = burn_ups(tx, config, at, known=known)
    compare(told["objectives"], before)
    for objective in told["objectives"]:
        for kr in objective["key_results"]:
            window = config.goals.key_results[kr["id"]].window
            kr["window"] = {"start": iso(window.start), "end": iso(window.end)}
            kr["burn_up"] = [as_point(point) for point in lines.get(kr["id"], ())]
    served = orphans_report.answer(
        *(tx, config, at, speak), group_by="fix", since=None, team=None, sources=None, brief=True
    )
    broken = gaps_report.answer(tx, config, _today(tx, config, then, now), speak)
    return {
        **told,
        "instance": config.instance,
        "week": week.name,
        "first_day": _day(week.start, config),
        "last_day": _day(week.last, config),
        "over": week.end <= now,
        "sentence": served["sentence"],
        "totals": served["totals"],
        "trend": served["trend"],
        "changes": changes(told["objectives"]),
        "groups": served["groups"][:MENDS],
        "groups_total": len(served["groups"]),
        "gaps_at": iso(now),
        "gaps": broken["gaps"],
    }


def _today(tx: Connection, config: Config, then: Assessment, now: datetime) -> Assessment:
    return then if then.now == now else assess(tx, config, now)


def _day(instant: datetime, config: Config) -> str:
    return f"{instant.astimezone(ZoneInfo(config.goals.timezone)):%Y-%m-%d}"


def compare(objectives: Iterable[dict[str, Any]], before: Assessment) -> None:
    """Beside every goal of an answer stands, as ``before``, where it stood then."""
    for objective in objectives:
        objective["before"] = _stood(before.objectives[objective["id"]])
        for kr in objective["key_results"]:
            kr["before"] = _stood(before.progress[kr["id"]])


def _stood(state: Any) -> dict[str, Any]:
    """What is compared with: of a key result or of an objective."""
    return {"status": state.status.value, "progress": state.progress}


# ── what changed ─────────────────────────────────────────────────────────────────────────────────────────────────────


def goals(objectives: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every goal of an answer with its kind, a key result after its objective."""
    for objective in objectives:
        yield "objective", objective
        for kr in objective["key_results"]:
            yield "key_result", kr


def changes(objectives: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What has another status than ``before``, the worse first, and then what moved far with the same one."""
    found = [
        {
            "kind": kind,
            "id": goal["id"],
            "title": goal["title"],
            "direction": direction,
            "status_before": goal["before"]["status"],
            "status": goal["status"],
            "progress_before": goal["before"]["progress"],
            "progress": goal["progress"],
            "cause": [cause["text"] for cause in goal["cause"]],
        }
        for kind, goal in goals(objectives)
        if (direction := _direction(goal)) is not None
    ]
    return sorted(found, key=lambda change: (DIRECTIONS.index(change["direction"]), rank(change["status"])))


def _direction(goal: Mapping[str, Any]) -> str | None:
    was, now = goal["before"], goal
    if was["status"] == now["status"]:
        if was["progress"] is None or now["progress"] is None:
            return None
        return "moved" if abs(now["progress"] - was["progress"]) >= MOVED else None
    old, new = rank(was["status"]), rank(now["status"])
    if old == new or Status(now["status"]) in UNJUDGED:
        return "other"
    if Status(was["status"]) in UNJUDGED:
        return "judged"
    return "worse" if new < old else "better"


def rank(status: str) -> int:
    """Its place in the order in which statuses speak, the worst first; one that was dropped says nothing."""
    known = Status(status)
    return next((place for place, alike in enumerate(WORST_FIRST) if known in alike), len(WORST_FIRST))


def worst(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The key results that somebody has to look at, the worst first."""
    late = rank(Status.NO_DUE_DATE.value)
    found = [goal for kind, goal in goals(answer["objectives"]) if kind == "key_result" and rank(goal["status"]) < late]
    return sorted(found, key=lambda goal: rank(goal["status"]))


def counted(answer: Mapping[str, Any]) -> dict[str, int]:
    """How many key results have each status, the worst first."""
    counts: dict[str, int] = {}
    every = [goal["status"] for kind, goal in goals(answer["objectives"]) if kind == "key_result"]
    for status in sorted(every, key=rank):
        counts[status] = counts.get(status, 0) + 1
    return counts


# ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def headline(answer: Mapping[str, Any], speak: Speak) -> str:
    """What the report is of."""
    return speak(Say.of("week.title", week=answer["week"], first=answer["first_day"], last=answer["last_day"]))


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """The sentence, and a row a goal with where it stood a week before."""
    rows = [
        {
            **{name: goal[name] for name in ("id", "title", "owner", "status", "progress")},
            "kind": kind,
            "status_before": goal["before"]["status"],
            "status_before_word": speak(Say.of(f"status.{goal['before']['status']}")),
            "status_word": speak(Say.of(f"status.{goal['status']}")),
            "direction": _direction(goal),
            "progress_before": goal["before"]["progress"],
            "cause": "; ".join(cause["text"] for cause in goal["cause"]),
        }
        for kind, goal in goals(answer["objectives"])
    ]
    lead = (answer["sentence"], freshness_sentence(answer, speak))
    return Sheet(headline(answer, speak), lead, COLUMNS, rows, SHOWN, speak(Say.of("report.no_objectives")))


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """The sentence, what changed, who needs a look; the page holds the rest."""
    parts: list[RenderableType] = [
        text(headline(answer, speak), "bold"),
        text(answer["sentence"]),
        freshness_line(answer, speak),
    ]
    for heading, lines in sections(answer, speak):
        parts += ["", text(heading, "bold"), *(indented(line, 2) for line in lines)]
    return parts


def sections(answer: Mapping[str, Any], speak: Speak) -> Iterator[tuple[str, list[Text]]]:
    """What a short form of the report holds: headings, and lines of which none is markup."""
    changed = [change for change in answer["changes"] if change["direction"] != "moved"]
    if changed:
        yield speak(Say.of("week.changed")), [_change_line(change, speak) for change in changed]
    else:
        yield speak(Say.of("week.changed")), [Text(speak(Say.of("week.unchanged")))]
    looked = worst(answer)
    if looked:
        yield speak(Say.of("week.worst")), [_goal_line(goal, speak) for goal in looked]


def _change_line(change: Mapping[str, Any], speak: Speak) -> Text:
    was = speak(Say.of(f"status.{change['status_before']}"))
    return Text.assemble(text(change["id"], "bold"), "  ", f"{was} → ", status_text(change["status"], speak))


def _goal_line(goal: Mapping[str, Any], speak: Speak) -> Text:
    line = Text.assemble(
        *(status_text(goal["status"], speak), "  ", percent(goal["progress"], speak), "  ", text(goal["id"], "bold")),
        *("  ", text(goal["title"])),
    )
    causes = [cause["text"] for cause in goal["cause"][:1]]
    return Text.assemble(line, *(f"\n  ↳ {cause}" for cause in causes))
