"""The report of a week as one page: headings, tables and drawings, for the screen, a mailbox and paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from okrsync.model import Say
from okrsync.reports import burn_up, pages
from okrsync.reports import week as week_report
from okrsync.reports.common import (
    STATUS_STYLE,
    TITLE,
    Speak,
    apart,
    freshness_sentence,
    instant,
    line,
    number,
    percent,
    plain,
    short,
    short_weeks,
)
from okrsync.reports.status import measure

GAPS = 15
"""Gaps of one severity that are listed."""
KEYS = 4
"""Keys of items that stand beside a cause."""
TONES = {"green": "good", "yellow": "warn", "red": "bad", "dim": "calm"}
TREND = (320, 64)  # width and height of the drawing of the weeks


def render(answer: Mapping[str, Any], speak: Speak, language: str) -> str:
    """The page; every text in it comes from here, on one line, and is escaped by the template."""

    def say(code: str, **args: Any) -> str:
        return speak(Say.of(code, **args))

    view = {
        "headline": week_report.headline(answer, speak),
        "name": answer["instance"],
        "over": answer["over"],
        "at": instant(answer["at"]),
        "gaps_at": instant(answer["gaps_at"]),
        "sentence": answer["sentence"],
        "fresh": freshness_sentence(answer, speak),
        "complete": answer["complete"] and answer["as_of"] is not None,
        "counts": [{**_badge(status, speak), "count": n} for status, n in week_report.counted(answer).items()],
        "changes": list(_changes(answer["changes"], speak)),
        "moved": [_moved(one, speak) for one in answer["changes"] if one["direction"] == "moved"],
        "objectives": [_objective(one, answer["objectives"], speak) for one in answer["objectives"]],
        "totals": say("report.totals", **{name: answer["totals"][name] for name in ("items", *_VERDICTS)}),
        "exempt": _exempt(answer, speak),
        "trend": _trend(answer["trend"], speak),
        "groups": [_group(group, answer["groups"], speak) for group in answer["groups"]],
        "more_groups": answer["groups_total"] - len(answer["groups"]),
        "gaps": _gaps(answer["gaps"], speak),
        "sources": [_source(source, answer["behind"], speak) for source in answer["sources"]],
    }
    frame = {"width": burn_up.WIDTH, "height": burn_up.HEIGHT}
    return pages.template("week.html").render(view=view, say=say, language=language, frame=frame) + "\n"


_VERDICTS = ("traced", "exempt", "orphan", "unresolvable")


def _badge(status: str, speak: Speak) -> dict[str, str]:
    """Symbol, word and tone: never colour alone."""
    symbol, style = STATUS_STYLE.get(status, ("○", "dim"))
    return {"symbol": symbol, "word": speak(Say.of(f"status.{status}")), "tone": TONES[style]}


def _changes(changes: Sequence[Mapping[str, Any]], speak: Speak) -> Iterator[dict[str, Any]]:
    """What has another status, a group a direction."""
    for direction, tone in (("worse", "bad"), ("judged", "calm"), ("better", "good"), ("other", "calm")):
        rows = [_change(one, speak) for one in changes if one["direction"] == direction]
        if rows:
            yield {"direction": speak(Say.of(f"week.direction.{direction}")), "tone": tone, "rows": rows}


def _change(change: Mapping[str, Any], speak: Speak) -> dict[str, Any]:
    return {
        "id": line(change["id"]),
        "title": _title(change["title"]),
        "before": _badge(change["status_before"], speak),
        "now": _badge(change["status"], speak),
        "progress_before": percent(change["progress_before"], speak),
        "progress": percent(change["progress"], speak),
    }


def _moved(change: Mapping[str, Any], speak: Speak) -> dict[str, str]:
    step = _step(change["progress_before"], change["progress"], speak)
    return {"id": line(change["id"]), "title": _title(change["title"]), "step": step}


def _objective(goal: Mapping[str, Any], every: Sequence[Mapping[str, Any]], speak: Speak) -> dict[str, Any]:
    parents = {one["id"]: one["parent"] for one in every}
    return {
        **_goal(goal, speak),
        "depth": min(_depth(goal["id"], parents), 3),
        "measured": speak(Say.of("report.measured", measured=goal["measured"])),
        "above": f"{speak(Say.of('report.hop.' + goal['relation']))} {line(goal['parent'])}" if goal["parent"] else "",
        "key_results": [_key_result(kr, speak) for kr in goal["key_results"]],
    }


def _depth(goal: str, parents: Mapping[str, str | None]) -> int:
    depth, above = 0, parents.get(goal)
    while above is not None and above in parents:
        depth, above = depth + 1, parents[above]
    return depth


def _goal(goal: Mapping[str, Any], speak: Speak) -> dict[str, Any]:
    before = goal["before"]
    share = goal["progress"]
    return {
        "id": line(goal["id"]),
        "title": _title(goal["title"]),
        "owner": line(goal["owner"]) if goal["owner"] else "",
        "badge": _badge(goal["status"], speak),
        "was": _badge(before["status"], speak)["word"] if before["status"] != goal["status"] else "",
        "published": _published(goal, speak),
        "progress": percent(share, speak),
        "filled": None if share is None else plain(100 * min(max(share, 0.0), 1.0)),
        "step": _step(before["progress"], share, speak),
        "causes": [_cause(cause) for cause in goal["cause"]],
        "narrative": line(goal["narrative"] or ""),
        "draft": speak(Say.of("week.draft")),
    }


def _published(goal: Mapping[str, Any], speak: Speak) -> str:
    """What was said of it at the time, where the numbers say otherwise by now."""
    published = goal.get("published")
    if not published:
        return ""
    status = speak(Say.of(f"status.{published['status']}"))
    return speak(Say.of("week.published", status=status, progress=percent(published["progress"], speak)))


def _step(before: float | None, now: float | None, speak: Speak) -> str:
    """How far it came in the week, in points."""
    if before is None or now is None:
        return ""
    points = apart(now, before)
    return "" if points == "0" else speak(Say.of("week.step", points=points))


def _key_result(kr: Mapping[str, Any], speak: Speak) -> dict[str, Any]:
    forecast = kr["forecast"]["date"]
    return {
        **_goal(kr, speak),
        "measure": [line(fact) for fact in measure(kr, speak)],
        "forecast": speak(Say.of("week.forecast", date=forecast)) if forecast else "",
        "drawing": _drawing(kr, speak),
    }


def _cause(cause: Mapping[str, Any]) -> dict[str, Any]:
    keys = [short(line(key)) for key in cause["items"][:KEYS]]
    more = cause.get("items_total", len(cause["items"])) - len(keys)
    return {"text": line(cause["text"]), "keys": keys, "more": more}


def _drawing(kr: Mapping[str, Any], speak: Speak) -> dict[str, Any] | None:
    """The burn-up, with a sentence for those who do not see it."""
    drawn = burn_up.burn_up(kr["burn_up"], kr["window"])
    if drawn is None:
        return None
    last = kr["burn_up"][-1]
    told = Say.of(
        "week.drawing",
        id=line(kr["id"]),
        planned=percent(last["planned"], speak),
        reached=percent(last["progress"], speak),
    )
    return {"lines": drawn, "alt": speak(told)}


# ── work that serves no objective ────────────────────────────────────────────────────────────────────────────────────


def _exempt(answer: Mapping[str, Any], speak: Speak) -> str:
    share = answer["totals"].get("effort_share_exempt")
    return "" if share is None else speak(Say.of("week.exempt", share=percent(share, speak)))


def _trend(trend: Sequence[Mapping[str, Any]], speak: Speak) -> dict[str, Any] | None:
    """A bar a week, each with its figure; what is not known leaves its place empty."""
    if not [one for one in trend if one["effort_share_orphan"] is not None]:
        return None
    width, height = TREND
    step = width / max(len(trend), 6)
    top = max(0.1, *(one["effort_share_orphan"] or 0.0 for one in trend))
    bars = []
    names = short_weeks([one["week"] for one in trend], speak)
    for place, (one, name) in enumerate(zip(trend, names, strict=True)):
        share = one["effort_share_orphan"]
        tall = 0.0 if share is None else share / top * (height - 30)
        bars.append(
            {
                "x": plain(place * step + 2),
                "middle": plain(place * step + step / 2),
                "y": plain(height - 14 - tall),
                "width": plain(step - 4),
                "height": plain(tall),
                "figure": "" if share is None else percent(share, speak),
                "week": name,
            }
        )
    alt = ", ".join(f"{bar['week']} {bar['figure'] or '—'}" for bar in bars)
    return {"width": width, "height": height, "bars": bars, "alt": speak(Say.of("report.trend", trend=alt))}


def _group(group: Mapping[str, Any], every: Iterable[Mapping[str, Any]], speak: Speak) -> dict[str, Any]:
    several = len({one["source"] for one in every}) > 1
    name = short(line(group["name"]))
    return {
        "key": f"{group['source']}:{name}" if several and group["source"] else name,
        "url": pages.web(group["url"]),
        "title": _title(group["title"]),
        "why": speak(Say.of(f"report.class.{group['class']}")) if group["class"] else "",
        "items": str(group["items"]),
        "effort": number(group["effort"], speak),
        "suggestion": line(group["suggestion"] or ""),
    }


# ── gaps, sources ────────────────────────────────────────────────────────────────────────────────────────────────────


def _gaps(gaps: Sequence[Mapping[str, Any]], speak: Speak) -> list[dict[str, Any]]:
    """The gravest severity first; of each what is listed, and how many more there are."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for gap in gaps:
        found.setdefault(gap["severity"], []).append(gap)
    return [
        {
            "severity": speak(Say.of(f"report.severity.{severity}")),
            "count": len(alike),
            "more": max(0, len(alike) - GAPS),
            "rows": [
                {
                    "kind": speak(Say.of(f"report.gap_kind.{gap['kind']}")),
                    "subject": _title(gap["subject"]),
                    "evidence": line(gap["evidence"]),
                    "fix": line(gap["fix"]),
                }
                for gap in alike[:GAPS]
            ],
        }
        for severity, alike in found.items()
    ]


def _source(source: Mapping[str, Any], behind: Iterable[Mapping[str, Any]], speak: Speak) -> dict[str, Any]:
    faults = [one for one in behind if one["source"] == source["id"]]
    told = [
        f"{line(one['scope'])} {speak(Say.of('report.state.' + one['state']))}"
        if one["scope"]
        else speak(Say.of(f"report.state.{one['state']}"))
        for one in faults
    ]
    return {
        "id": line(source["id"]),
        "fine": not faults,
        "state": ", ".join(told) or speak(Say.of("week.source_fine")),
        "last": instant(source["last_success"]),
        "items": str(source["items"]),
    }


def _title(title: object) -> str:
    shown = line(title)
    return shown if len(shown) <= TITLE else shown[: TITLE - 1] + "…"
