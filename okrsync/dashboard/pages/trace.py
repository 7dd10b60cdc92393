"""One item: its thread up to the goals, hop by hop, or where the thread breaks and what mends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from mapping.tree import GoalTree
from okrsync import typed
from okrsync.dashboard import marks
from okrsync.dashboard.likely import likely
from okrsync.dashboard.look import Asked, Look, Page
from okrsync.mending import linking
from okrsync.reports import pages, thread
from okrsync.reports import trace as report
from okrsync.reports.common import line, short
from okrsync.reports.runs import about_answer
from okrsync.reports.writes import surface
from okrsync.store import queries
from okrsync.store.queries import Found
from okrsync.typed import Unclear

LONGEST = 500
"""Letters of what is looked for, as the field takes them."""

EXAMPLES = 6
WRITES = 20
"""The writes that are shown, the newest first."""

TONES = {"applied": "good", "failed": "bad", "unknown": "warn", "intended": "warn"}


class Wanted(Asked):
    """``suggest`` asks for the likely parent, which takes a moment in a large company."""

    item: str = Field("", max_length=LONGEST)
    suggest: bool = False


def view(look: Look, asked: Wanted) -> Mapping[str, Any]:
    around: dict[str, Any] = {
        "title": look.say("site.trace"),
        "item": asked.item,
        "found": None,
        "unclear": None,
        "examples": [],
    }
    if not asked.item.strip():
        return {**around, "examples": _examples(look)}
    found = typed.look_up(look.tx, look.config, asked.item)
    if isinstance(found, Unclear):
        return {**around, "unclear": _unclear(look, found), "examples": _examples(look)}
    answer = report.answer(look.tx, look.config, found, look.assess(), look.speak)
    title = " ".join(filter(None, (short(line(found.key)), marks.titled(found.title))))
    return {**around, "title": title, "found": _found(look, found, answer, asked)}


# ── what names no item ───────────────────────────────────────────────────────────────────────────────────────────────


def _unclear(look: Look, unclear: Unclear) -> dict[str, Any]:
    """Why there is no thread, and where to go instead: (words, address)."""
    links = [(one, marks.thread(None, one)) for one in unclear.meant]
    if unclear.why == "goal":
        name, objective = unclear.meant
        links = [(name, marks.objective(name) if name == objective else marks.goal(name))]
    code = "unknown.meant" if unclear.why == "unknown" and unclear.meant else unclear.why
    said = look.say(f"site.trace.{code}", text=unclear.text, count=len(unclear.meant))
    return {"said": said, "links": links, "forms": unclear.why == "unknown"}


def _examples(look: Look) -> list[dict[str, Any]]:
    """A few items of all kinds, with what is known of them."""
    configured = {source.id for source in look.config.sources}
    mark = marks.Marks(look.speak)
    return [
        {**mark.item({"source": one.source, "key": one.key, "title": one.title}), "kind": _kind(look, one.kind.value)}
        for one in queries.samples(look.tx, configured)[:EXAMPLES]
    ]


# ── an item ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _found(look: Look, found: Found, answer: Mapping[str, Any], asked: Wanted) -> dict[str, Any]:
    broken = answer["broken_at"]
    return {
        "kind": _kind(look, answer["kind"]),
        "source": found.source,
        "url": pages.web(answer["url"]),
        "verdict": answer["verdict"],
        "class": answer["class"],
        "links": [_link(look, one) for one in answer["links"]],
        "exemption": answer["exempt_because"] and marks.capital(answer["exempt_because"]),
        "exempt_path": _hops(look, answer["exempt_path"] or [_self(answer)]),
        "broken": _broken(look, broken, answer, asked) if broken else None,
        "beside": [{"sign": sign, "pieces": marks.linked(said)} for sign, said in thread.beside(answer, look.speak)],
        "written": list(_written(look, found)),
    }


def _self(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: answer[name] for name in ("kind", "source", "key", "title", "url")}, "hop": "item", "why": None}


def _link(look: Look, link: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "said": marks.capital(link["said"]),
        "rule": look.say(f"rule.{link['rule']}"),
        "evidence": line(link["evidence"]),
        "suspect": link["suspect"],
        "hops": _hops(look, link["path"]),
    }


def _hops(look: Look, path: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The hops, from the item upwards: each with what leads to it, and where it leads."""
    return [
        {
            "key": short(line(hop["key"])),
            "title": marks.titled(hop["title"]),
            "kind": _kind(look, hop["kind"]),
            "source": hop["source"],
            "why": hop["why"] and line(hop["why"]),
            "address": _address(hop),
            "url": pages.web(hop["url"]),
            "status": hop.get("status"),
            "progress": hop.get("progress"),
        }
        for hop in path
    ]


