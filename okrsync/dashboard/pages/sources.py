"""The sources: whether each is read in full and in time, what its token may do, what is left of its limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from okrsync.dashboard.look import Asked, Look, Page
from okrsync.dashboard.marks import SYMBOLS, Marks
from okrsync.reports import alerts
from okrsync.reports import sources as report
from okrsync.reports.common import LATE, iso, line

TONES = {"ok": "good", "auth_failed": "bad", "unreachable": "bad"}
"""Of the states of a source; any other is a warning."""
COMMANDS = {
    "late": "okrsync sync --source {source}",
    "degraded": "okrsync check-config --online",
    "auth_failed": "okrsync check-config --online",
    "unreachable": "okrsync check-config --online",
    "needs_confirmation": "okrsync sync --source {source} --allow-mass-delete",
    "never": "okrsync sync --source {source}",
    "partial": "okrsync check-config --online",
}
"""What to type about a source that is not as it should be."""
NAMES = {"jira": "Jira", "github": "GitHub", "asana": "Asana"}
SCARCE, SHORT = 0.25, 0.1  # of a limit: from here on it is shown as a warning, and as bad
LENGTHS = (("days", 86_400), ("hours", 3600), ("minutes", 60), ("seconds", 1))


def view(look: Look, _: Asked) -> Mapping[str, Any]:
    answer = report.answer(look.tx, look.config, look.now, look.gauges)
    late = {one["source"] for one in answer["behind"] if one["state"] == LATE}
    found = [_source(one, late, look) for one in answer["sources"]]
    return {
        "title": look.say("site.sources"),
        "lead": _lead(found, look),
        "rests": _rests(answer["maintenance"], look),
        "alerts": [_alert(one, look) for one in alerts.answer(look.tx, look.config, look.now, look.speak)["alerts"]],
        "sources": found,
        "maintenance": list(_maintenance(look)),
    }


def _lead(found: list[dict[str, Any]], look: Look) -> str:
    if not found:
        return look.say("site.sources.none")
    ill = [one["id"] for one in found if one["state"]["tone"] != "good"]
    if not ill:
        return look.say("site.sources.well", count=len(found))
    return look.say("site.sources.ill", ill=len(ill), names=", ".join(ill))


def _alert(one: Mapping[str, Any], look: Look) -> dict[str, str]:
    return {
        "kind": look.say(f"alert.kind.{one['kind']}"),
        "told": one["told"],
        "since": look.say("site.sources.alerts.since", at=Marks(look.speak).instant(one["since"])),
        "leads": one["path"],
    }


# ── maintenance ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _rests(maintenance: Mapping[str, Any] | None, look: Look) -> str:
    if maintenance is None:
        return ""
    until, why = Marks(look.speak).instant(maintenance["until"]), maintenance["why"]
    return look.say("site.sources.rests.why" if why else "site.sources.rests", until=until, why=why or "")


def _maintenance(look: Look) -> Iterator[dict[str, str]]:
    """Those that are configured and not over."""
    for one in look.config.schedule.maintenance:
        if one.cron is not None and one.lasts is not None:
            when = look.say("site.sources.maintenance.cron", cron=one.cron, lasts=_lasts(one.lasts, look))
        elif one.start is not None and one.end is not None and look.now < one.end:
            start, end = (Marks(look.speak).instant(iso(at)) for at in (one.start, one.end))
            when = look.say("site.sources.maintenance.once", start=start, end=end)
        else:
            continue
        yield {"when": when, "why": line(one.why)}


# ── one of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _source(one: Mapping[str, Any], late: set[str], look: Look) -> dict[str, Any]:
    state = one["state"]
    if state == "ok" and one["id"] in late:
        state = LATE
    if state == "ok" and one["unreadable"]:
        state = "partial"
    command = COMMANDS.get(state, "").format(source=one["id"])
    return {
        "id": one["id"],
        "kind": NAMES.get(one["kind"], one["kind"]),
        "state": _state(state, look),
        "error": line(one["error"] or ""),
        "fix": look.say(f"site.sources.fix.{state}", command="\0").split("\0") if command else [],
        "command": command,
        "unreadable": [{"key": line(scope["key"]), "why": line(scope["why"])} for scope in one["unreadable"]],
        "facts": [
            {"name": look.say(f"site.sources.{name}"), "value": value, "note": note}
            for name, value, note in _facts(one, look)
        ],
        "places": [
            {"place": line(hook["place"]), "making": "" if hook["made"] else look.say("site.sources.hooks.making")}
            for hook in one["hooks"]["places"]
        ],
        "deliveries": ", ".join(
            look.say(f"site.sources.deliveries.{fate}", count=count)
            for fate, count in one["hooks"]["deliveries"].items()
            if count
        ),
        "token": _token(one["token"], look),
        "limits": [_limit(limit, look) for limit in one["limits"]],
    }


def _state(state: str, look: Look) -> dict[str, str]:
    tone = TONES.get(state, "warn")
    return {"symbol": SYMBOLS[tone], "word": look.say(f"site.sources.state.{state}"), "tone": tone}


def _facts(one: Mapping[str, Any], look: Look) -> Iterator[tuple[str, str, str]]:
    """What is known of it: a name, what is told, and what stands beside that."""
    mark = Marks(look.speak)
    last = one["last_success"]
    if last:
        yield "last", _ago(last, look), mark.instant(last)
    else:
        yield "last", look.say("site.sources.last.never"), ""
    plan = (
        look.say("site.sources.cron", cron=one["cron"])
        if one["cron"]
        else look.say("site.sources.every", lasts=_lasts(timedelta(seconds=one["every_seconds"]), look))
    )
    due = mark.instant(one["next"]) if one["next"] else look.say("site.sources.next.unknown")
    yield "next", due, plan
    yield "held", mark.number(one["items"]), ""
    for name in ("requests", "skipped"):
        yield name, mark.number(one[name]), look.say("site.sources.since")


def _ago(at: str, look: Look) -> str:
    """How long ago that was."""
    passed = look.now - datetime.fromisoformat(at)
    told = "site.sources.ago.now" if passed < timedelta(minutes=1) else "site.sources.ago"
    return look.say(told, lasts=_lasts(passed, look))


def _lasts(length: timedelta, look: Look) -> str:
    """In the largest unit of which there is a whole one."""
    seconds = max(int(length.total_seconds()), 1)
    unit, of = next((unit, of) for unit, of in LENGTHS if seconds >= of)
    return look.say(f"site.sources.lasts.{unit}", count=seconds // of)


def _token(token: Mapping[str, Any], look: Look) -> dict[str, Any]:
    rights = token["rights"]
    asked = token["asked_at"]
    return {
        **_until(token["expires_at"], look),
        "product": line(token["product"] or ""),
        "asked": look.say("site.sources.rights.asked", at=Marks(look.speak).instant(asked)) if asked else "",
        "rights": None
        if rights is None
        else [
            {
                "name": line(name),
                "tone": "good" if granted else "calm",
                "symbol": "✔" if granted else "✖",
                "word": look.say(f"site.sources.rights.{'yes' if granted else 'no'}"),
            }
            for name, granted in rights.items()
        ],
        "lacks": [
            {
                "text": line(lack["text"]),
                "surfaces": look.say("site.sources.lacks.surfaces", names=", ".join(lack["surfaces"]))
                if lack["surfaces"]
                else "",
            }
            for lack in token["lacks"]
        ],
    }


def _until(expires: str | None, look: Look) -> dict[str, Any]:
    """Until when the token is good, and a warning where that is soon, or was."""
    if expires is None:
        return {"until": look.say("site.sources.token.open"), "warned": None}
    at, left = Marks(look.speak).instant(expires), datetime.fromisoformat(expires) - look.now
    if left <= timedelta():
        warned = {"symbol": SYMBOLS["bad"], "word": look.say("site.sources.token.ended"), "tone": "bad"}
        return {"until": look.say("site.sources.token.over", at=at), "warned": warned}
    warned = {"symbol": SYMBOLS["warn"], "word": look.say("site.sources.token.soon"), "tone": "warn"}
    soon = left < look.config.alerts.expiring
    told = look.say("site.sources.token.good", at=at, lasts=_lasts(left, look))
    return {"until": told, "warned": warned if soon else None}


def _limit(limit: Mapping[str, Any], look: Look) -> dict[str, Any]:
    mark = Marks(look.speak)
    share = limit["left"] / limit["limit"] if limit["limit"] else None
    low = share is not None and share < SCARCE
    resets = limit["resets_at"]
    return {
        "name": line(limit["name"]),
        "share": mark.share(share),
        "tone": "bad" if share is not None and share < SHORT else "warn" if low else "good",
        "told": look.say(
            "site.sources.limits.left", left=mark.number(limit["left"]), limit=mark.number(limit["limit"])
        ),
        "resets": look.say("site.sources.limits.resets", at=mark.instant(resets)) if resets else "",
    }


PAGE = Page("sources", "/sources", Asked, view, kept=False)
