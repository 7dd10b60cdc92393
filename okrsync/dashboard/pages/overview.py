"""What a CTO reads on Monday: what served no objective, how many goals stand how, what changed, and all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from okrsync.dashboard.drawing.trend import trend
from okrsync.dashboard.look import Asked, Look, Page
from okrsync.dashboard.marks import Marks, goal, objective, titled
from okrsync.dashboard.pages import picture
from okrsync.history import assess_at, burn_ups
from okrsync.model import Status
from okrsync.origins import origins
from okrsync.overriding import overrides
from okrsync.reports import orphans as orphans_report
from okrsync.reports import status as status_report
from okrsync.reports import week as week_report
from okrsync.reports.common import apart, freshness_sentence, head, line, percent, plain, short_weeks
from okrsync.store import past, workload
from okrsync.worked import Worked

WEEK = timedelta(weeks=1)
SHOWN = {"worse": 15, "judged": 4, "better": 5, "other": 4}
"""Changes of each direction that are shown without being asked for, the worse first."""
SERVED = ("traced", "exempt", "orphan", "unresolvable")
TOLD = 0.005
"""A share that rounds to 0 % is not worth a word."""
TONES = {"worse": "bad", "judged": "calm", "better": "good", "other": "calm"}
SYMBOLS = {"worse": "↘", "judged": "○", "better": "↗", "other": "○"}


class Wanted(Asked):
    """Which goals are shown: those that stand so, below what they serve."""

    status: Status | None = None


def view(look: Look, asked: Wanted) -> Mapping[str, Any]:
    config, assessment = look.config, look.assess()
    told = head(assessment.freshness, config, look.now)
    page = {
        "title": look.say("site.overview"),
        "alert": "" if told["complete"] or told["as_of"] is None else freshness_sentence(told, look.speak),
        "unread": told["as_of"] is None,
        "chosen": asked.status,
        "objectives": [],
    }
    if not config.goals.objectives:
        return page | {"lead": None, "counts": [], "changes": None}
    worked, seen = look.worked(), look.once(("overview", look.language), lambda: _seen(look))
    return page | {
        "lead": None if page["unread"] else _lead(look, worked),
        "counts": _counts(seen.objectives, look, asked),
        "changes": None if page["unread"] else _changes(seen.objectives, look),
        "objectives": picture.rows(seen, look, asked.status),
    }


def _seen(look: Look) -> picture.Seen:
    """What is known of the goals, now and a week ago, whichever of them are shown."""
    tx, config, assessment = look.tx, look.config, look.assess()
    answer = status_report.answer(config, assessment, look.speak, overrides=overrides(tx, config))
    known = past.read(tx, config.goals)
    week_report.compare(answer["objectives"], assess_at(tx, config, look.now - WEEK, look.now, known))
    return picture.Seen(
        answer["objectives"],
        config,
        assessment,
        burn_ups(tx, config, look.now, known=known),
        origins(config, workload.read(tx, config.goals), look.worked()),
    )


# ── work that serves no objective ────────────────────────────────────────────────────────────────────────────────────


def _lead(look: Look, worked: Worked) -> dict[str, Any]:
    """The sentence, the effort by what it served, and the weeks before."""
    answer = orphans_report.summary(look.config, worked, look.speak)
    return {
        "sentence": answer["sentence"],
        "served": _served(answer["totals"], look),
        "trend": _trend(answer["trend"], look),
    }


def _served(totals: Mapping[str, Any], look: Look) -> list[dict[str, Any]]:
    """The parts of one bar of 100, side by side, with their words; none where there was no effort."""
    parts, start = [], 0.0
    for name in SERVED:
        share = totals[f"effort_share_{name}"]
        if share is not None and share >= TOLD:
            words = {"word": look.say(f"site.overview.served.{name}"), "share": percent(share, look.speak)}
            parts.append({"name": name, "x": plain(start, 2), "width": plain(100 * share, 2), **words})
            start += 100 * share
    return parts


def _trend(weeks: Sequence[Mapping[str, Any]], look: Look) -> dict[str, Any] | None:
    """The bars with the words around them: under the first and the last, above the last two and the highest."""
    drawn = trend([week["effort_share_orphan"] for week in weeks])
    if drawn is None:
        return None
    names = short_weeks([week["week"] for week in weeks], look.speak)
    figures = [percent(week["effort_share_orphan"], look.speak) for week in weeks]
    highest = min(range(len(weeks)), key=lambda place: drawn.bars[place].y)
    last = len(weeks) - 1
    bars = [
        {
            "at": bar,
            "running": not week["whole"],
            "name": names[place] if place in (0, last) else "",
            "figure": figures[place] if place == last or (place == highest and place < last - 1) else "",
            "told": f"{names[place]} {figures[place]}",
        }
        for place, (week, bar) in enumerate(zip(weeks, drawn.bars, strict=True))
        if bar.height or week["effort_share_orphan"] is not None
    ]
    alt = look.say("report.trend", trend=", ".join(map(" ".join, zip(names, figures, strict=True))))
    return {"bars": bars, "size": drawn, "alt": alt, "running": any(bar["running"] for bar in bars)}


# ── how many stand how ───────────────────────────────────────────────────────────────────────────────────────────────


def _counts(objectives: Sequence[Mapping[str, Any]], look: Look, asked: Wanted) -> list[dict[str, Any]]:
    """Of the objectives and of the key results, how many have each status, the worst first, as parts of one bar too."""
    goals = list(week_report.goals(objectives))
    of_kind = {kind: [one["status"] for which, one in goals if which == kind] for kind in ("objective", "key_result")}
    return [
        {
            "kind": kind,
            "heading": look.say(f"site.overview.counts.{kind}", n=len(found)),
            "parts": list(_parts(found, look, asked)),
        }
        for kind, found in of_kind.items()
        if found
    ]


def _parts(statuses: Sequence[str], look: Look, asked: Wanted) -> Iterable[dict[str, Any]]:
    mark, start = Marks(look.speak), 0.0
    for status in sorted(set(statuses), key=lambda one: (week_report.rank(one), one)):
        count = statuses.count(status)
        width = 100 * count / len(statuses)
        yield {
            "badge": mark.status(status),
            "count": count,
            "status": status,
            "current": asked.status == status,
            "x": plain(start, 2),
            "width": plain(width, 2),
        }
        start += width


# ── what changed ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _changes(objectives: Sequence[Mapping[str, Any]], look: Look) -> dict[str, Any]:
    """What has another status than a week ago, the worse first, and what moved far with the same one."""
    found = week_report.changes(objectives)
    groups = []
    for direction, tone in TONES.items():
        rows = [_change(one, look) for one in found if one["direction"] == direction]
        if rows:
            words = {"heading": look.say(f"week.direction.{direction}"), "symbol": SYMBOLS[direction], "tone": tone}
            groups.append({**words, "rows": rows[: SHOWN[direction]], "more": rows[SHOWN[direction] :]})
    moved = [_moved(one, look) for one in found if one["direction"] == "moved"]
    since = (look.now - WEEK).astimezone(picture.zone(look.config))
    return {"since": look.say("site.overview.changed", since=f"{since:%Y-%m-%d}"), "groups": groups, "moved": moved}


def _change(change: Mapping[str, Any], look: Look) -> dict[str, Any]:
    mark = Marks(look.speak)
    return {
        **_named(change),
        "before": mark.status(change["status_before"]),
        "now": mark.status(change["status"]),
        "progress_before": percent(change["progress_before"], look.speak),
        "progress": percent(change["progress"], look.speak),
    }


def _moved(change: Mapping[str, Any], look: Look) -> dict[str, str]:
    return {
        **_named(change),
        "step": look.say("week.step", points=apart(change["progress"], change["progress_before"])),
    }


def _named(change: Mapping[str, Any]) -> dict[str, str]:
    of_work = change["kind"] == "key_result"
    where = goal(change["id"]) if of_work else objective(change["id"])
    return {"id": line(change["id"]), "title": titled(change["title"]), "url": where}


PAGE = Page("overview", "/", Wanted, view)
