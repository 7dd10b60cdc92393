"""One item: every hop up to the objective, or where exactly the chain breaks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from config import Config
from okrsync.assess import Freshness
from okrsync.model import Link, Say, Verdict
from okrsync.reports.common import (
    Speak,
    freshness_line,
    freshness_sentence,
    head,
    indented,
    iso,
    short,
    text,
    titled,
)
from okrsync.reports.sheet import Sheet
from okrsync.store.queries import Found

VERDICT_STYLE = {"traced": "green", "exempt": "blue", "orphan": "red", "unresolvable": "yellow"}


def answer(
    found: Found, verdict: Verdict | None, fresh: Freshness, config: Config, now: datetime, speak: Speak
) -> dict[str, Any]:
    """DESIGN's ``trace``; an item outside the configured scope has no verdict of its own."""
    broken = verdict.broken_at if verdict else None
    return {
        **head(fresh, config, now),
        "source": found.source,
        "key": found.key,
        "title": found.title,
        "url": found.url,
        "verdict": verdict.kind.value if verdict else None,
        "class": verdict.orphan.value if verdict and verdict.orphan else None,
        "exemption": speak(verdict.exemption) if verdict and verdict.exemption else None,
        "links": [_link(one, speak) for one in verdict.links] if verdict else [],
        "lost": [_link(one, speak) for one in verdict.lost] if verdict else [],
        "dangling": [{"text": one.text, "where": one.where, "suggestion": one.suggestion} for one in verdict.dangling]
        if verdict
        else [],
        "broken_at": {
            "source": broken.source,
            "key": broken.key,
            "title": broken.title,
            "url": broken.url,
            "why": speak(broken.why),
            "fix": speak(broken.fix),
        }
        if broken
        else None,
    }


def _link(link: Link, speak: Speak) -> dict[str, Any]:
    return {
        "target": link.target,
        "rule": link.rule.value,
        "evidence": speak(link.evidence),
        "since": iso(link.since),
        "path": [
            {"kind": hop.kind, "source": hop.source, "key": hop.key, "title": hop.title, "hop": hop.hop}
            for hop in link.path
        ],
    }


COLUMNS = ("target", "rule", "since", "step", "hop", "kind", "source", "key", "title", "evidence", "fix")
SHOWN = ("target", "hop_word", "key", "title", "evidence", "fix")


def sheet(answer: Mapping[str, Any], speak: Speak) -> Sheet:
    """A row a hop of each link; where the chain breaks, one row that tells where and why."""
    rows = []
    for link in answer["links"]:
        for step, hop in enumerate(link["path"]):
            word = speak(Say.of(f"report.hop.{hop['hop']}"))
            said = {"evidence": link["evidence"] if step == 0 else None, "fix": None}
            rows.append({**hop, **said, **{name: link[name] for name in ("target", "rule", "since")}, "step": step})
            rows[-1]["hop_word"] = word
    if broken := answer["broken_at"]:
        word = speak(Say.of("sheet.break"))
        place = {"kind": None, "source": broken["source"], "key": broken["key"], "title": broken["title"]}
        nowhere = {"target": None, "rule": None, "since": None, "step": len(rows), "hop": "break", "hop_word": word}
        rows.append({**nowhere, **place, "evidence": broken["why"], "fix": broken["fix"]})
    lead = [f"{answer['key']}  {answer['title']}", _verdict(answer, speak)]
    lead += [answer["exemption"]] if answer["exemption"] else []
    title = speak(Say.of("sheet.title.trace", key=answer["key"]))
    return Sheet(title, (*lead, freshness_sentence(answer, speak)), COLUMNS, rows, SHOWN)


def _verdict(answer: Mapping[str, Any], speak: Speak) -> str:
    word = speak(Say.of(f"report.verdict.{answer['verdict'] or 'context'}"))
    return word + (f" ({speak(Say.of('report.class.' + answer['class']))})" if answer["class"] else "")


def draw(answer: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    """The thread from the item upwards, a hop a line; then what lost, then the break and its mend."""
    verdict = answer["verdict"]
    parts: list[RenderableType] = [
        Text.assemble(
            text(short(answer["key"]), "bold"), "  ", titled(answer["title"]), "  ",
            Text(_verdict(answer, speak), style=VERDICT_STYLE.get(verdict or "", "dim")),
        ),
    ]  # fmt: skip
    for link in answer["links"]:
        parts += _thread(link, speak)
    if answer["exemption"]:
        parts.append(indented(text(answer["exemption"]), 2))
    for link in answer["lost"]:
        code = "report.lost" if link["target"] else "report.lost_exemption"
        parts.append(indented(text(speak(Say.of(code, target=link["target"], evidence=link["evidence"])), "dim"), 2))
    if broken := answer["broken_at"]:
        own = broken["key"] == answer["key"] and broken["source"] == answer["source"]
        parts += (
            []
            if own
            else [indented(Text.assemble("✂ ", text(broken["key"], "bold"), "  ", titled(broken["title"])), 2)]
        )
        parts.append(indented(Text.assemble("✂ " if own else "  ", text(broken["why"])), 2))
        parts.append(indented(text(f"→ {broken['fix']}", "bold"), 2))
    return [*parts, freshness_line(answer, speak)]


def _thread(link: Mapping[str, Any], speak: Speak) -> list[RenderableType]:
    since = speak(Say.of("report.since", since=(link["since"] or "")[:10]))
    parts: list[RenderableType] = [indented(Text.assemble(text(link["evidence"]), f"  ({since})"), 2)]
    for depth, hop in enumerate(link["path"]):
        relation = speak(Say.of(f"report.hop.{hop['hop']}"))
        step = Text.assemble("└ ", (relation + " ", "dim")) if depth else Text()
        parts.append(
            indented(Text.assemble(step, text(short(hop["key"]), "bold"), "  ", titled(hop["title"])), 2 * depth + 4)
        )
    return parts