def _address(hop: Mapping[str, Any]) -> str:
    """Where a hop is told of; nothing for the item that this page is about."""
    match hop["kind"], hop["hop"]:
        case "key_result", _:
            return marks.goal(hop["key"])
        case "objective", _:
            return marks.objective(hop["key"])
        case _, "item":
            return ""
        case _:
            return marks.thread(hop["source"], hop["key"])


def _kind(look: Look, kind: str | None) -> str:
    return look.say(f"site.trace.kind.{kind}") if kind else ""


# ── a break ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _broken(look: Look, broken: Mapping[str, Any], answer: Mapping[str, Any], asked: Wanted) -> dict[str, Any]:
    mend = answer["mend"]
    steps = [marks.linked(marks.capital(step)) for step in thread.steps(mend)]
    place = {"source": mend["source"], "key": mend["key"], "title": mend["title"], "url": mend["url"]}
    by_hand = mend["links"] is not None and not any("okrsync link" in step for step in mend["steps"])
    likely = mend["likely"]["goal"] if mend["likely"] else None
    served = [one for one in mend["goals"] if one["items"]] or mend["goals"]
    return {
        "hops": [] if answer["links"] else _hops(look, thread.way(answer) or [_self(answer)]),
        "why": marks.capital(line(broken["why"])),
        "fix": marks.capital(line(mend["fix"])),
        "place": marks.Marks(look.speak).item(place),
        "steps": steps,
        "gains": [marks.capital(one) for one in thread.gains(mend, look.speak)],
        "command": _command(look, mend, likely) if by_hand else "",
        "served": bool(served and served[0]["items"]),
        "choice": [{**one, "address": _goal(look, one["id"])} for one in served[: thread.CHOICE]],
        "likely": _likely(look, answer) if asked.suggest else None,
        "ask": bool(mend["links"]) and not asked.suggest,
    }


def _command(look: Look, mend: Mapping[str, Any], goal: str | None) -> str:
    """What links it without opening the tool."""
    example = goal or GoalTree(look.config.goals, look.now).example or ""
    return linking(mend["source"], short(mend["key"]), example)


def _goal(look: Look, name: str) -> str:
    return marks.goal(name) if name in look.config.goals.key_results else marks.objective(name)


def _likely(look: Look, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The likely parent of what is to be mended, with how sure that is; or why there is none."""
    mend = answer["mend"]
    found = typed.look_up(look.tx, look.config, f"{mend['source']}:{mend['key']}")
    if isinstance(found, Unclear):
        return {"lead": (), "found": []}
    told = likely(look, item=found.uid)
    return {"lead": told.lead[1:], "found": list(told.found.values())}


# ── what was written ─────────────────────────────────────────────────────────────────────────────────────────────────


def _written(look: Look, found: Found) -> Iterator[dict[str, Any]]:
    for one in about_answer(look.tx, found.source, found.remote_id, look.speak)[:WRITES]:
        yield {
            "where": surface(one, look.speak),
            "state": _state(look, one["state"]),
            "at": one["at"],
            "run": one["run"],
            "why": one["error"] or one["why"],
        }


def _state(look: Look, state: str) -> dict[str, str]:
    symbol, _, word = look.say(f"write.state.{state}").partition(" ")
    return {"symbol": symbol, "word": word, "tone": TONES.get(state, "calm")}


PAGE = Page("trace", "/trace", Wanted, view)
